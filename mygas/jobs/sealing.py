"""Sealing the audit once a day (domain.audit_seals)."""

import logging

from flask import Flask

from mygas.domain import audit_seals
from mygas.domain.work import unit_of_work
from mygas.extensions import db

_log = logging.getLogger("mygas.security")


def seal(_app: Flask) -> None:
    """Seal what is due; the digest goes to the log, where whoever changes the database does not reach it."""
    due = audit_seals.reckon()
    db.session.rollback()
    if due is None:
        return
    with unit_of_work():
        kept = audit_seals.keep(due)
    if kept:
        _log.info("audit sealed", extra={"day": due.day.isoformat(), "rows": due.rows, "digest": due.digest})
