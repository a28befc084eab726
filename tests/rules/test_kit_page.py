"""The page that shows the kit shows all of it."""

import re

import pytest

from mygas.web.forms.kit import KINDS
from tests.browser import Browser, check_page
from tests.rules.test_frontend import ROOT

MACRO = re.compile(r"{%-? macro ([a-z]\w*)\(")
WITHIN = {"first_control"}  # drawn by others alone


def test_every_macro_is_shown():
    kit = (ROOT / "templates" / "ui" / "kit.html").read_text(encoding="utf-8")
    page = (ROOT / "templates" / "start" / "kit.html").read_text(encoding="utf-8")
    macros = set(MACRO.findall(kit)) - WITHIN
    assert len(macros) > 15
    assert {macro for macro in macros if f"kit.{macro}(" not in page} == set()
    habits = re.search(r"set habit = {(.*?)}\.get", kit, re.S)
    assert set(re.findall(r'^  "(\w+)": {', habits[1], re.M)) == set(KINDS)


@pytest.mark.parametrize("htmx", [False, True])
def test_every_state_is_shown(app, htmx):
    browser = Browser(app.test_client(), htmx=htmx)
    page = browser.get("/help/kit").page
    assert len(page.select(".wrong .error")) == 14
    assert page.select(".good") and page.select(".info") and page.select(".warn") and page.select("details[open]")
    browser.submit("Главное действие", words="")
    assert browser.status == 422
    assert browser.page.find(id="words-error")
    assert browser.submit("Главное действие", words="Здравствуйте").path == "/help/kit"


def test_only_in_the_demo(make_app):
    app = make_app(demo=False, public_url="https://gas.example.ru", mail_url="screen:", sms_url="screen:")
    answer = app.test_client().get("/help/kit", base_url="https://gas.example.ru")
    assert answer.status_code == 404
    check_page(answer)
