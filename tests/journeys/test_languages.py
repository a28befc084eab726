"""English pages: words, figures and the page's own name of its language; what waits for a translation stays Russian."""

import re
from datetime import date

import pytest
from flask import render_template_string
from flask_babel import force_locale

from mygas.domain import sums
from mygas.suppliers.rules import Pay
from mygas.web import languages, layout, quantities
from mygas.words import Refused
from tests.browser import Browser
from tests.walks import EMAIL, PASSWORD


def in_english(browser: Browser) -> Browser:
    browser.get("/view").submit("Сохранить", language="en")
    return browser


def test_the_frame_speaks_english(browser):
    in_english(browser).get("/help/")
    assert browser.page.html["lang"] == "en"
    assert browser.page.find("a", class_="skip").text == "Skip to the content"
    assert "Язык" in browser.page.footer.text, "whoever looks for his language reads no other"
    browser.get("/view").submit("Save", language="ru").get("/help/")
    assert browser.page.html["lang"] == "ru"


def test_labels_and_refusals_of_forms_are_translated(browser, monkeypatch):
    known = {"Пароль": "Password", "Введите пароль.": "Enter your password."}
    monkeypatch.setattr("mygas.web.forms.gettext", lambda sentence, **_values: known.get(sentence, sentence))
    browser.get("/").submit("Войти", login="+79120000000")
    assert browser.page.find("label", {"for": "password"}).text == "Password"
    assert browser.page.find(id="password-error").text == "Enter your password."


def test_a_text_of_law_stays_russian_and_says_so(browser):
    browser.get("/consent")
    assert "только на русском" not in browser.text
    in_english(browser).get("/consent")
    assert "Only the Russian text is binding" in browser.text
    assert browser.page.select_one("main [lang=ru] p").text


@pytest.mark.parametrize(
    ("shown", "russian", "english"),
    [
        ("{{ 123456|rubles }}", "1\u00a0234,56\u00a0₽", "1\u00a0234.56\u00a0₽"),
        ("{{ 50123|volume }}", "50,123", "50.123"),
        ("{{ 202611|month }}, {{ 202611|month_within }}", "Ноябрь 2026, ноябрь 2026", "November 2026, November 2026"),
        ("{{ day|day }}", "05.11.2026", "5 Nov 2026"),
        ("{{ 1|days }}, {{ 3|days }}, {{ 21|days }}", "1 день, 3 дня, 21 день", "1 day, 3 days, 21 days"),
    ],
)
def test_figures_are_written_as_the_language_writes_them(app, shown, russian, english):
    with app.test_request_context():
        for code, wanted in (("ru", russian), ("en", english)):
            with force_locale(code):
                assert render_template_string(shown, day=date(2026, 11, 5)) == wanted


def test_what_is_made_outside_of_a_request_is_russian(app):
    with app.app_context():
        assert languages.is_russian()
        assert quantities.days(5) == "5 дней"
        assert layout.month(202611) == "Ноябрь 2026"


@pytest.mark.parametrize(("code", "words"), [("ru", "больше 15\u00a0000,50 руб."), ("en", "15\u00a0000.50")])
def test_figures_of_refusals_too(app, code, words):
    with app.test_request_context(), force_locale(code):
        with pytest.raises(Refused) as refusal:
            sums.check_bounds(Pay(100, 1_500_050, "", 0, 0), 1_500_051)
        assert words in languages.refusal(refusal.value)
        assert layout.day(date(2026, 11, 5)) in languages.refusal(Refused("%(day)s", day=date(2026, 11, 5)))


def test_letters_speak_the_language_that_was_chosen(app, browser, world, post):
    """Before there is a user: that of the page; afterwards his own, whichever browser he comes with."""
    in_english(browser).get("/join/contact").submit(login=EMAIL, password=PASSWORD, password2=PASSWORD)
    asked = post(EMAIL)
    assert "or enter the confirmation code" in asked and not re.search("[а-яё]", asked)
    browser.submit(code=re.search(r"\b[0-9]{6}\b", asked)[0]).submit(agree=True)
    fresh = elsewhere(app, "Mozilla/5.0 (Linux; Android 9) Chrome/100.0")
    assert fresh.page.html["lang"] == "ru", "a stranger so far"
    fresh.submit(login=EMAIL, password=PASSWORD)
    assert fresh.page.html["lang"] == "en"
    told = post(EMAIL)
    assert "Browser: Chrome on Android" in told and not re.search("[а-яё]", told)
    assert world.sent[-1]["subject"] == "Sign-in from a new device"
    fresh.get("/view").submit("Save", language="ru")
    elsewhere(app, "Lynx/2.9").submit(login=EMAIL, password=PASSWORD)
    assert "Браузер: текстовый браузер lynx" in post(EMAIL)


def elsewhere(app, agent):
    """Another browser of that name, at the entrance."""
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = agent
    return Browser(client).get("/")
