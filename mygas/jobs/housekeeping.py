"""What is done every ten minutes: throw away what is over, plan what is due."""

import logging
from collections.abc import Callable
from functools import partial

from flask import Flask

from mygas.domain import closing, drafts, limits, login_changes, messages, operators, outbox, signing_in, tickets
from mygas.domain.work import unit_of_work
from mygas.jobs import cashier, my_data, receipts, reminding, scan_sweeping, sealing

EVERY = 600.0  # seconds

_log = logging.getLogger("mygas.jobs")


SWEEPERS: tuple[Callable[[], object], ...] = (
    signing_in.SESSIONS.sweep,
    operators.SESSIONS.sweep,
    drafts.sweep,
    limits.sweep,
    outbox.sweep,
    messages.sweep,
    tickets.close_forgotten,
    login_changes.sweep,
    closing.close_withdrawn,
)
"""What throws away or closes what is over, each in a unit of work of its own."""


def sweep(_app: Flask) -> None:
    """All SWEEPERS, each for itself."""
    for sweeper in SWEEPERS:
        _try(sweeper, partial(_in_unit_of_work, sweeper))


DEEDS: tuple[Callable[[Flask], object], ...] = (
    sweep,
    scan_sweeping.sweep,
    receipts.sweep,
    my_data.sweep,
    cashier.look_back,
    cashier.reconcile,
    cashier.check_books,
    sealing.seal,
    reminding.remind,
    reminding.tell_verdicts,
    reminding.announce,
)


def round_of(app: Flask) -> None:
    """All deeds, each for itself: one that fails does not keep the others from being done."""
    for deed in DEEDS:
        _try(deed, partial(deed, app))


def _in_unit_of_work(sweeper: Callable[[], object]) -> None:
    with unit_of_work():
        sweeper()


def _try(deed: Callable[..., object], run: Callable[[], object]) -> None:
    try:
        run()
    except Exception:
        _log.exception("housekeeping failed", extra={"deed": f"{deed.__module__}.{deed.__qualname__}"})
