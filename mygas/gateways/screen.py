"""Messages that stay on this machine: one JSON object a line, for the demo page and for tests."""

import json
import os
from collections.abc import Collection, Iterator
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


def read(path: Path, limit: int, to: Collection[str] | None = None) -> list[dict[str, Any]]:
    """The last `limit` messages, newest first: `at` (ISO 8601, UTC), `to`, `channel` ("sms", "email"), `text`.

    Those `to` these contacts alone, where they are given. Reads a big file from its end and passes over what a power cut has
    torn: a message begins at its `{"at"`, which no text can hold with its quotes unescaped.
    """
    messages: list[dict[str, Any]] = []
    named = [json.dumps(one, ensure_ascii=False).encode() for one in to] if to is not None else [b""]
    for line in _newest_first(path):
        if len(messages) == limit:
            break
        if any(name in line for name in named) and (message := _parsed(line)) and (to is None or message["to"] in to):
            messages.append(message)
    return messages


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(line[line.rfind(b'{"at"') :])
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


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


def _newest_first(path: Path) -> Iterator[bytes]:
    """The lines of a file, the last one first; that one is perhaps torn."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        start, torn = file.seek(0, os.SEEK_END), b""
        while start > 0:
            start, end = max(0, start - _BLOCK), start
            file.seek(start)
            torn, *lines = (file.read(end - start) + torn).split(b"\n")
            yield from reversed(lines)
        yield torn
