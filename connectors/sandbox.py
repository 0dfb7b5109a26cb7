"""The sandbox: stand-ins for the vendors' systems behind one port, what a demo's destinations are connected to.

Run it with ``python -m connectors.sandbox --port 9101``. A connector takes part with a module
``connectors/<slug>/sandbox.py`` that has

- ``HOSTS``: patterns of the host names it answers for, such as ``("*.contoso.example",)``
- ``respond(call: Call) -> Reply``: a function that answers one request

and where it likes

- ``DEMO``: the settings of a destination that works here, as the form takes them; or a function ``demo()`` that makes
  them, for secrets that are to be random. The demo connects one.
- ``roles()``: the settings of further destinations that the demo's story knows by name
- ``start()``: a context manager around the serving, for a stand-in that needs another program

Calls are told apart by their ``Host``. A browser reaches the pages of a stand-in under ``/<slug>/``.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from connectors.stand_in import Call, Reply, serve

Settings = Mapping[str, Any]
"""Of a destination, as its form takes them."""


class StandIn(Protocol):
    """A sandbox module of a connector, as far as each must have it."""

    HOSTS: tuple[str, ...]

    def respond(self, call: Call, /) -> Reply: ...


@cache
def stand_ins() -> dict[str, StandIn]:
    """Map slug to sandbox module, for every connector that has one."""
    folders = sorted(path.parent.name for path in Path(__file__).parent.glob("*/sandbox.py"))
    return {slug: cast("StandIn", import_module(f"connectors.{slug}.sandbox")) for slug in folders}


def hosts() -> dict[str, str]:
    """Map each host pattern to the slug that answers for it."""
    return {pattern: slug for slug, module in stand_ins().items() for pattern in module.HOSTS}


def connect_to(port: int) -> str:
    """Return the ``OUTBOUND_CONNECT_TO`` that sends every stand-in's hosts to the sandbox on ``port``."""
    return ",".join(f"{pattern}=http://127.0.0.1:{port}" for pattern in hosts())


def demos() -> dict[str, Settings]:
    """Map slug to the settings of a destination that works in the sandbox, for every connector that gives them."""
    modules = stand_ins().items()
    given = {slug: module.DEMO for slug, module in modules if hasattr(module, "DEMO")}
    return given | {slug: module.demo() for slug, module in modules if hasattr(module, "demo")}


def roles() -> dict[str, tuple[str, Settings]]:
    """Map the name of a destination in the demo's story to its connector's slug and its settings."""
    casts = {slug: module.roles() for slug, module in stand_ins().items() if hasattr(module, "roles")}
    return {name: (slug, settings) for slug, cast_ in casts.items() for name, settings in cast_.items()}


@contextmanager
def started() -> Iterator[None]:
    """Run whatever programs the stand-ins need."""
    with ExitStack() as stack:
        for module in stand_ins().values():
            if hasattr(module, "start"):
                stack.enter_context(module.start())
        yield


def respond(call: Call) -> Reply:
    """Answer as the stand-in that the host names, or else the first part of the path."""
    for pattern, slug in hosts().items():
        if fnmatchcase(call.host, pattern):
            return stand_ins()[slug].respond(call)
    slug, slash, rest = call.path.lstrip("/").partition("/")
    if slug in stand_ins() and slash:
        return stand_ins()[slug].respond(replace(call, path=f"/{rest}"))
    return _index()


def main() -> None:
    """Serve every stand-in until the process ends."""
    parser = ArgumentParser(prog="connectors.sandbox", description="Stand in for the vendors' systems.")
    parser.add_argument("--port", type=int, default=9101)
    port = parser.parse_args().port
    with started():
        serve(port, respond)


def _index() -> Reply:
    links = "".join(f'<li><a href="/{slug}/">{slug}</a></li>' for slug in stand_ins())
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox</title><h1>Sandbox</h1><ul>{links}</ul>'
    )
    return Reply(200, page, "text/html; charset=utf-8")


if __name__ == "__main__":
    main()
