"""Lynx in a terminal of the test's own: keys in, words out. Nothing but what a person at a text terminal has."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager

_ROWS, _COLUMNS = 500, 100  # every page fits, so all of it is on the screen
_MOVES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>]|[\x0e\x0f\r\n]+")
_PATIENCE = 15.0  # seconds
_QUIET = 0.1  # seconds without output after which the screen counts as drawn

TAB, ENTER, ERASE = "\t", "\r", "\x15"
FIELD, PASSWORD, CHECKBOX, BUTTON = "Textfield", "Password entry", "Checkbox", "submit button"
_KINDS = re.compile(f"{FIELD}|{PASSWORD}|{CHECKBOX}|{BUTTON}|Radio Button|NORMAL LINK")


class Lynx:
    """One window of lynx. The status line says of what kind the field is that the cursor stands on; it is drawn anew only
    where that differs from the field before."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._drawn = ""
        self._kind = ""

    def sees(self, text: str) -> None:
        """Wait until these words are drawn."""
        deadline = time.monotonic() + _PATIENCE
        while text not in self.text:
            assert time.monotonic() < deadline, f"{text!r} is not on the screen, but: {self.text}"
            self._read()
        self._settle()

    def press(self, *keys: str) -> None:
        """Press keys; what was drawn before is forgotten."""
        self._drawn = ""
        os.write(self._terminal, "".join(keys).encode())
        self._settle()

    def move_to(self, kind: str) -> None:
        """Press Tab until the cursor stands on a field of that kind."""
        for _ in range(40):
            self.press(TAB)
            if self._kind == kind:
                return
        raise AssertionError(f"no {kind} on the page")

    def fill(self, kind: str, text: str) -> None:
        """Go to the next field of that kind and write there."""
        self.move_to(kind)
        self.press(ERASE, text)

    def push(self) -> None:
        """Go to the next button and push it."""
        self.move_to(BUTTON)
        self.press(ENTER)

    def go(self, url: str) -> None:
        """Open an address, from a page just loaded: the cursor must not stand in a field."""
        self.press("g", url, ENTER)

    @property
    def text(self) -> str:
        """What was drawn since the last key, spaces of any kind as one."""
        return " ".join(self._drawn.split())

    def wait(self, quiet: float) -> None:
        """Wait until nothing was drawn for so many seconds."""
        while self._read(quiet):
            pass

    def _settle(self) -> None:
        self.wait(_QUIET)

    def _read(self, patience: float = 1.0) -> bool:
        ready, _, _ = select.select([self._terminal], [], [], patience)
        if not ready:
            return False
        self._drawn += _MOVES.sub(" ", os.read(self._terminal, 65536).decode(errors="replace"))
        self._kind = [self._kind, *_KINDS.findall(self._drawn)][-1]
        return True


@contextmanager
def lynx(program: str, url: str, *, numbered: bool = False) -> Iterator[Lynx]:
    """Open the address in a fresh lynx that remembers nothing. `numbered`: links and fields are drawn with their numbers, in the
    order in which Tab goes through them."""
    command = [program, "-accept_all_cookies", "-display_charset=utf-8", "-assume_charset=utf-8", "-nopause", "-nocolor"]
    command += ["-number_fields", url] if numbered else [url]
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="vt100", LC_ALL="C.UTF-8", LINES=str(_ROWS), COLUMNS=str(_COLUMNS))
        os.execv(program, command)  # noqa: S606 - no shell is wanted
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
    try:
        yield Lynx(terminal)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)
