"""Learners: a household each, which nobody else has and which its supplier knows."""

import pytest
from flask import Flask

from mygas import money
from mygas.domain.work import unit_of_work
from mygas.settings import Settings
from mygas.suppliers import load
from mygas.training import learners, pages
from tests.training.conftest import begin, join

SUPPLIERS = load(Settings.catalogue).keys()


@pytest.mark.parametrize("supplier", SUPPLIERS)
def test_every_answer_on_the_training_receipt_opens_the_account(school, supplier):
    """Each of the ways that the supplier asks for, by a learner of its own."""
    done, ways = 0, [""]
    while done < len(ways):
        browser = begin(school.browser(), supplier)
        learner = school.learner(browser)
        join(school, browser)
        browser.submit(supplier=supplier).submit(number=learner.number)
        assert browser.path == "/training/connect/question", browser.text
        ways = [str(one["value"]) for one in browser.page.select("[name=method]")]
        answers = {"serial": learner.serial, "charge": money.plain(learner.charge_kop), "pin": learner.pin}
        browser.submit(method=ways[done], answer=answers[ways[done]])
        assert browser.h1 == f"Счёт {learner.number}", f"{ways[done]} of {supplier}: {browser.text}"
        assert learner.holder in browser.get(f"{browser.path}subscriber").text
        done += 1


def test_two_learners_never_meet(school):
    first, second = (school.learner(begin(school.browser())) for _ in range(2))
    for name in ("ref", "number", "phone", "email", "serial", "pin"):
        assert getattr(first, name) != getattr(second, name)
    assert sum(a != b for a, b in zip(first.number, second.number, strict=True)) > 1, "a slip of the finger meets nobody"


def test_the_receipt_is_ready_to_be_learned_with(school):
    """Twelve months at least, something to pay, a reading to go on from."""
    browser = begin(school.browser())
    learner = school.learner(browser)
    join(school, browser)
    browser.submit(supplier="perm").submit(number=learner.number).submit(method="pin", answer=learner.pin)
    home = browser.path
    assert "К оплате" in browser.text
    assert str(learner.reading) in browser.get(f"{home}readings").text.replace(" ", "")
    months = {a["href"] for a in browser.get(f"{home}settlements").page.select("main a[href*='/settlements/']")}
    assert len(months) >= 12


def test_a_phone_shows_its_own_messages_alone(school):
    browsers = [begin(school.browser()) for _ in range(2)]
    for browser in browsers:
        join(school, browser)
    texts = [browser.get("/training/phone").text for browser in browsers]
    phones = [school.learner(browser).phone for browser in browsers]
    assert phones[0] in texts[0] and phones[1] not in texts[0]
    assert phones[1] in texts[1] and phones[0] not in texts[1]
    assert browsers[0].get("/training/demo/messages").status == 404


@pytest.mark.parametrize("cookie", ["", "nonsense", "99999999.x", "41568.unknown", "-1.x", "²3.x"])
def test_a_stranger_gets_no_further_than_the_door(school, cookie):
    browser = school.browser()
    if cookie:
        browser.client.set_cookie("training-learner", cookie, path="/training")
    for path in ("/training/", "/training/phone", "/training/join/contact", "/training/help/"):
        assert browser.get(path).path == "/training/begin"
    assert browser.get("/training/s/perm/").path == "/training/begin?entry=perm"
    assert browser.page.select_one("input[checked]")["value"] == "perm"


def test_who_chooses_nothing_is_told_so(school):
    browser = school.browser().get("/training/begin").submit("Начать обучение")
    assert browser.status == 422
    assert "Выберите компанию из списка." in browser.text


def test_beginning_anew_is_another_receipt(school, pupil):
    first = school.learner(pupil)
    join(school, pupil)
    pupil.get("/training/begin")
    assert first.number in pupil.text
    pupil.submit("Начать заново", supplier="yug")
    assert school.learner(pupil).supplier == "yug"
    assert pupil.get("/training/settings/").path.startswith("/training/?next="), "nobody is signed in any more"


def test_only_so_many_learn_at_a_time(make_school):
    school = make_school(learners=4)
    for _ in range(2):
        begin(school.browser())
    browser = begin(school.browser())
    assert browser.status == 422
    assert "Сейчас все учебные места заняты" in browser.text


def test_a_database_that_grew_too_large_takes_nobody_in(school, monkeypatch):
    monkeypatch.setattr(learners, "FULLEST", 1024)
    assert "Сейчас все учебные места заняты" in begin(school.browser()).text


def test_one_network_cannot_take_all_seats(school, monkeypatch):
    monkeypatch.setattr(pages, "NEWCOMERS", 2)
    for _ in range(2):
        begin(school.browser())
    assert "Попробуйте, пожалуйста, через час" in begin(school.browser()).text


def test_what_is_noted_of_the_way_stays(school, pupil):
    learner, app = school.learner(pupil), school.app
    assert noted(app, learner) == {}
    for facts in ({"join": True}, {"paid": 3}):
        with app.app_context(), unit_of_work():
            learners.note(learner, facts)
    assert noted(app, learner) == {"join": True, "paid": 3}
    assert school.learner(pupil) == learner


def noted(app: Flask, learner):
    with app.app_context():
        return learners.progress(learner)
