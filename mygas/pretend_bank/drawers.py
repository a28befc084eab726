"""Where the training bank keeps what it knows: a JSON file each, written whole or not at all.

A file appears by a rename and changes come one at a time, so that any process may be killed at any moment. What a killed
process left half done is at worst one hidden file. Power cuts are not thought of: nobody's money is here.
"""

import fcntl
import hashlib
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mygas import clock

Thing = dict[str, Any]
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_KEPT = 24 * 3600 * 1000  # milliseconds for which an idempotence key is honoured


def now_ms() -> int:
    """The present moment in milliseconds of Unix time."""
    return int(clock.now().timestamp() * 1000)


def new_id() -> str:
    """Like YooKassa's: begins with the second of its birth, which tells the drawer; the rest cannot be guessed."""
    chance = secrets.token_hex(10)
    return f"{now_ms() // 1000:08x}-{chance[:4]}-5000-{chance[4:8]}-{chance[8:]}"


@dataclass(frozen=True)
class Drawers:
    """`payments` and `refunds` by day of birth, `keys` of idempotence, `tasks` by the moment they are due."""

    folder: Path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else changes anything meanwhile, in this process or another."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def read(self, kind: str, name: str) -> Thing | None:
        """What `write` wrote, or None; `name` is an id."""
        place = self._place(kind, name)
        return _read(place) if place else None

    def write(self, kind: str, name: str, thing: Thing) -> None:
        """Keep a payment or a refund. Only while locked."""
        if place := self._place(kind, name):
            self._put(place, thing)

    def since(self, kind: str, begin: datetime, end: datetime) -> Iterator[str]:
        """The ids born from `begin` on and before `end`, oldest first, by the day: the caller looks at the very moment."""
        day, last = begin.astimezone(UTC).date(), end.astimezone(UTC).date()
        while day <= last:
            folder = self.folder / kind / day.isoformat()
            if folder.is_dir():
                yield from sorted(file.stem for file in folder.glob("[0-9a-f]*.json"))
            day += timedelta(days=1)

    def answer(self, key: str, body: str) -> tuple[bool, Thing | None]:
        """Whether the key is new or was used for the same `body`, and what was answered then."""
        known = _read(self._key(key))
        if known is None or known["at"] < now_ms() - _KEPT:
            return True, None
        return known["body"] == _digest(body), known["answer"]

    def remember(self, key: str, body: str, answer: Thing) -> None:
        """What was answered to the key. Only while locked, and before what the answer speaks of is kept."""
        self._put(self._key(key), {"at": now_ms(), "body": _digest(body), "answer": answer})

    def promise(self, due: int, task: Thing) -> None:
        """Something to be done at a moment in milliseconds."""
        self._put(self.folder / "tasks" / f"{due:014d}-{secrets.token_hex(6)}.json", task)

    def due(self) -> Iterator[tuple[Path, Thing]]:
        """What is to be done by now, oldest first; done is what has been unlinked."""
        folder = self.folder / "tasks"
        latest = f"{now_ms():014d}-~"
        for file in sorted(file for file in folder.glob("[0-9]*.json") if file.name < latest):
            if task := _read(file):
                yield file, task

    def forget_old_keys(self) -> None:
        """Throw away keys that are honoured no more."""
        for file in (self.folder / "keys").glob("[0-9a-f]*.json"):
            if file.stat().st_mtime * 1000 < now_ms() - _KEPT:
                file.unlink(missing_ok=True)

    def _place(self, kind: str, name: str) -> Path | None:
        if not _ID.match(name):
            return None
        born = datetime.fromtimestamp(int(name[:8], 16), UTC).date()
        return self.folder / kind / born.isoformat() / f"{name}.json"

    def _key(self, key: str) -> Path:
        return self.folder / "keys" / f"{_digest(key)}.json"

    def _put(self, place: Path, thing: Thing) -> None:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = place.with_name(f".{secrets.token_hex(6)}")
        fresh.write_text(json.dumps(thing, ensure_ascii=False), encoding="utf-8")
        fresh.replace(place)


def _read(place: Path) -> Thing | None:
    try:
        thing: Thing = json.loads(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return thing


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
