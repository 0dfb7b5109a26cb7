"""Become another program that ends when its starter does: ``tether.py <starter's pid> <signal> <user> <program> …``.

On Linux the kernel sends ``signal`` when the starter ends, kill -9 included. Elsewhere the program is started without.
With a ``user`` (``-`` for none), root is given up first, as PostgreSQL demands, except for the one capability to pass
through folders that are closed to others, such as a clone below /root. Run as a file: it imports nothing of the portal.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_SECUREBITS = 28
SECBIT_NO_SETUID_FIXUP = 1 << 2
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522


def become(starter: int, death_signal: int, user: str, command: list[str]) -> None:
    """Replace this process with ``command``."""
    if user != "-":
        give_up_root(user)
    if sys.platform == "linux":
        prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != starter:
        sys.exit(1)
    # Python ignores these two, and what is ignored stays so in the program that follows.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    os.execvp(command[0], command)  # noqa: S606 - the caller's own program, no shell wanted


def give_up_root(user: str) -> None:
    """Turn into ``user``, keeping the capability to open any folder and handing it on to the program."""
    account = pwd.getpwnam(user)
    # Without this bit, access(2) leaves the capability out of account, and PostgreSQL asks it about its own files.
    prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    kept = 1 << CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    effective_permitted_inheritable = (ctypes.c_uint32 * 6)(kept, kept, kept, 0, 0, 0)
    succeed("capset", libc().capset(header, effective_permitted_inheritable))
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE)


def prctl(option: int, *arguments: int) -> None:
    padded = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    succeed("prctl", libc().prctl(option, *padded))


def libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def succeed(call: str, answer: int) -> None:
    if answer != 0:
        sys.exit(f"{call}: {os.strerror(ctypes.get_errno())}. Root is confined here: start as an ordinary user.")


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
