"""All lessons in Chromium, with scripts and without, by what the coach says on the page; in lynx by keys."""

import re
import shutil
from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Locator, expect

from tests.e2e.person import Person
from tests.e2e.portal import Portal
from tests.e2e.text_browser import lynx
from tests.e2e.text_pupil import TextPupil
from tests.training.pupil import CARD, COACH, TICK, Line, read_page

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

TITLES = (
    "Регистрация и подключение счёта",
    "Расширенная версия",
    "Показания прибора учёта",
    "Оплата картой",
    "Квитанция",
    "Настройки и поддержка",
)


STAFF = "Рабочее место оператора"


def test_all_lessons_in_chromium(person: Person) -> None:
    begin(person)
    assert person.page.locator("main .sections").first.get_by_role("link").all_inner_texts() == list(TITLES)
    for title in TITLES:
        take(person, title)


def test_the_lesson_of_staff_in_chromium(person: Person) -> None:
    begin(person)
    assert person.page.locator("main .sections").last.get_by_role("link").all_inner_texts() == [STAFF]
    take(person, STAFF)


def begin(person: Person) -> None:
    person.page.goto("/training/begin")
    person.page.get_by_label("Пермь").check()
    person.press("Начать обучение")
    person.sees("Уроки")


def take(person: Person, title: str) -> None:
    """Find the lesson in the list, and go through it on a narrow screen."""
    page = person.page
    page.goto("/training/lessons/")
    page.locator("main").get_by_role("link", name=title, exact=True).first.click()
    person.sees(title)
    person.settle()
    person.press("Начать урок")
    learn(person, title)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def learn(person: Person, title: str) -> None:
    """Do what the coach says until that lesson is over."""
    box = person.page.locator(COACH)
    for _ in range(60):
        expect(box).to_contain_text(re.compile(f"Урок «{title}»( пройден|. Шаг [0-9])"))
        line = read_page(BeautifulSoup(f'<main id="main">{box.evaluate("box => box.outerHTML")}</main>', "html5lib"))
        if line is None:
            return
        obey(person, line)
    raise AssertionError(person.page.locator("main").inner_text())


def obey(person: Person, line: Line) -> None:
    page = person.page
    box = page.locator(COACH)
    before = box.inner_text()
    form = page.locator("main form").filter(has=page.get_by_role("button", name=line.press, exact=True)) if line.press else None
    if form is not None and form.count():
        person.settle()
        for label, value in line.enter.items():
            fill(form.first, label, value)
        form.first.get_by_role("button", name=line.press, exact=True).click()
        pay(person, line)
    elif line.press and not line.enter and (link := link_in(person, line.press)) is not None:
        follow(person, link)
    elif line.href:
        page.goto(urljoin(page.url, line.href))
    else:
        page.wait_for_timeout(1000)  # the page looks again by itself, or by the button that the coach names
        if (check := page.get_by_role("button", name="Проверить сейчас")).count():
            check.click()
        return
    expect(box).not_to_have_text(before, use_inner_text=True)


def fill(form: Locator, label: str, value: str) -> None:
    group = form.locator("fieldset", has=form.page.locator("legend").filter(has_text=re.compile(rf"^\s*{re.escape(label)}")))
    if group.count():
        group.get_by_label(value).first.check()
        return
    field = form.get_by_label(label).first
    if value in TICK:
        field.check()
    elif field.evaluate("field => field.tagName") == "SELECT":
        field.select_option(label=value)
    else:
        field.fill(value)


def link_in(person: Person, words: str) -> Locator | None:
    """The link of that name on the page, not in the coach's own line; the number of an account may follow."""
    found = person.page.locator(f"main a:not({COACH} a)").filter(has_text=re.compile(f"^\\s*{re.escape(words)}( [0-9]+)?\\s*$"))
    return found.first if found.count() else None


def follow(person: Person, link: Locator) -> None:
    """A page is opened; a file is fetched as a browser would, and the page stays."""
    href = link.get_attribute("href") or ""
    if "pdf" in href:
        assert person.page.request.get(urljoin(person.page.url, href)).ok
        person.page.reload()
    else:
        link.click()
        person.page.wait_for_load_state()


def pay(person: Person, line: Line) -> None:
    """On the bank's own page there is no coach: what he said before is remembered."""
    page = person.page
    if not (card := {name: re.search(pattern, line.words) for name, pattern in CARD.items()})["number"]:
        return
    page.get_by_role("link", name="Банковской картой").click()
    for name, found in card.items():
        assert found is not None
        page.locator(f"[name={name}]").fill(found[1])
    page.get_by_role("button", name="ОК").click()
    page.wait_for_url("**/training/payments/**")


@pytest.fixture
def program() -> str:
    found = shutil.which("lynx")
    if found is None:
        pytest.skip("no lynx on this machine; .ci/run installs it")
    return found


@pytest.fixture
def pupil(program: str, portal: Portal) -> Iterator[TextPupil]:
    """Somebody at a text terminal who has begun to learn."""
    with lynx(program, f"{portal.url}/training/begin", numbered=True) as screen:
        pupil = TextPupil(screen, portal.url)
        pupil.see("Режим обучения")
        pupil.choose("Межрегионгаз Пермь")
        pupil.push("Начать обучение")
        pupil.see("Пройдено уроков:")
        yield pupil


@pytest.mark.timeout(420)
def test_all_lessons_in_a_text_browser(pupil: TextPupil) -> None:
    for title in TITLES:
        take_by_keys(pupil, title)


def test_the_lesson_of_staff_in_a_text_browser(pupil: TextPupil) -> None:
    take_by_keys(pupil, STAFF)


def take_by_keys(pupil: TextPupil, title: str) -> None:
    pupil.screen.go(f"{pupil.url}/training/lessons/")
    pupil.see("Пройдено уроков:")
    pupil.follow(title)
    pupil.see("Начать урок")
    pupil.push("Начать урок")
    pupil.learn()
    assert f"Урок «{title}» пройден" in pupil.page
