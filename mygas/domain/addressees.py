"""Who answers questions: the portal's own support, or a supplier."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from mygas.models import PORTAL
from mygas.suppliers import Supplier
from mygas.words import N_

PORTAL_NAME = N_("Служба поддержки личного кабинета")
_SATURDAY = 5


@dataclass(frozen=True)
class Addressee:
    """`email` is as people write it, with its domain in any letters; it and `phone` are empty where there is none.

    `copied`: each new question is sent to `email` too. `answer_days` are working days.
    """

    slug: str
    name: str
    email: str
    phone: str
    answer_days: int
    copied: bool
    time_zone: ZoneInfo

    def answer_by(self, since: datetime) -> date:
        """The day by which a question of that moment is answered: Monday to Friday count, holidays are not known."""
        day, left = since.astimezone(self.time_zone).date(), self.answer_days
        while left:
            day += timedelta(days=1)
            left -= day.weekday() < _SATURDAY
        return day


class Addressees(Mapping[str, Addressee]):
    """All of them by slug, the portal's own first; the others are the suppliers as the catalogue knows them when asked."""

    def __init__(self, portal: Addressee, suppliers: Mapping[str, Supplier]) -> None:
        self._portal, self._suppliers = portal, suppliers

    def __getitem__(self, slug: str) -> Addressee:
        return self._portal if slug == PORTAL else of(self._suppliers[slug])

    def __iter__(self) -> Iterator[str]:
        yield PORTAL
        yield from self._suppliers

    def __len__(self) -> int:
        return 1 + len(self._suppliers)


def of(supplier: Supplier) -> Addressee:
    """Those who answer in the supplier's name."""
    rules = supplier.support
    return Addressee(
        slug=supplier.slug,
        name=supplier.name,
        email=supplier.support_email,
        phone=supplier.support_phone,
        answer_days=rules.answer_days,
        copied=rules.copy,
        time_zone=supplier.time_zone,
    )
