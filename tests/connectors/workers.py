"""Other processes that do what workers do with what they share; run by :func:`together`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from time import sleep, time
from typing import Any

from requests import Response

from connectors import oauth
from connectors.grants import Grant, Token
from connectors.http import GuardedSession, open_session
from connectors.shared import Bucket, tally

HOUSE = Path(__file__).resolve().parents[2]


def together(act: str, tasks: Sequence[dict[str, Any]]) -> list[Any]:
    """Do an act of this module in one process for each task, all at once; return what each answered."""
    programs = [start(act, task) for task in tasks]
    for program in programs:  # each has come up when it says so, and goes on when it is told
        assert program.stdout
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        assert program.stdin
        program.stdin.write("go\n")
        program.stdin.flush()
    answers = [program.communicate(timeout=60)[0] for program in programs]
    assert [program.returncode for program in programs] == [0] * len(programs)
    return [json.loads(answer) for answer in answers]


def start(act: str, task: dict[str, Any]) -> subprocess.Popen[str]:
    """Start one process, which waits for a line."""
    detour = {"OUTBOUND_CONNECT_TO": f"*={task['detour']}"} if "detour" in task else {}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.connectors.workers", act, json.dumps(task)],
        cwd=HOUSE,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"} | detour,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def fetch(task: dict[str, Any]) -> str:
    with _session() as session:
        return oauth.fetch(session, _grant(task)).value


def send(task: dict[str, Any]) -> list[int]:
    with _session() as session, ThreadPoolExecutor(task["threads"]) as threads:

        def once(_: int) -> int:
            return oauth.authorised(session, _grant(task), partial(_post, session)).status_code

        return list(threads.map(once, range(task["threads"])))


def count(task: dict[str, Any]) -> list[int]:
    return [tally(task["key"], date.fromisoformat(task["day"])) for _ in range(task["times"])]


def call(task: dict[str, Any]) -> list[list[float]]:
    """Make calls through a bucket, from several threads; answer when each began and ended."""
    bucket = Bucket(**task["bucket"])

    def once(_: int) -> list[float]:
        with bucket.enter(30):
            began = time()
            sleep(task["takes"])
            return [began, time()]

    with ThreadPoolExecutor(task["threads"]) as threads:
        return list(threads.map(once, range(task["calls"])))


def _session() -> GuardedSession:
    return open_session(deadline=10, pool_size=8)


def _grant(task: dict[str, Any]) -> Grant:
    return Grant(url=task["url"], fields={"client_id": "portal"}, secret_fields={"client_secret": "sesame-secret"})


def _post(session: GuardedSession, token: Token) -> Response:
    return session.post("https://leads.contoso.example/in", headers={"Authorization": f"Bearer {token.value}"})


ACTS = {"fetch": fetch, "send": send, "count": count, "call": call}

if __name__ == "__main__":
    print("ready", flush=True)  # noqa: T201 - the process that started us reads it
    with suppress(EOFError):
        input()
    print(json.dumps(ACTS[sys.argv[1]](json.loads(sys.argv[2]))))  # noqa: T201 - and this
