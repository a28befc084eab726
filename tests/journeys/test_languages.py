"""English pages: words, figures and the page's own name of its language; what waits for a translation stays Russian."""

from datetime import date

import pytest
from flask import render_template_string
from flask_babel import force_locale

from mygas.web import languages, layout, quantities
from tests.browser import Browser


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
