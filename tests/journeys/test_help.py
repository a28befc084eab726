"""The help centre and the hints: searched without scripts and with, in the supplier's words, in any browser."""

import re
from pathlib import Path

import pytest

from mygas.domain import help as texts
from mygas.web.sections import SECTIONS
from mygas.web.settings import ROOMS
from tests.browser import check_page

TEMPLATES = sorted((Path(__file__).parents[2] / "templates").rglob("*.html"))
USED = {
    *re.findall(r'kit\.help\("([a-z-]+)"', "".join(path.read_text(encoding="utf-8") for path in TEMPLATES)),
    *(section.hint for section in SECTIONS),
    *(room.hint for room in ROOMS if room.hint),
}
ASKED_FOR = (  # by the instructions: a hint at each field and section that they speak of
    "login", "password", "code", "captcha", "consent", "supplier", "account-number", "question-serial", "question-charge", "pin",
    "pin-request", "extended", "settlements", "payments", "receipts", "meters", "subscriber", "contracts", "acts", "pay-debt",
    "pay-own-sum", "pay-with-readings", "receipt-period", "settings", "support",
)  # fmt: skip


@pytest.mark.parametrize("key", sorted(USED))
def test_every_hint_used_exists(key):
    assert texts.hint(key)


@pytest.mark.parametrize("key", ASKED_FOR)
def test_every_hint_asked_for_is_used(key):
    assert key in USED


def test_templates_hold_no_hints_of_their_own():
    """A hint is written once, in the texts; what a template opens by `kit.hint` is a document or a choice, not a hint."""
    own = [path.name for path in TEMPLATES if re.search(r"""kit\.hint\(_\("\?""", path.read_text(encoding="utf-8"))]
    assert own == []


def test_the_login_page_says_what_a_password_is_not(browser):
    browser.get("/")
    hints = {str(hint.summary["title"]) for hint in browser.page.select("details.hint")}
    assert texts.hint("password") in hints, "a mouse over the sign shows the same sentence"
    assert texts.hint("password") in browser.text and "не путайте его с ПИН-кодом" in browser.text


def test_a_section_says_by_a_mouse_and_by_a_tap_what_it_holds(browser, connected):
    connected(browser)
    link = next(a for a in browser.page.select(".sections a") if a.text == "Взаиморасчёты")
    assert link["title"] == texts.hint("settlements") and link["title"] in link.parent.details.text


def test_hints_speak_as_the_supplier_does(app, browser):
    yug = app.extensions["suppliers"]["yug"]
    browser.get("/s/yug/")
    assert texts.hint("login", yug) in browser.text and texts.hint("login") not in browser.text
    browser.click("Подробнее (в новом окне)")
    assert browser.path == "/help/login?s=yug" and texts.hint("login", yug) in browser.text


def test_the_contents_lead_to_every_article(browser):
    browser.get("/help/")
    slugs = {one.slug for listed in texts.contents().values() for one in listed}
    linked = {str(a["href"]).removeprefix("/help/") for a in browser.page.select("main a")}
    assert slugs <= linked


@pytest.mark.parametrize("slug", [one.slug for listed in texts.contents().values() for one in listed])
def test_every_article_is_drawn(app, slug):
    page = check_page(app.test_client().get(f"/help/{slug}"))
    one = texts.article(slug)
    assert one.title in page.text and one.blocks[0].lines[0] in page.text
    for _, path in one.links:
        assert app.test_client().get(path).status_code in (200, 303), f"{path} leads nowhere"


def test_search(browser):
    browser.get("/help/").submit(q="gfhjkm")
    assert browser.path.startswith("/help/search?") and "Забыли пароль" in browser.text
    assert browser.page.find(id="q")["value"] == "gfhjkm", "what was typed is kept"
    browser.click("Забыли пароль")
    assert browser.h1 == "Забыли пароль" and "Не помогло?" in browser.text
    browser.click("Восстановить пароль")
    assert browser.path == "/recover/contact"


@pytest.mark.parametrize("typed", ["рецепт борща", "<script>alert(1)</script>", "ъ" * 5000, "\x00ъ", "%%"])
def test_search_for_nonsense(browser, typed):
    browser.get("/help/").submit(q=typed)
    assert "Ничего не нашлось" in browser.text and browser.status == 200


def test_suggestions_take_their_place_in_the_page(app):
    """What htmx asks for while a question is typed holds the answers in #found, which the page has too."""
    field = check_page(app.test_client().get("/help/")).find(id="q")
    answer = app.test_client().get(field["data-hx-get"], query_string={"q": "квит"}, headers={"HX-Request": "true"})
    assert field["data-hx-target"] == "#found" and "Как получить квитанцию" in check_page(answer).find(id="found").text
    assert "HX-Push-Url" not in answer.headers


def test_an_unknown_article_is_not_found(app):
    assert app.test_client().get("/help/no-such").status_code == 404


def test_contacts(app, browser, connected):
    browser.get("/help/contacts")
    names = [supplier.name for supplier in app.extensions["suppliers"].values()]
    assert all(name in browser.text for name in names) and "tel:104" in str(browser.page.main)
    browser.click("Межрегионгаз Пермь")
    assert "ул. Образцовая, д. 7" in browser.text and "пн–пт 8:30–19:00" in browser.text and "help@perm.example" in browser.text
    connected(browser)
    assert "ул. Образцовая, д. 7" in browser.get("/help/contacts").text, "one's own supplier first, without asking"
    assert texts.hint("pin", app.extensions["suppliers"]["perm"]) in browser.get("/help/pin").text


def test_the_page_about_browsers_needs_nothing(app):
    answer = app.test_client().get("/help/browsers", headers={"Accept-Encoding": "identity"})
    page = check_page(answer)
    assert "Set-Cookie" not in answer.headers
    assert not page.select("script, link, style, img, form")
    assert len(answer.get_data()) <= 4096
    assert "в другом браузере" in page.text and page.select("a[href='tel:104']")


def test_every_page_that_inlines_the_styles_says_so_once(app):
    client = app.test_client()
    first, second = client.get("/help/"), client.get("/help/")
    assert "<style>" in first.text and "c=" in first.headers["Set-Cookie"]
    assert "<style>" not in second.text and "c=" not in second.headers.get("Set-Cookie", "")


def in_english(browser):
    return browser.get("/view").submit("Сохранить", language="en")


def test_help_in_english(browser):
    in_english(browser).get("/help/").submit(q="forgot my password")
    assert browser.h1 == "Search the help" and "Forgotten your password" in browser.text
    browser.click("Forgotten your password")
    assert browser.h1 == "Forgotten your password" and not re.search(r"[а-яё]{3}", browser.page.main.text)
    browser.click("Recover your password")
    assert browser.path == "/recover/contact"
    assert "Forgotten your password" in browser.get("/help/").submit(q="забыл пароль").text, "Russian words find it too"


@pytest.mark.parametrize("slug", [one.slug for listed in texts.contents().values() for one in listed])
def test_every_article_is_drawn_in_english(app, slug):
    client = app.test_client()
    client.set_cookie("view", "en")
    page = check_page(client.get(f"/help/{slug}"))
    one = texts.hinted(slug, language="en")
    assert one.title in page.text and one.blocks[-1].lines[-1] in page.text and page.html["lang"] == "en"


def test_a_suppliers_own_words_name_their_language_on_an_english_page(app, browser):
    perm = app.extensions["suppliers"]["perm"]
    in_english(browser).get("/help/pin?s=perm")
    assert browser.h1 == "Where to get a PIN" and browser.page.find("p", lang="ru").text == texts.hint("pin", perm)
    browser.get("/help/search?s=perm&q=pin")
    assert texts.hint("pin", perm) in [p.text for p in browser.page.select("#found p[lang=ru]")]
    browser.get("/s/yug/")
    hint = next(one for one in browser.page.select("details.hint") if "What to write in the field" in one.summary.text)
    assert hint.p["lang"] == "ru" and "title" not in hint.summary.attrs, "an attribute has the language of its element"
    assert texts.hint("password", None, "en") in {one.summary.get("title") for one in browser.page.select("details.hint")}


def test_the_page_about_browsers_in_english(app):
    client = app.test_client()
    client.set_cookie("view", "en")
    answer = client.get("/help/browsers", headers={"Accept-Encoding": "identity"})
    page = check_page(answer)
    assert page.html["lang"] == "en" and "in another browser" in page.text and not re.search(r"[а-яё]{3}", page.text)
    assert "Set-Cookie" not in answer.headers and len(answer.get_data()) <= 4096
