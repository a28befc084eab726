"""The daily seals over the audit: an edit behind the triggers' back is found (promises.md §6.4)."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mygas import clock
from mygas.domain import audit, audit_seals
from mygas.domain.work import unit_of_work
from mygas.extensions import db, transactions_may_write
from mygas.jobs import housekeeping, sealing
from mygas.models import AuditEntry, AuditSeal
from tests.domain.test_races import together


def deeds(app, day: str, count: int) -> None:
    for turn in range(count):
        with time_machine.travel(f"{day}T12:{turn:02d}:00Z"), app.app_context(), unit_of_work():
            audit.by_system("scan.delete", user_id=1, account_id=2, request=turn, words="Ёлка")


def seal(app, moment: str) -> list[AuditSeal]:
    with time_machine.travel(moment), app.app_context():
        sealing.seal(app)
        return list(db.session.scalars(db.select(AuditSeal).order_by(AuditSeal.last_id)))


@pytest.fixture
def sealed(app):
    """Three days of entries, three seals, and entries of today."""
    for day in ("24", "25", "26"):
        deeds(app, f"2026-11-{day}", 3)
        seal(app, f"2026-11-{int(day) + 1}T02:00:00Z")
    deeds(app, "2026-11-27", 2)
    return app


def behind_the_back(app, statement: str) -> None:
    """Change the audit as somebody would who has the database in his hands."""
    with app.app_context(), transactions_may_write():
        for table in ("audit", "audit_seal"):
            if db.engine.dialect.name == "sqlite":
                for deed in ("update", "delete"):
                    db.session.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{deed}"))
            else:
                db.session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        db.session.execute(text(statement))
        db.session.commit()


def verify(app, *words: str):
    return app.test_cli_runner().invoke(args=["audit", "verify", *words])


def test_a_day_is_sealed_once_it_is_over(app):
    assert sealing.seal in housekeeping.DEEDS
    deeds(app, "2026-11-24", 2)
    assert seal(app, "2026-11-24T23:59:00Z") == seal(app, "2026-11-25T00:30:00Z") == []
    (one,) = seal(app, "2026-11-25T01:30:00Z")
    assert (one.day.isoformat(), one.rows) == ("2026-11-24", 2)
    assert len(seal(app, "2026-11-25T01:40:00Z")) == len(seal(app, "2026-11-26T09:00:00Z")) == 1, "nothing new, no seal"
    deeds(app, "2026-11-27", 1)
    two = seal(app, "2026-12-05T09:00:00Z")
    assert [(seal.day.isoformat(), seal.rows) for seal in two] == [("2026-11-24", 2), ("2026-12-04", 1)]
    assert two[0].digest != two[1].digest


def test_what_was_not_touched_is_whole(sealed):
    answer = verify(sealed)
    assert answer.exit_code == 0 and "Печатей: 3, записей под ними: 9" in answer.output and "цел" in answer.output
    digest = re.search(r"[0-9a-f]{64}", answer.output)[0]
    assert verify(sealed, "--seal", digest).exit_code == 0
    assert verify(sealed, "--seal", "0" * 64).exit_code == 1


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE audit SET outcome = 'wrong' WHERE id = 5",
        "UPDATE audit SET user_id = NULL WHERE id = 6",
        "UPDATE audit SET detail = '{}' WHERE id = 4",
        "UPDATE audit SET at = '2026-11-25 12:00:01+00:00' WHERE id = 4",
        "DELETE FROM audit WHERE id = 5",
        "UPDATE audit_seal SET rows = 2 WHERE day = '2026-11-25'",
    ],
)
def test_an_edit_is_found_on_its_day(sealed, edit):
    behind_the_back(sealed, edit)
    answer = verify(sealed)
    assert answer.exit_code == 1 and "за 25.11.2026" in answer.output and "записей 4–6" in answer.output
    assert answer.output.count("Не сходится") == 1


def test_seals_made_anew_differ_from_the_one_noted(sealed):
    noted = re.search(r"[0-9a-f]{64}", verify(sealed).output)[0]
    behind_the_back(sealed, "UPDATE audit SET outcome = 'wrong' WHERE id = 2")
    behind_the_back(sealed, "DELETE FROM audit_seal")
    seal(sealed, "2026-11-27T02:00:00Z")
    assert verify(sealed).exit_code == 0, "by itself the chain cannot tell"
    assert verify(sealed, "--seal", noted).exit_code == 1


def test_the_database_itself_refuses(sealed):
    for statement in ("UPDATE audit_seal SET digest = ''", "DELETE FROM audit_seal", "DELETE FROM audit"):
        with sealed.app_context(), pytest.raises(DBAPIError, match="append-only"), transactions_may_write():
            db.session.execute(text(statement))


def test_two_workers_seal_once(app):
    with app.app_context(), unit_of_work():
        row = {"actor": "system", "action": "scan.delete", "outcome": "done", "detail": {}}
        db.session.execute(db.insert(AuditEntry).values(at=clock.now() - timedelta(days=3), **row))
    with app.app_context():
        due = audit_seals.reckon()
    assert sum(together(app, lambda _turn: audit_seals.keep(due))) == 1
