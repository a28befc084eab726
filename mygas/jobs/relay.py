"""The relay: finds outbox rows that are due, rings for them, and delivers itself what nobody took."""

import logging
import threading
from datetime import timedelta

from flask import Flask

from mygas import clock
from mygas.domain import drafts, limits, operators, outbox, scans, signing_in
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.gateways import Vault
from mygas.jobs import delivery

EVERY = 1.0  # seconds
GRACE = timedelta(seconds=2)  # a row just promised was rung by its request
PATIENCE = timedelta(seconds=4)  # after which the relay does not trust the bell any more
SWEEP_EVERY = 600  # rounds
ORPHAN = timedelta(days=1)  # after which the row of a sealed file will not come any more

_log = logging.getLogger("mygas.jobs")


class Relay(threading.Thread):
    """One round a second until `stop` is called."""

    def __init__(self, app: Flask) -> None:
        super().__init__(name="relay", daemon=True)
        self._app = app
        self._over = threading.Event()

    def run(self) -> None:
        rounds = 0
        while not self._over.wait(EVERY):
            with self._app.app_context():
                try:
                    if rounds == 0:
                        delivery.release_what_the_dead_hold()
                    round_of(self._app)
                    if rounds % SWEEP_EVERY == 0:
                        sweep()
                        sweep_scans(self._app.extensions["gateways"].vault)
                except Exception:
                    _log.exception("a round of the relay failed")
            rounds += 1

    def stop(self) -> None:
        self._over.set()


def round_of(app: Flask) -> int:
    """Ring for what was never heard; deliver what nobody took although it was rung. Returns how many were delivered here."""
    doorbell = app.extensions["doorbell"]
    late = outbox.due(PATIENCE) if doorbell.url else outbox.due()
    waiting = [row_id for row_id in outbox.due(GRACE) if row_id not in set(late)] if doorbell.url else []
    db.session.rollback()
    if waiting and not doorbell.ring(waiting):
        late += waiting
    return sum(delivery.deliver(row_id) != "taken" for row_id in late)


def sweep() -> None:
    """Throw away what is over: sessions, drafts, counters, messages sent long ago."""
    for sweeper in (signing_in.SESSIONS.sweep, operators.SESSIONS.sweep, drafts.sweep, limits.sweep, outbox.sweep):
        with unit_of_work():
            sweeper()


def sweep_scans(vault: Vault) -> None:
    """Destroy scans whose time is over, file first and row after; and files whose row never came (see domain.scans)."""
    for scan in scans.overdue(clock.now()):
        vault.destroy(scan.ref)
        with unit_of_work():
            scans.forget(scan)
    for ref in vault.older_than(clock.now() - ORPHAN):
        if not scans.is_kept(ref):
            vault.destroy(ref)
    db.session.rollback()
