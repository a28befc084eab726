"""Wizard PAY: a sum is chosen, readings may go along, all is looked over once more, and a payment begins."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from mygas.domain import limits, outages, owing, paying, readings, sums
from mygas.domain.accounts import Connection
from mygas.domain.owing import Split
from mygas.domain.paying import Begun
from mygas.domain.reading_checks import Checked, Entered
from mygas.domain.visitors import Visitor
from mygas.extensions import keyring
from mygas.models import Draft
from mygas.models.types import new_ref
from mygas.suppliers import Supplier
from mygas.words import N_, Refused

_CHANGED = N_(
    "Сумма, комиссия или показания изменены, возможно, в другом окне. Проверьте, что здесь написано, и нажмите кнопку ещё раз."
)
_TOO_MANY = N_("Вы начали слишком много платежей. Новый можно начать через час; начатые — в разделе «Платежи».")
BEGINNINGS = 20  # of one user within an hour


@dataclass(frozen=True)
class Chosen:
    """What the draft holds: kopecks by service, the commission on top, the readings that go along.

    `shown` is a fingerprint of it all: who presses the button has seen this and nothing else.
    """

    split: Split
    commission_kop: int
    entries: tuple[Entered, ...]
    request_key: str
    shown: str

    @property
    def amount_kop(self) -> int:
        return owing.total(self.split)

    @property
    def total_kop(self) -> int:
        """All that the payer pays."""
        return self.amount_kop + self.commission_kop


def choose(
    draft: Draft,
    _visitor: Visitor,
    *,
    supplier: Supplier,
    split: Split,
    checked: Sequence[Checked],
    confirmed: Sequence[str],
    typed: Mapping[str, Any],
) -> None:
    """Keep the choice; `typed` is what the form looked like.

    Raises Refused on the field `amount` for a sum out of bounds, and while payments are off; NotAccepted for readings that
    are wrong or doubted.
    """
    sums.check_bounds(supplier.pay, owing.total(split))
    outages.check("pay", supplier)
    if checked:
        outages.check("readings", supplier)
    readings.insist(checked, confirmed)  # a courtesy, like the bounds: all is checked again when the payment begins
    draft.answers = {
        "split": [list(one) for one in split],
        "entries": [asdict(one.entered) for one in checked],
        "confirmed": list(confirmed),
        "typed": dict(typed),
        "request_key": draft.answers.get("request_key") or new_ref(),
    }


def begin(
    draft: Draft,
    visitor: Visitor,
    *,
    connection: Connection,
    supplier: Supplier,
    shown: str,
    confirmed: Iterable[str],
    acquirer: str,
) -> Begun:
    """Take the readings and begin the payment, in one unit of work: both or neither.

    Raises Refused when the draft has changed since it was shown, and as readings.accept and paying.begin do.
    """
    chosen = chosen_in(draft.answers, supplier)
    if shown != chosen.shown:
        raise Refused(_CHANGED)
    new: Any = {"amount_kop": chosen.amount_kop, "split": list(chosen.split), "request_key": chosen.request_key}
    if paying.known(connection, supplier, **new) is None:
        _count_beginning(connection.user_id)
    if chosen.entries:  # after all other refusals, for a later one would take back what it counts
        readings.accept(visitor, connection, supplier, chosen.entries, {*draft.answers["confirmed"], *confirmed})
    draft.answers = {**draft.answers, "begun": True}
    return paying.begin(visitor, connection, supplier, **new, acquirer_name=acquirer)


def _count_beginning(user_id: int) -> None:
    """Before anything is written. Raises Refused for who begins payments as nobody does who means to pay."""
    if limits.hit("pay", str(user_id), per=timedelta(hours=1)).count > BEGINNINGS:
        raise Refused(_TOO_MANY)


def chosen_in(answers: Mapping[str, Any], supplier: Supplier) -> Chosen:
    """What the first step left."""
    split = tuple((service, int(kopecks)) for service, kopecks in answers["split"])
    commission_kop = sums.commission_kop(supplier.pay, owing.total(split))
    seen = [*(answers[name] for name in ("split", "entries", "request_key")), commission_kop]
    return Chosen(
        split=split,
        commission_kop=commission_kop,
        entries=tuple(Entered(**entered) for entered in answers["entries"]),
        request_key=answers["request_key"],
        shown=keyring.fingerprint("pay", repr(seen)),
    )
