"""Keeps child processes alive: starts them, again when they die, stops all on SIGTERM or Ctrl-C. Knows nothing of the portal."""

import contextlib
import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType

LONGEST_PAUSE = 5.0  # seconds before a child that keeps dying is started again
STEADY = 5.0  # seconds after which a child counts as having started well
PATIENCE = 35.0  # seconds given to finish before SIGKILL
_PR_SET_PDEATHSIG = 1


class AlreadyRunning(Exception):
    """Another supervisor holds the lock."""


@dataclass
class Child:
    """A command to keep running. `process` is its present incarnation; it inherits the open files `passed`."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    passed: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = 0.0
    restart_at: float = field(default=0.0)

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own commands
            self.command,
            env=dict(self.env),
            stdin=subprocess.DEVNULL,
            pass_fds=self.passed,
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops its children in order
            preexec_fn=partial(_die_with, os.getpid()) if sys.platform == "linux" else None,  # noqa: PLW1509 - no threads
        )

    def look_after(self, report: Callable[[str], None]) -> None:
        """Start the child again when it died, after a pause that grows while it keeps dying."""
        now = time.monotonic()
        if self.process is not None and (status := self.process.poll()) is not None:
            self.pause = min(max(self.pause * 2, 0.2), LONGEST_PAUSE) if now - self.started_at < STEADY else 0.2
            self.process, self.restart_at = None, now + self.pause
            report(f"{self.name} ended ({_how(status)}); starting it again")
        if self.process is None and now >= self.restart_at:
            self.start()

    def stop(self, deadline: float) -> None:
        """SIGTERM, and SIGKILL for what has not ended by the deadline."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold the lock file for as long as the block lasts. Raises AlreadyRunning."""
    with _held(lock, fcntl.LOCK_EX):
        yield


@contextlib.contextmanager
def together(lock: Path) -> Iterator[None]:
    """Hold the lock file with others, so that `only_one` is refused meanwhile. Raises AlreadyRunning when one holds it alone."""
    with _held(lock, fcntl.LOCK_SH):
        yield


@contextlib.contextmanager
def _held(lock: Path, how: int) -> Iterator[None]:
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(str(lock)) from error
        yield


def supervise(children: Sequence[Child], *, ready: Callable[[], bool], report: Callable[[str], None]) -> None:
    """Start the children in order and look after them until SIGTERM or SIGINT; then stop them in the reverse order.

    `ready` is asked each round until it says yes; it may print where the portal is to be found.
    """
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    announced = False
    try:
        for child in children:
            child.start()
        while not stopping:
            for child in children:
                child.look_after(report)
            announced = announced or ready()
            time.sleep(0.1)
    finally:
        deadline = time.monotonic() + PATIENCE
        for child in reversed(children):
            child.stop(deadline)


def _how(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"status {status}"


def _die_with(parent: int) -> None:
    """A child must not outlive a supervisor that was killed with -9, and hold its port and socket.

    The parent is told by its id: in a container a supervisor may well be process 1, whom orphans else have for a parent.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
