"""The monthly errand: from sign-in to «Показания приняты», and all that may go otherwise on the way."""

import pytest
import time_machine

from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Connection, SentReading
from tests.billing import reading, tell
from tests.browser import Browser
from tests.walks import PASSWORD, PHONE

NUMBER = "59000001"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-20T09:00:00+00:00", tick=True) as traveller:
        yield traveller


@pytest.fixture
def home(app, browser, connected) -> Browser:
    """At the account's first page, in the basic version of Пермь: one meter, last read at 2000 m³."""
    connected(browser)
    tell(app, NUMBER, reading("2025-10-20", 1000), reading("2025-11-20", 1100), reading("2026-10-20", 2000, "inspector"))
    return browser.get(browser.path)


def field_of(browser: Browser, place: int = 0) -> str:
    """The name of the form's field for a meter."""
    return [str(one["name"]) for one in browser.page.select("input[name^=reading_]")][place]


def kept(app) -> list[SentReading]:
    with app.app_context():
        return list(db.session.scalars(db.select(SentReading).order_by(SentReading.id)))


def change(app, **columns: object) -> None:
    """Change the only connection."""
    with app.app_context(), unit_of_work():
        connection = db.session.scalars(db.select(Connection)).one()
        for name, value in columns.items():
            setattr(connection, name, value)


def test_three_pages_from_sign_in_to_taken(app, home):
    """The sign-in, the account's first page, «Показания приняты»."""
    home.submit("Выйти")
    pages = [home.h1]
    home.submit(login=PHONE, password=PASSWORD)
    pages.append(home.h1)
    assert "Прежнее: 2 000 м³ от 20.10.2026 (контролёр). Цифр до запятой — 5." in home.text
    assert "Войдёт в начисления за ноябрь 2026. Передать и исправить можно до 28.11.2026: ещё 8 дней." in home.text
    home.submit("Отправить показания", **{field_of(home): "2128,4"})
    pages.append(home.h1)
    assert pages == ["Вход в личный кабинет", f"Счёт {NUMBER}", "Показания приняты"]
    (row,) = kept(app)
    assert (row.value_milli, row.consumed_milli, row.period) == (2_128_400, 128_400, 202611)
    for words in (
        f"Показание № {row.id} 2 128,4 м³", "Расход 128,4 м³ ≈ 987,40 ₽", "Войдёт в начисления за ноябрь 2026",
        "Принято порталом 20.11.2026 14:00", "Передано поставщику ещё нет", "Решение поставщика ещё нет",
        "Исправить можно до 28.11.2026",
    ):  # fmt: skip
        assert words in home.text
    assert home.path.endswith("/readings/sent")
