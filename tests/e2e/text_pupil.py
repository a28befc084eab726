"""A pupil at a text terminal: reads the coach's line from the screen, and does what it says by keys alone."""

import itertools
import re
import time

from tests.e2e.text_browser import ENTER, ERASE, TAB, Lynx
from tests.training.pupil import CARD, TICK

HOME, AGAIN, REDRAW, CANCEL, DOWN = "\x01", "\x12", "\x0c", "c", "\x1b[B"
PATIENCE = 20.0  # seconds
LINE = 79  # letters of a line of a field of many lines
ABOVE = 100  # letters before the first link or field that still belong to the page
COACH_ENDS = "Оставить обучение"
BUTTON = r"\(\[([0-9]+)\][^()\[]*\) "  # the word before its name is the value that it sends


class TextPupil:
    """`page` is the text of the page in front of him, as it was drawn when it came; links and fields carry their numbers.
    `at` is the number that the cursor stands on: the first one, on a page that has just come."""

    def __init__(self, screen: Lynx, url: str) -> None:
        self.screen = screen
        self.url = url
        self.page = ""
        self.at = 1

    def see(self, words: str) -> None:
        """Wait for the page with these words; all of it is drawn anew, for a terminal is sent only what differs.

        Keys that come while a page does are lost, so it is asked for again, and all answers are waited for.
        """
        deadline = time.monotonic() + PATIENCE
        self.page = ""
        while words not in self.page:
            assert time.monotonic() < deadline, f"{words!r} is not on the screen, but: {self.page}"
            self.screen.press(REDRAW)
            self.screen.wait(0.5)
            above, first, rest = self.screen.text.rpartition("[1]")
            self.page = above[-ABOVE:] + first + rest
        self.at = 1

    def learn(self) -> None:
        """Do what the coach says until the lesson is over."""
        for _ in range(60):
            self.see(COACH_ENDS)
            if "пройден" in self.page[: self.page.index(COACH_ENDS)] and "Шаг " not in self.coach:
                return
            self.obey()
        raise AssertionError(self.page)

    @property
    def coach(self) -> str:
        return self.page[self.page.index("Урок «") : self.page.index(COACH_ENDS)]

    @property
    def body(self) -> str:
        return self.page[self.page.index(COACH_ENDS) :] if COACH_ENDS in self.page else self.page

    def obey(self) -> None:
        coach = self.coach
        told = coach.partition("Куда смотреть")[0]
        press = re.search(r"Нажмите «(.+?)»\.", told)
        enter = re.findall(r"\* (.+?): (.+?)(?= \* | Нажмите «| \[[0-9]+\])", told)
        if press and (button := self._number(BUTTON + re.escape(press[1]))) and self._has_all(enter):
            for label, value in enter:
                self.fill(label, value)
            self._go_to(button)
            self.screen.press(ENTER)
            self._pay(told)
        elif press and not enter and (link := self._number(rf"\[([0-9]+)\]{re.escape(press[1])}")):
            self._open(link, press[1])
        elif onward := re.search(r"\[([0-9]+)\]Перейти к этому шагу", coach):
            self._open(int(onward[1]), "")
        else:
            time.sleep(1)  # the bank is not asked more often than every few seconds
            self.push("Проверить сейчас")

    def choose(self, option: str) -> None:
        self._go_to(self._number(rf"\[([0-9]+)\]\([ *]\) {re.escape(option)}"))
        self.screen.press(ENTER)

    def push(self, name: str) -> None:
        self._go_to(self._number(BUTTON + re.escape(name)))
        self.screen.press(ENTER)

    def follow(self, words: str) -> None:
        self._go_to(self._number(rf"\[([0-9]+)\]{re.escape(words)}"))
        self.screen.press(ENTER)

    def fill(self, label: str, value: str) -> None:
        """Put the value where the label says: a tick before its words, a choice among those after them, a text behind them."""
        if value in TICK:
            self._go_to(self._number(rf"\[([0-9]+)\]\[ \] {re.escape(label)}"))
            self.screen.press(ENTER)
        elif self._number(rf"\[([0-9]+)\]\([ *]\) {re.escape(value)}"):
            self.choose(value)
        elif number := self._number(rf"{re.escape(label)} \[([0-9]+)\]\[\([0-9]+\)_"):
            self._select(number, value)
        else:
            self._go_to(self._number(rf"{re.escape(label)}[^\[]*\[([0-9]+)\][^\[ ]*_"))
            self.screen.press(ERASE, value)
            self.screen.press(TAB)  # by itself: keys that come while a field is left are lost
            self.at = next(number for number in itertools.count(self.at + 1) if number not in self._further_lines)

    def _select(self, number: int, value: str) -> None:
        """Pick from the list that opens over the page, where the cursor stands on the first one."""
        self._go_to(number)
        self.screen.press(ENTER)
        place = re.search(rf"([0-9]+): \([0-9]+\)_*{re.escape(value)}", self.screen.text)
        assert place, self.screen.text
        self.screen.press(DOWN * (int(place[1]) - 1))
        self.screen.press(ENTER)

    def _has_all(self, enter: list[tuple[str, str]]) -> bool:
        return all(label in self.body for label, _ in enter)

    def _number(self, pattern: str) -> int:
        """The number of what the pattern finds on the page; 0 when it is not there."""
        found = re.search(pattern, self.body)
        return int(found[1]) if found else 0

    def _go_to(self, number: int) -> None:
        assert number, self.page
        if number < self.at:
            self.screen.press(HOME)
            self.at = 1
        passed = sum(self.at < line <= number for line in self._further_lines)
        self.screen.press(TAB * (number - self.at - passed))
        self.at = number

    @property
    def _further_lines(self) -> set[int]:
        """In a field of many lines each has its number, but Tab stops at the first alone. Nothing stands between its lines."""
        lines = rf"\](?=[^][]{{{LINE}}} \[)[^][_]*_* \[[0-9]+"
        areas = [area[0] for area in re.finditer(f"(?:{lines})+", self.page) if "__" in area[0]]
        return {int(number) for area in areas for number in re.findall(r" \[([0-9]+)", area)}

    def _open(self, number: int, words: str) -> None:
        """A page; or a file, which lynx would rather save: it is let be, and the page asked for again."""
        self._go_to(number)
        self.screen.press(ENTER)
        if "PDF" in words:
            self.screen.sees("C)ancel")
            self.screen.press(CANCEL)
            self.screen.press(AGAIN)
            self.screen.wait(1.0)
            self.screen.press(HOME)  # the cursor stays where it was

    def _pay(self, told: str) -> None:
        """On the bank's own page there is no coach: what he said before is remembered."""
        if not (number := re.search(CARD["number"], told)):
            return
        self.see("Банковской картой")
        self.follow("Банковской картой")
        self.see("Код с оборота карты")
        self.fill("Номер карты", number[1])
        for label, name in (("Срок действия", "expiry"), ("Код с оборота карты", "cvc")):
            self.fill(label, re.search(CARD[name], told)[1])
        self.push("ОК")
