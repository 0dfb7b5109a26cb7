from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from portal.predecessors import await_end, command_line
from portal.processes import Program, StartError, running, wait_until
from portal.supervisor import Charge, supervised
from tests.portal.machinery import all_gone, eventually

SLEEP = "import time; print('at work', flush=True); time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + SLEEP
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}]);" + SLEEP


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Program]:
    def make(code: str, **options: object) -> Program:
        log = tmp_path / "sleeper.log"
        return Program(name="sleeper", command=[sys.executable, "-c", code], log=log, **options)  # type: ignore[arg-type]

    return make


MakeProgram = Callable[..., Program]


def sleepers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if SLEEP in command_line(child.pid)]


def test_a_program_that_ends_is_named_and_started_again(program: MakeProgram) -> None:
    said: list[str] = []
    with supervised([program(SLEEP)], dict(os.environ), said.append) as look:
        [first] = sleepers()
        first.kill()

        def another() -> bool:
            look()
            return [sleeper.pid for sleeper in sleepers()] not in ([], [first.pid])

        assert eventually(another)
    assert said[0].startswith("sleeper ended (signal 9); starting it again.")


def test_a_program_that_keeps_ending_is_started_at_growing_intervals(program: MakeProgram) -> None:
    said: list[str] = []
    charge = Charge(program("raise SystemExit(3)"), dict(os.environ), said.append)
    pauses, now = [], 1000.0
    for _ in range(9):
        charge.look(now)
        assert charge.process is not None
        charge.process.wait()
        charge.look(now)
        pauses.append(charge.due - now)
        now = charge.due
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert "exit code 3" in said[0]


def test_a_long_good_run_is_forgiven(program: MakeProgram) -> None:
    charge = Charge(program("raise SystemExit(1)"), dict(os.environ), lambda words: None, pause=30)
    charge.look(0)
    assert charge.process is not None
    charge.process.wait()
    charge.look(61)
    assert charge.due == 61.5


def test_leaving_ends_all_and_their_children(program: MakeProgram) -> None:
    with running(program(PARENT)) as process:
        assert eventually(lambda: psutil.Process(process.pid).children() != [])
        family = psutil.Process(process.pid).children()
    assert all_gone(family)


def test_what_does_not_heed_a_farewell_is_killed(program: MakeProgram) -> None:
    stubborn = program(STUBBORN, patience=0.2, announces="at work")
    with running(stubborn) as process:
        wait_until(stubborn.at_work, program=stubborn, process=process, seconds=10)
    assert process.returncode == -signal.SIGKILL


def test_a_program_s_own_settings_give_way_to_those_it_is_started_with(program: MakeProgram) -> None:
    told = program("import os; print(os.environ['A'], os.environ['B'])", environment={"A": "own", "B": "own"})
    assert told.start({"B": "given"}).wait(10) == 0
    assert told.log.read_text() == "own given\n"


def test_waiting_in_vain_quotes_the_log(program: MakeProgram) -> None:
    silent = program(SLEEP)
    with running(silent) as process, pytest.raises(StartError, match="did not answer within 1 seconds"):
        wait_until(lambda: False, program=silent, process=process, seconds=1)
    broken = program("raise SystemExit('no paper left')")
    with running(broken) as process, pytest.raises(StartError, match=r"ended as soon(.|\n)*no paper left"):
        wait_until(lambda: False, program=broken, process=process, seconds=10)


def test_a_number_that_belongs_to_somebody_else_now_is_left_alone(program: MakeProgram, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    with running(program(SLEEP)) as process:
        pid_file.write_text(str(process.pid))
        await_end(pid_file, mark="another program", farewell=signal.SIGKILL, seconds=1)
        assert process.poll() is None


def test_an_earlier_process_that_does_not_stop_is_named(program: MakeProgram, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    stubborn = program(STUBBORN, patience=0.1, announces="at work")
    with running(stubborn) as process:
        wait_until(stubborn.at_work, program=stubborn, process=process, seconds=10)
        pid_file.write_text(f"{process.pid}\n")
        with pytest.raises(StartError, match=f"Process {process.pid} of an earlier run does not stop"):
            await_end(pid_file, mark="at work", farewell=signal.SIGTERM, seconds=0.3)
