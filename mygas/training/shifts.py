"""Shifts: which one takes newcomers, how it is opened, when it is thrown away."""

import fcntl
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import flask_migrate
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Flask

from mygas import clock
from mygas.extensions import db
from mygas.settings import ROOT, Settings
from mygas.training.bank import Counter

LONG = 12 * 3600  # seconds for which a shift takes newcomers; for as long again it is open to those who are in

_FOLDER = re.compile(r"([0-9]{1,9})-[0-9a-z_]+\Z")


def number_now() -> int:
    """The shift that takes newcomers. Numbers follow each other, so everybody knows the present one without being told."""
    return int(clock.now().timestamp()) // LONG


@dataclass(frozen=True)
class _Shift:
    app: Flask
    counter: Counter


class Shifts:
    """The shifts as one process knows them; several processes share their folders. `make_app` is mygas.create_app.

    A folder is named by its number and by the edition of its tables: after an upgrade of the portal new shifts begin.
    """

    def __init__(self, settings: Settings, make_app: Callable[[Settings], Flask]) -> None:
        self._settings, self._make_app = settings, make_app
        self._folder = settings.data_dir / "training"
        self._open: dict[int, _Shift] = {}
        self._one_at_a_time = threading.Lock()

    def app(self, number: int) -> Flask:
        """The portal of that shift, the present one for a number that is over or never was. Opened when first asked for."""
        now = number_now()
        number = number if now - 1 <= number <= now else now
        if number not in self._open:
            with self._one_at_a_time:
                if number not in self._open:
                    self._close(before=now - 1)
                    self._open[number] = self._opened(number)
        return self._open[number].app

    def begun(self) -> list[Flask]:
        """The portals of the shifts that anybody has begun; those that are over are thrown away."""
        now = number_now()
        with self._one_at_a_time:
            self._close(before=now - 1)
        return [self.app(number) for number in (now - 1, now) if self._place(number).exists()]

    def prepare(self) -> None:
        """Make the blank database that shifts begin with, so that the first learner need not wait for it."""
        with self._alone():
            self._blank()

    def close(self) -> None:
        """Let go of everything that is open in this process."""
        for number in list(self._open):
            self._let_go(number)

    def _opened(self, number: int) -> _Shift:
        place = self._place(number)
        with self._alone():
            if not place.exists():
                blank = self._blank()
                with self._scratch() as scratch:
                    shutil.copyfile(blank, scratch / "mygas.db")
                    self._settings.for_training(scratch, 0)  # makes the keys
                    scratch.rename(place)
        counter = Counter()
        settings = self._settings.for_training(place, counter.port)
        app = self._make_app(settings)
        app.extensions["shift"] = number
        counter.open(app, place, settings.public_url)
        return _Shift(app, counter)

    def _close(self, *, before: int) -> None:
        """Throw away the shifts before that number, and databases of editions that are past."""
        for number in [known for known in self._open if known < before]:
            self._let_go(number)
        for path in self._folder.iterdir() if self._folder.exists() else ():
            named = _FOLDER.match(path.name)
            if named and (int(named[1]) < before or path != self._place(int(named[1]))):
                shutil.rmtree(path, ignore_errors=True)

    def _let_go(self, number: int) -> None:
        shift = self._open.pop(number)
        shift.counter.close()
        with shift.app.app_context():
            db.engine.dispose()

    def _place(self, number: int) -> Path:
        return self._folder / f"{number}-{self._edition}"

    @cached_property
    def _edition(self) -> str:
        config = Config()
        config.set_main_option("script_location", str(ROOT / "migrations"))
        return str(ScriptDirectory.from_config(config).get_current_head())

    def _blank(self) -> Path:
        """A migrated database without a row, which is copied. To be called alone."""
        blank = self._folder / f"blank-{self._edition}.db"
        if not blank.exists():
            for old in self._folder.glob("blank-*.db"):
                old.unlink()
            with self._scratch() as scratch:
                app = self._make_app(self._settings.for_training(scratch, 0))
                with app.app_context():
                    flask_migrate.upgrade()
                    db.session.remove()
                    db.engine.dispose()
                (scratch / "mygas.db").rename(blank)
        return blank

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process opens a shift meanwhile."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        """A folder that takes its name when it is complete, or is thrown away. To be made alone: others are of the dead."""
        for left in self._folder.glob(".*"):
            shutil.rmtree(left)
        scratch = Path(tempfile.mkdtemp(prefix=".", dir=self._folder))
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
