"""A pupil: reads the coach's line on the page in front of him and does what it says. He knows nothing of the lessons' files."""

import re
import time
from dataclasses import dataclass
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag

from tests.browser import Browser

COACH = "main > section:is([aria-label='Обучение'], [aria-label='Training'])"
TICK = ("отметьте", "tick")
CARD = {
    "number": r"(?:номер|number) ([0-9 ]{19})", "expiry": r"(?:срок|date) ([0-9]{2}/[0-9]{2})", "cvc": r"(?:код|code) ([0-9]{3})",
}  # fmt: skip


@dataclass
class Line:
    """The coach's line as it stands on a page."""

    step: int
    count: int
    enter: dict[str, str]
    press: str
    words: str
    href: str


def read(browser: Browser) -> Line | None:
    """What the coach says in that browser."""
    return read_page(browser.page)


def read_page(page: BeautifulSoup) -> Line | None:
    """What the coach says; None when the lesson is over, or there is none."""
    box = page.select_one(COACH)
    assert box is not None, f"no coach on the page: {page.main}"
    place = re.search(r"(?:Шаг|Step) ([0-9]+) (?:из|of) ([0-9]+)", _text(box))
    if place is None:
        assert box.select_one("a[href$='/leave'], a[href='/']"), "the page has not come whole"
        return None
    press = re.search(r"(?:Нажмите «|Press “)(.+?)[»”]\.", _text(box))
    return Line(
        int(place[1]),
        int(place[2]),
        {_text(row).partition(":")[0]: _text(row.b) for row in box.select("ul > li")},
        press[1] if press else "",
        _text(box),
        next((str(a["href"]) for a in box.find_all("a") if _text(a) in ("Перейти к этому шагу", "Go to this step")), ""),
    )


def learn_all(browser: Browser) -> list[str]:
    """Go through every lesson on the list, in its order; his last words in each."""
    listed = [str(a["href"]) for a in browser.get("/training/lessons/").page.select("main .sections a")]
    return [learn(browser.get(address).submit("Начать урок")) for address in listed]


def learn(browser: Browser, patience: int = 60) -> str:
    """Do what the coach says until the lesson is over; his last words."""
    told: list[str] = []
    for _ in range(patience):
        line = read(browser)
        if line is None:
            return _text(browser.page.select_one(COACH))
        told.append(f"{line.step} at {browser.path}: {line.words}")
        if not obey(browser, line):
            raise AssertionError("\n".join(told[-3:]) + f"\n{browser.text}")
    raise AssertionError("the coach says the same again and again:\n" + "\n".join(told[-6:]))


def obey(browser: Browser, line: Line) -> bool:
    """Fill the form on the page, press the button or follow the link that is named; else go where the coach leads to."""
    if line.press and (form := _form(browser, line)):
        fields = {_field(form, label)["name"]: _value(form, label, value) for label, value in line.enter.items()}
        browser.submit(line.press, **fields)
    elif line.press and not line.enter and (link := _link(browser, line.press)):
        _follow(browser, link)
    elif line.href:
        browser.get(urljoin(browser.path, line.href))
    elif other := [
        one for one in browser.page.select("main form button") if re.search(f"[«“]{re.escape(_text(one))}[»”]", line.words)
    ]:
        time.sleep(1)  # a bank is not asked more often than every few seconds
        browser.submit(_text(other[0]))
    else:
        return False
    if "/pretend-bank/" in browser.path:
        _pay(browser, line.words)
    return True


def _form(browser: Browser, line: Line) -> Tag | None:
    for form in browser.page.select("main form"):
        if all(_field(form, label) for label in line.enter) and line.press in [_text(one) for one in form.select("button")]:
            return form
    return None


def _field(form: Tag, label: str) -> Tag | None:
    """The control under that label, or under the legend of its group."""
    for one in form.select("label, legend"):
        if _text(one).startswith(label):
            group = one.parent.select_one("input[type=radio]") if one.name == "legend" else form.find(id=one["for"])
            return group
    return None


def _value(form: Tag, label: str, value: str) -> object:
    field = _field(form, label)
    if field.get("type") == "radio":
        options = {_text(form.find("label", attrs={"for": one["id"]})): one["value"] for one in form.select("[type=radio]")}
        return next(given for words, given in options.items() if words.startswith(value))
    if field.name == "select":
        return next(one["value"] for one in field.select("option") if _text(one).startswith(value))
    return True if value in TICK else value


def _link(browser: Browser, words: str) -> Tag | None:
    """By its words, or by their beginning where the number of an account follows."""
    coach = browser.page.select_one(COACH)
    links = [a for a in browser.page.select("main a") if f"{_text(a)} ".startswith(f"{words} ") and coach not in a.parents]
    return links[0] if links else None


def _follow(browser: Browser, link: Tag) -> None:
    """A file is looked at, and the page stays."""
    stayed = browser.path, browser.page
    browser.get(urljoin(browser.path, str(link["href"])))
    if browser.response.mimetype != "text/html":
        browser.path, browser.page = stayed
        browser.get(browser.path)


def _pay(browser: Browser, words: str) -> None:
    """On the bank's own page there is no coach: what he said before is remembered."""
    browser.click("Банковской картой")
    browser.submit("ОК", **{name: re.search(pattern, words)[1] for name, pattern in CARD.items()})


def _text(tag: Tag) -> str:
    return re.sub(r"\s+", " ", tag.get_text()).strip()
