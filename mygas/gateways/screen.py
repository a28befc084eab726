"""Messages that stay on this machine: one JSON object a line, for the demo page and for tests."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mygas import clock
from mygas.gateways.contract import TryLater, mark

_BLOCK = 64 * 1024


@dataclass(frozen=True)
class ScreenMail:
    """Letters into `path`."""

    path: Path

    def send(self, to: str, subject: str, text: str, key: str) -> str:
        """Append the letter: `text` is its subject, an empty line and its words. Raises TryLater when the disk will not."""
        return _append(self.path, "email", to, f"{subject}\n\n{text}", key)


@dataclass(frozen=True)
class ScreenSms:
    """Short messages into `path`."""

    path: Path

    def send(self, to: str, text: str, key: str) -> str:
        """Append the message. Raises TryLater when the disk will not."""
        return _append(self.path, "sms", to, text, key)


def read(path: Path, limit: int) -> list[dict[str, Any]]:
    """The last `limit` messages, newest first: `at` (ISO 8601, UTC), `to`, `channel` ("sms", "email"), `text`.

    Reads only the tail of a big file and passes over what a power cut has torn: a message begins at its `{"at"`, which no
    text can hold with its quotes unescaped.
    """
    messages: list[dict[str, Any]] = []
    for line in reversed(_last_lines(path, limit + 1)):
        try:
            message = json.loads(line[line.rfind(b'{"at"') :])
        except ValueError:
            continue
        if isinstance(message, dict) and len(messages) < limit:
            messages.append(message)
    return messages


def _append(path: Path, channel: str, to: str, text: str, key: str) -> str:
    """One write at the end of the file, which the system does not mix with another's, then on to the disk."""
    message = {"at": clock.now().isoformat(), "to": to, "channel": channel, "text": text}
    line = json.dumps(message, ensure_ascii=False).encode() + b"\n"
    try:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            written = os.write(file, line)
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        raise TryLater(f"the message was not written: {type(error).__name__}") from None
    if written < len(line):
        raise TryLater("the message was not written whole: the disk is full")
    return f"screen-{mark(key)}"


def _last_lines(path: Path, count: int) -> list[bytes]:
    """At most `count` last lines, the first of them whole, the last perhaps torn."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return []
    with file:
        start, tail = file.seek(0, os.SEEK_END), b""
        while start > 0 and tail.count(b"\n") <= count:
            start, end = max(0, start - _BLOCK), start
            file.seek(start)
            tail = file.read(end - start) + tail
    return tail.splitlines()[-count:]
