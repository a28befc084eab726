"""Nothing of a lesson reaches the real portal, and nothing of the portal a lesson: rows, messages, files and logs.

All lessons are gone through, by who reads the coach's line: whoever adds a lesson has it looked after here. How long anything
takes does not matter: a step that waits is tried again.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from mygas.extensions import db
from mygas.jobs import relay
from mygas.logs import JsonLines
from mygas.training import belongs_to_the_log, desks, rounds
from tests.browser import Browser
from tests.training.conftest import School, begin
from tests.training.pupil import learn_all


def dump(app) -> dict[str, list[str]]:
    """Every row of every table."""
    with app.app_context():
        return {table.name: sorted(map(repr, db.session.execute(table.select()))) for table in db.metadata.sorted_tables}


def files(folder: Path, *, but: str = "") -> dict[str, bytes]:
    """Every file but those of the database, which `dump` reads, and of the folder `but`."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for place in folder.iterdir()
        if place.name != but
        for path in (place, *place.rglob("*"))
        if path.is_file() and not path.name.startswith("mygas.db")
    }


def secrets_of(school: School, browser: Browser) -> Iterator[tuple[str, str]]:
    """What only that learner's lessons may know, by name."""
    learner = school.learner(browser)
    yield from ((name, getattr(learner, name)) for name in ("phone", "email", "number", "holder", "pin"))
    with school.app.app_context():
        desk = desks.of(learner)
    yield from ((name, getattr(desk, name)) for name in ("supplier", "login", "number"))


@pytest.mark.timeout(300)
def test_nothing_of_the_lessons_reaches_the_portal(school, neighbour, caplog, tmp_path):
    """The neighbour is signed in at the real portal in the same browser."""
    before, kept = dump(school.real), files(tmp_path, but="training")
    caplog.clear()
    with caplog.at_level(logging.INFO):
        praised = learn_all(begin(neighbour))
        rounds.round_of(school.real)
        with school.real.app_context():
            relay.round_of(school.real)
    assert len(praised) == 7, "all were gone through"
    assert dump(school.real) == before
    assert files(tmp_path, but="training") == kept
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("mygas.db*"))
    logged = "\n".join(JsonLines().format(record) for record in caplog.records)
    assert school.learner(neighbour).phone in repr(dump(school.app)), "it is known where it belongs"
    for name, value in secrets_of(school, neighbour):
        assert value not in logged, f"the log knows the {name}"
        assert value.encode() not in raw, f"the database knows the {name}"


def test_nothing_of_the_portal_reaches_the_lessons(school, neighbour):
    begin(school.browser())
    before, kept = dump(school.app), files(school.folder)
    neighbour.get("/settings/").submit("Выйти")
    neighbour.get("/recover/contact").submit(login="+79123456789")
    assert dump(school.app) == before
    assert files(school.folder) == kept


@pytest.mark.parametrize(("level", "heard"), [(logging.INFO, False), (logging.ERROR, True)])
def test_the_log_hears_errors_of_lessons_and_says_where(school, level, heard):
    record = logging.LogRecord("mygas", level, "", 0, "signed in", None, None)
    with school.app.app_context():
        assert belongs_to_the_log(record) is heard
    assert vars(record)["portal"] == "/training"
    record = logging.LogRecord("mygas", level, "", 0, "signed in", None, None)
    with school.real.app_context():
        assert belongs_to_the_log(record)
    assert "portal" not in vars(record)
