"""Other processes that deliver to Marketo as workers do; run by :func:`together`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from connectors.base import Receipt
from tests.connectors.leads import lead
from tests.connectors.marketo.acting import deliver

HOUSE = Path(__file__).resolve().parents[3]


def together(tasks: Sequence[dict[str, Any]], seconds: float = 60) -> list[int]:
    """Do one task in each of several processes, all at once; return how many leads each delivered."""
    programs = [_start(task) for task in tasks]
    for program in programs:  # each has come up when it says so, and goes on when it is told
        assert program.stdout
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        assert program.stdin
        program.stdin.write("go\n")
        program.stdin.flush()
    answers = [program.communicate(timeout=seconds)[0] for program in programs]
    assert [program.returncode for program in programs] == [0] * len(programs)
    return [int(answer) for answer in answers]


def _start(task: dict[str, Any]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.connectors.marketo.workers", json.dumps(task)],
        cwd=HOUSE,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "OUTBOUND_CONNECT_TO": f"*={task['detour']}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def deliver_all(task: dict[str, Any]) -> int:
    """Deliver leads with one call each, as many at once as the connector allows."""
    numbers = range(task["from"], task["from"] + task["leads"])
    settings = task.get("settings", {})
    size = task.get("batch", len(numbers))
    batches = [[lead(number) for number in numbers[start : start + size]] for start in range(0, len(numbers), size)]
    with ThreadPoolExecutor(2) as threads:
        results = [result for each in threads.map(lambda batch: deliver(batch, **settings), batches) for result in each]
    return sum(isinstance(result, Receipt) for result in results)


if __name__ == "__main__":
    print("ready", flush=True)  # noqa: T201 - the process that started us reads it
    with suppress(EOFError):
        input()
    print(deliver_all(json.loads(sys.argv[1])))  # noqa: T201 - and this
