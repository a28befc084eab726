"""The supervisor: children are kept alive, stopped in order, and never left behind."""

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mygas.supervisor import AlreadyRunning, only_one
from tests.e2e.portal import ROOT
from tests.jobs.conftest import wait_until

# A child writes `name began|ended pid time` lines; its argument says how it behaves.
CHILD = """
import os, signal, sys, time
name, manner, diary = sys.argv[1:]
def note(what):
    with open(diary, "a") as file:
        file.write(f"{name} {what} {os.getpid()} {time.monotonic()}\\n")
def leave(*_):
    note("ended")
    sys.exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN if manner == "stubborn" else leave)
note("began")
if manner == "frail":
    sys.exit(3)
while True:
    time.sleep(60)
"""

SUPERVISOR = """
import os, sys
from mygas import supervisor
child, diary, *manners = sys.argv[1:]
supervisor.PATIENCE = 1.0
family = [supervisor.Child(name, [sys.executable, "-S", "-c", child, name, manner, diary], os.environ)
          for name, manner in zip(("first", "second", "third"), manners)]
supervisor.supervise(family, ready=lambda: True, report=print)
"""

Begin = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    return tmp_path / "diary"


@pytest.fixture
def begin(diary: Path) -> Iterator[Begin]:
    """Supervise children of these manners, in a process of its own; returns when all of them have begun."""
    processes = []

    def begin(*manners: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", SUPERVISOR, CHILD, str(diary), *manners]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        wait_until(lambda: len({name for name, *_ in lines(diary, "began")}) == len(manners))
        return process

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def lines(diary: Path, what: str) -> list[tuple[str, int, float]]:
    """What the children wrote: (name, process id, seconds)."""
    written = diary.read_text().splitlines() if diary.exists() else []
    rows = [line.split() for line in written]
    return [(name, int(pid), float(at)) for name, did, pid, at in rows if did == what]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_all_are_stopped_in_the_reverse_order(begin: Begin, diary: Path, number: int) -> None:
    process = begin("steady", "steady", "steady")
    process.send_signal(number)
    assert process.wait(10) == 0
    assert [name for name, *_ in lines(diary, "ended")] == ["third", "second", "first"]


def test_who_dies_is_started_again_and_the_others_are_left_alone(begin: Begin, diary: Path) -> None:
    process = begin("steady", "steady")
    pids = {name: pid for name, pid, _ in lines(diary, "began")}
    os.kill(pids["second"], signal.SIGKILL)
    wait_until(lambda: len(lines(diary, "began")) == 3)
    name, pid, _ = lines(diary, "began")[-1]
    assert (name, pid != pids["second"]) == ("second", True)
    process.terminate()
    told, _ = process.communicate(timeout=10)
    assert told == "second ended (signal 9); starting it again\n"
    assert [pid for name, pid, _ in lines(diary, "ended")] == [pid, pids["first"]]


def test_who_keeps_dying_is_given_longer_and_longer_pauses(begin: Begin, diary: Path) -> None:
    begin("frail")
    wait_until(lambda: len(lines(diary, "began")) == 5)
    at = [at for *_, at in lines(diary, "began")]
    pauses = [later - earlier for earlier, later in itertools.pairwise(at)]
    assert pauses == sorted(pauses)
    assert pauses[3] > 1.6


def test_who_will_not_stop_is_killed_in_the_end(begin: Begin, diary: Path) -> None:
    process = begin("stubborn", "steady")
    stubborn = next(pid for name, pid, _ in lines(diary, "began") if name == "first")
    process.terminate()
    assert process.wait(10) == 0
    assert not is_alive(stubborn)


def test_children_do_not_outlive_a_supervisor_that_was_killed(begin: Begin, diary: Path) -> None:
    process = begin("steady", "steady")
    process.kill()
    wait_until(lambda: len(lines(diary, "ended")) == 2)
    wait_until(lambda: not any(is_alive(pid) for _, pid, _ in lines(diary, "began")))


def test_one_supervisor_a_folder(tmp_path: Path) -> None:
    with only_one(tmp_path / "lock"), pytest.raises(AlreadyRunning), only_one(tmp_path / "lock"):
        pass
    with only_one(tmp_path / "lock"):
        assert (tmp_path / "lock").exists()
