"""Few statements a page."""

import pytest
from sqlalchemy import event

from mygas.extensions import db


@pytest.fixture
def htmx():
    return False


def test_signed_in_pages_take_at_most_six_statements(app, browser, connected):
    connected(browser)
    home = browser.path
    seen = []
    with app.app_context():
        engine = db.engine

    @event.listens_for(engine, "before_cursor_execute")
    def count(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.append(statement)

    for address in (home, "/accounts/", "/connect/supplier", "/help/"):
        seen.clear()
        browser.client.get(address)
        assert len(seen) <= 6, f"{address}: {seen}"
        assert seen, "the counter is deaf"
