"""Nothing of a lesson reaches the real portal, and nothing of the portal a lesson: rows, messages, files and logs.

WALKS are what learners do, one after the other in one browser; whoever adds a lesson adds its walk.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from mygas import clock
from mygas.extensions import db
from mygas.jobs import relay
from mygas.training import rounds
from tests.browser import Browser
from tests.training.conftest import School, begin, join

CARD = "2200000000000004"


def register(school: School, browser: Browser) -> None:
    join(school, begin(browser))


def connect(school: School, browser: Browser) -> None:
    learner = school.learner(browser)
    browser.get("/training/connect/supplier").submit(supplier="perm").submit(number=learner.number)
    browser.submit(method="pin", answer=learner.pin)
    assert browser.h1 == f"Счёт {learner.number}", browser.text


def home(browser: Browser) -> str:
    browser.get("/training/accounts/")
    return browser.path


def send_reading(school: School, browser: Browser) -> None:
    browser.get(f"{home(browser)}readings/send")
    names = [str(one["name"]) for one in browser.page.select("main input[name^=reading_]")]
    if names:  # else the window of this supplier is shut today
        browser.submit(**dict.fromkeys(names, str(school.learner(browser).reading + 7)))


def pay(_school: School, browser: Browser) -> None:
    """By the page's own asking alone: no cashier is at work."""
    browser.get(f"{home(browser)}pay/sum").submit("Продолжить")
    browser.submit("Перейти к оплате картой")
    assert browser.path.startswith("/training/pretend-bank/pay/"), browser.path
    browser.click("Банковской картой").submit("ОК", number=CARD, expiry="12/30", cvc="123")
    assert browser.path.startswith("/training/payments/"), browser.path
    with time_machine.travel(clock.now() + timedelta(seconds=4)):
        browser.submit("Проверить сейчас")
    assert "Оплачено" in browser.text, browser.text


def form_receipt(_school: School, browser: Browser) -> None:
    browser.get(f"{home(browser)}receipts").submit("Сформировать")
    (link,) = [a["href"] for a in browser.page.select("main a") if a["href"].endswith("/pdf")]
    answer = browser.client.get(link, buffered=True)
    assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF"), "it was made at once"


def ask_the_support(_school: School, browser: Browser) -> None:
    browser.get("/training/support/new/question").submit(subject="Проба", text="Это учебный вопрос", addressee="portal")
    assert browser.path.startswith("/training/support/"), browser.path
    assert "Это учебный вопрос" in browser.text


WALKS: list[Callable[[School, Browser], None]] = [register, connect, send_reading, pay, form_receipt, ask_the_support]


def dump(app) -> dict[str, list[str]]:
    """Every row of every table."""
    with app.app_context():
        return {table.name: sorted(map(repr, db.session.execute(table.select()))) for table in db.metadata.sorted_tables}


def files(folder: Path) -> dict[str, bytes]:
    """Every file but those of the database, which `dump` reads."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("mygas.db")
    }


def test_nothing_of_the_lessons_reaches_the_portal(school, neighbour, caplog, tmp_path):
    """The neighbour is signed in at the real portal in the same browser."""
    before, kept = dump(school.real), {name: body for name, body in files(tmp_path).items() if not name.startswith("training/")}
    caplog.clear()
    with caplog.at_level(logging.INFO):
        for walk in WALKS:
            walk(school, neighbour)
    rounds.round_of(school.real)
    with school.real.app_context():
        relay.round_of(school.real)
    assert dump(school.real) == before
    assert {name: body for name, body in files(tmp_path).items() if not name.startswith("training/")} == kept
    learner = school.learner(neighbour)
    for name in ("phone", "email", "number", "holder", "pin"):
        assert getattr(learner, name) not in caplog.text, f"the log knows the {name}"
    assert sum(map(len, dump(school.app).values())) > 50, "they did walk"


def test_nothing_of_the_portal_reaches_the_lessons(school, neighbour):
    begin(school.browser())
    before, kept = dump(school.app), files(school.folder)
    neighbour.get("/settings/").submit("Выйти")
    neighbour.get("/recover/contact").submit(login="+79123456789")
    assert dump(school.app) == before
    assert files(school.folder) == kept


@pytest.mark.parametrize(("level", "heard"), [(logging.INFO, False), (logging.ERROR, True)])
def test_the_log_hears_errors_of_lessons_and_says_where(school, level, heard):
    from mygas.training import belongs_to_the_log

    record = logging.LogRecord("mygas", level, "", 0, "signed in", None, None)
    with school.app.app_context():
        assert belongs_to_the_log(record) is heard
    assert vars(record)["portal"] == "/training"
    record = logging.LogRecord("mygas", level, "", 0, "signed in", None, None)
    with school.real.app_context():
        assert belongs_to_the_log(record)
    assert "portal" not in vars(record)
