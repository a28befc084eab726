"""Pages ask once: each question about an account is one statement, so no answer is half of one registry, half of another."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from mygas.domain import visible
from mygas.extensions import db
from tests.exchange.registry import TABLES, bring, write


@pytest.mark.parametrize("ask", ["card", "months", "payments", "meters", "readings", "contracts", "acts", "imported_pin"])
def test_each_question_is_one_statement_by_the_key(app: Flask, tmp_path: Path, database_url: str, ask: str) -> None:
    bring(write(tmp_path / "in"), database_url)
    asked: list[str] = []
    with app.app_context():
        account = visible.find_account("perm", "59000001")
        event.listen(db.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
        assert getattr(visible, ask)(account.id)
        assert len(asked) == 1
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                values = (1,) * asked[0].count("?")
                plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0]}", values)]
            assert not any(step == f"SCAN {table}" for step in plan for table in TABLES), plan


def test_what_no_registry_has_brought_is_not_there(app: Flask, tmp_path: Path, database_url: str) -> None:
    with app.app_context():
        assert visible.find_account("perm", "59000001") is None
        assert visible.card(1) is None and visible.imported_pin(1) is None
        assert visible.months(1) == visible.payments(1) == visible.meters(1) == visible.acts(1) == []
    bring(write(tmp_path / "in"), database_url)
    with app.app_context():
        assert visible.find_account("perm", "59000001") is not None
        assert visible.find_account("volga", "59000001") is None, "another supplier's account of the same number"
