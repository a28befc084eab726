"""Learners: a household made up for each, whose registry comes in by the importer of real ones, so that no two ever meet.

A learner is a draft of the wizard TRAINING: its `ref` is what his cookie holds, its answers are the household and his progress.
"""

import fcntl
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mygas import clock
from mygas.domain import drafts
from mygas.domain.signing_in import User
from mygas.domain.work import unit_of_work
from mygas.exchange.demo import write_lesson
from mygas.exchange.importing import import_registry
from mygas.extensions import db, keyring
from mygas.settings import Settings
from mygas.suppliers import Supplier
from mygas.words import N_, Refused

TRAINING = "training"
HOUSEHOLDS, STRIDE = 100_000, 7919
"""Learners are spread over the numbers that AccountRule.generate makes, so that one who mistypes his meets nobody."""
FULLEST = 256 * 1024 * 1024
"""Bytes of a shift's database with which it takes no more newcomers: what 2,000 of them leave is a quarter of it."""


@dataclass(frozen=True)
class Learner:
    """Somebody who learns, with his «учебная квитанция». `reading` is the last one, whole m³; `charge_kop` the last month's.

    `phone` and `email` are made up, canonical, and nobody else's: what is sent there is on the training phone.
    """

    ref: str
    supplier: str
    number: str
    holder: str
    address: str
    serial: str
    reading: int
    charge_kop: int
    pin: str
    phone: str
    email: str

    @property
    def contacts(self) -> tuple[str, str]:
        return self.phone, self.email


def begin(supplier: Supplier, settings: Settings) -> Learner:
    """A fresh learner, whose account the supplier knows by now. Opens its transactions itself. Raises Refused when it is full."""
    with _one_at_a_time(settings.data_dir), tempfile.TemporaryDirectory(dir=settings.data_dir) as folder:
        seat = _free_seat(settings)
        index = (seat + 1) * STRIDE % HOUSEHOLDS
        seed = keyring.fingerprint(TRAINING, str(index))
        home = write_lesson(Path(folder), supplier, index, seed, today=supplier.today())
        import_registry(Path(folder), supplier, settings.database_url, pin_mac=keyring.pin_mac, progress=_silent, now=clock.now)
        with unit_of_work():
            draft = drafts.begin(TRAINING)
            learner = Learner(
                draft.ref, supplier.slug, home.number, home.holder, home.address, home.serial, home.reading, home.charge_kop,
                home.pin, f"+79{index:09d}", f"uchenik{index}@example.ru",
            )  # fmt: skip
            draft.answers["learner"] = asdict(learner)
    return learner


def find(ref: str | None) -> Learner | None:
    """The learner of that cookie."""
    draft = drafts.find(TRAINING, ref)
    return Learner(**draft.answers["learner"]) if draft else None


def has_joined(learner: Learner) -> bool:
    """Whether he has registered in the portal."""
    return bool(db.session.scalar(db.select(db.exists().where(User.login.in_(learner.contacts)))))


def progress(learner: Learner) -> dict[str, Any]:
    """What was noted of his way so far, by name."""
    draft = drafts.find(TRAINING, learner.ref)
    return dict(draft.answers.get("progress", {})) if draft else {}


def note(learner: Learner, facts: Mapping[str, Any]) -> None:
    """Note these facts of his way, beside what is noted already. To be called in a unit of work."""
    draft = drafts.find(TRAINING, learner.ref, to_change=True)
    if draft:
        draft.answers["progress"] = {**draft.answers.get("progress", {}), **facts}


def _free_seat(settings: Settings) -> int:
    """How many learners the shift has had. Half of all seats are this shift's, for two are open at a time."""
    taken = drafts.count(TRAINING)
    database = settings.data_dir / "mygas.db"
    if taken >= settings.learners // 2 or database.stat().st_size > FULLEST:
        raise Refused(N_("Сейчас все учебные места заняты: они освобождаются через несколько часов. Зайдите, пожалуйста, позже."))
    return taken


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Newcomers of all processes take turns: an import is never alone with another, and no seat is given twice."""
    with (folder / "learners.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _silent(_done: int, _of: int) -> None:
    """One household is there before a progress bar is."""
