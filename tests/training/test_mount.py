"""The training portal beside the real one: every address, cookie and counter is its own."""

import re
from urllib.parse import urlsplit

import pytest

from tests.training.conftest import begin, join


def test_a_learner_walks_from_the_door_to_his_account(school, pupil):
    learner = school.learner(pupil)
    join(school, pupil)
    assert pupil.path == "/training/connect/supplier", pupil.text
    pupil.submit(supplier="Пермь").submit(number=learner.number)
    assert pupil.path == "/training/connect/question", pupil.text
    pupil.submit(answer=learner.pin, method="pin")
    assert pupil.h1 == f"Счёт {learner.number}", pupil.text
    assert re.fullmatch(r"/training/accounts/[\w-]{22}/", pupil.path)


def test_every_link_form_and_file_stays_under_the_mount(school, pupil):
    """But for the way out, and the pages of the real portal hold none but the way in."""
    join(school, pupil)
    learner = school.learner(pupil)
    pupil.submit(supplier="Пермь").submit(number=learner.number).submit(answer=learner.pin, method="pin")
    home = pupil.path
    for path in (home, f"{home}settlements", f"{home}readings/send", f"{home}pay/sum", f"{home}receipts", "/training/settings/",
                 "/training/accounts/", "/training/nowhere", "/training/desk/sign-in"):  # fmt: skip
        pupil.get(path)
        out = [one for one in addresses(pupil) if not one.startswith("/training/")]
        assert out == [], f"{path} leads to {out}"
    assert "/" in addresses(pupil.click("Оставить обучение"))
    for path in ("/", "/s/perm/", "/help/"):
        pupil.get(path)
        assert {one for one in addresses(pupil) if one.startswith("/training")} <= {"/training/", "/training/s/perm/"}
        assert len([one for one in addresses(pupil) if one.startswith("/training")]) >= 1


def addresses(browser):
    found = [tag[name] for name in ("href", "src", "action", "data-hx-post", "data-hx-get", "data-htmx", "data-css")
             for tag in browser.page.select(f"[{name}]")]  # fmt: skip
    return [one for one in found if not one.startswith(("#", "tel:", "mailto:"))]


def test_the_way_in_stands_where_people_come_by(school, neighbour):
    browser = school.browser()
    for path, href in (("/", "/training/"), ("/s/perm/", "/training/s/perm/")):
        browser.get(path)
        assert href in [a["href"] for a in browser.page.select("main a") if a.text == "Режим обучения"]
        assert "/training/" in [a["href"] for a in browser.page.select("footer a")]
    neighbour.get("/settings/")
    assert "/training/" in [a["href"] for a in neighbour.page.select("main a") if a.text == "Режим обучения"]


def test_one_browser_is_in_both_portals_at_once(school, neighbour):
    """Signed in here and there, each forgets its own user alone."""
    browser = begin(neighbour)
    join(school, browser)
    assert browser.get("/training/settings/").h1 == browser.get("/settings/").h1 == "Настройки"
    browser.get("/training/settings/").submit("Выйти")
    assert browser.path == "/training/"
    assert browser.get("/training/settings/").path.startswith("/training/?next=")
    assert browser.get("/settings/").h1 == "Настройки"
    browser.submit("Выйти")
    assert browser.get("/settings/").path.startswith("/?next=")


@pytest.mark.parametrize("url", ["http://localhost", "https://localhost"])
def test_no_cookie_is_shared(make_school, url):
    school = make_school(public_url=url)
    client = school.real.test_client()
    kinds = {"": set(), "/training": set()}
    for path in ("/", "/join/contact", "/training/begin", "/desk/sign-in", "/training/begin?entry=perm"):
        answer = client.get(path, base_url=url, buffered=True)
        for cookie in answer.headers.getlist("Set-Cookie"):
            name, place = cookie.partition("=")[0], re.search("Path=([^;]+)", cookie)[1]
            kinds["/training" if path.startswith("/training") else ""].add(name)
            assert place == ("/training" if path.startswith("/training") else "/")
            if url.startswith("https"):
                assert name.startswith("__Secure-training-" if path.startswith("/training") else "__Host-")
                assert "Secure" in cookie
    assert kinds[""] and kinds["/training"] and not kinds[""] & kinds["/training"]


def test_after_signing_in_one_is_where_one_wanted_to_be(school, pupil):
    join(school, pupil)
    phone = school.learner(pupil).phone
    pupil.get("/training/settings/").submit("Выйти")
    pupil.get("/training/settings/").submit(login=phone, password="gaz2026")
    assert pupil.path == "/training/settings/"


@pytest.mark.parametrize("wanted", ["/settings/", "/trainingsettings/", "//evil.example/training/", "/training//evil.example"])
def test_the_way_back_leads_nowhere_else(school, pupil, wanted):
    join(school, pupil)
    phone = school.learner(pupil).phone
    pupil.get("/training/settings/").submit("Выйти")
    pupil.get(f"/training/?next={wanted}").submit(login=phone, password="gaz2026")
    assert pupil.path.startswith(("/training/accounts/", "/training/connect/")), pupil.path


def test_htmx_is_told_addresses_with_the_mount(school):
    browser = begin(school.browser(htmx=True))
    answer = browser.client.get(
        "/training/join/contact?entry=perm", headers={"HX-Request": "true", "HX-Target": "main"}, buffered=True
    )
    assert answer.headers["HX-Push-Url"] == "/training/join/contact?entry=perm"


def test_links_in_letters_lead_back_to_the_lesson(school, pupil):
    learner = school.learner(pupil)
    pupil.get("/training/join/contact").submit(login=learner.email, password="gaz2026", password2="gaz2026")
    pupil.get("/training/phone")
    (link,) = [a["href"] for a in pupil.page.select("main a") if "/confirm/" in a["href"]]
    assert link.startswith("http://localhost/training/confirm/")
    assert pupil.get(urlsplit(link).path).status == 200


def test_requests_are_counted_apart(make_school):
    school = make_school(requests="5 per minute")
    client = school.real.test_client()
    assert [client.get("/training/begin", buffered=True).status_code for _ in range(6)] == [200] * 5 + [429]
    assert [client.get("/help/").status_code for _ in range(6)] == [200] * 5 + [429]


def test_where_there_is_none_nothing_speaks_of_it(make_app):
    client = make_app(training=False).test_client()
    assert client.get("/training/").status_code == 404
    assert "обучен" not in client.get("/").text + client.get("/s/perm/").text


def test_the_real_pages_have_no_slot(make_app, app):
    """Byte for byte what they would be without it."""
    told = app.jinja_env.loader.get_source(app.jinja_env, "ui/fragment.html")[0]
    slot = "\n{%- if coach is defined %}\n{% include coach %}{% endif %}"
    assert told.count(slot) == 1
    bare = make_app()
    bare.jinja_env.loader = _Without(bare.jinja_env.loader, slot)
    for path in ("/", "/s/perm/", "/help/", "/join/contact", "/nowhere", "/desk/sign-in"):
        for headers in ({}, {"HX-Request": "true"}):
            pages = [re.sub(r'value="[^"]{60,}"', "", one.test_client().get(path, headers=headers).text) for one in (app, bare)]
            assert pages[0] == pages[1]


class _Without:
    """A loader of templates that cuts a text out."""

    def __init__(self, loader, text):
        self.loader, self.text = loader, text

    def load(self, environment, name, globals_=None):
        source, _, _ = self.loader.get_source(environment, name)
        code = environment.compile(source.replace(self.text, ""), name)
        return environment.template_class.from_code(environment, code, environment.make_globals(globals_ or {}))
