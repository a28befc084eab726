"""«Вид и язык»: what is chosen holds on every page, and one comes back to where one was."""

import pytest

from tests.browser import check_page
from tests.walks import PHONE

USUAL = {"text": "t0", "contrast": "c0", "theme": "auto", "language": "ru"}


def test_chosen_once_it_holds_on_every_page(connected, browser):
    connected(browser)
    home = browser.path
    browser.click("Вид и язык (Language)")
    assert browser.h1 == "Вид и язык"
    assert [one["value"] for one in browser.page.select("main input[checked]")] == list(USUAL.values())
    browser.submit("Сохранить", text="t2", contrast="hc")
    assert browser.path == home
    assert "Вид страниц сохранён" in browser.text
    for address in (home, "/settings/", "/help/", "/offline"):
        assert browser.get(address).page.html["class"] == ["t2", "hc"]
        assert browser.page.find("meta", {"name": "color-scheme"})["content"] == "light", "black on white by night too"
    assert [one["value"] for one in browser.get("/view").page.select("main input[checked]")] == ["t2", "hc", "auto", "ru"]
    browser.submit("Сохранить", text="t0", contrast="c0")
    assert not browser.get(home).page.html.has_attr("class")


@pytest.mark.parametrize(
    ("theme", "media", "schemes"),
    [
        ("auto", "@media (prefers-color-scheme:dark)", "light dark"),
        ("dark", "@media all", "dark"),
        ("light", "@media not all", "light"),
    ],
)
def test_a_theme_is_an_edition_of_the_stylesheet(app, browser, theme, media, schemes):
    browser.get("/view").submit("Сохранить", theme=theme)
    fresh = app.test_client()
    fresh.set_cookie("view", browser.client.get_cookie("view").value)
    first = check_page(fresh.get("/help/"))
    assert media in first.style.string
    assert first.find("meta", {"name": "color-scheme"})["content"] == schemes
    later = browser.get("/help/").page
    linked = browser.client.get(str(later.find("link", rel="stylesheet")["href"]))
    assert linked.text == first.style.string


def test_one_comes_back_to_the_page_on_the_screen(browser, post):
    """After a step that htmx swapped in, the footer still names the step before; the browser tells the true one."""
    browser.get("/join/contact").submit(login=PHONE, password="gaz2026", password2="gaz2026")
    code = browser.path
    assert code == "/join/code"
    browser.client.environ_base["HTTP_REFERER"] = f"http://localhost{code}"
    browser.click("Вид и язык (Language)")
    del browser.client.environ_base["HTTP_REFERER"]
    assert browser.submit("Сохранить", text="t1").path == code


def test_a_referer_that_is_no_address_harms_nothing(browser):
    assert browser.client.get("/view", headers={"Referer": "http://["}).status_code == 200


@pytest.mark.parametrize("foreign", ["//evil.example/", "https://evil.example/", "/static/app.css", "/nowhere"])
def test_nobody_is_led_elsewhere(browser, foreign):
    browser.get("/view").page.find("input", {"name": "next"})["value"] = foreign
    assert browser.submit("Сохранить").path == "/"
    browser.client.environ_base["HTTP_REFERER"] = "https://evil.example/help/"
    assert browser.get("/view").page.find("input", {"name": "next"})["value"] == ""


@pytest.mark.parametrize("cookie", ["t9.x.y.z", "", "....", "hc.hc.t1", "ru<script>", "a" * 4000])
def test_an_invented_cookie_does_no_harm(app, cookie):
    client = app.test_client()
    client.set_cookie("view", cookie)
    page = check_page(client.get("/view"))
    assert len(page.select("main input[checked]")) == 4


def test_words_that_nobody_offers_are_refused(browser):
    browser.get("/view").page.find("input", {"value": "t1"})["value"] = "enormous"
    browser.submit("Сохранить", text="enormous")
    assert browser.status == 422
    assert browser.page.select("#errors a")
