"""Scans and files of tickets whose time is over are destroyed, file first and row after; and files whose row never came
(see domain.scans)."""

from datetime import timedelta

from flask import Flask

from mygas import clock
from mygas.domain import scans, ticket_files
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.gateways import Vault

ORPHAN = timedelta(days=1)  # after which the row of a sealed file will not come any more


def sweep(app: Flask) -> None:
    """Destroy what is overdue."""
    vault: Vault = app.extensions["gateways"].vault
    for scan in scans.overdue(clock.now()):
        vault.destroy(scan.ref)
        with unit_of_work():
            scans.forget(scan)
    for file in ticket_files.overdue(clock.now()):
        vault.destroy(file.ref)
        with unit_of_work():
            ticket_files.forget(file)
    for ref in vault.older_than(clock.now() - ORPHAN):
        if not scans.is_kept(ref) and not ticket_files.is_kept(ref):
            vault.destroy(ref)
    db.session.rollback()
