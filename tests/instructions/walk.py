"""Following an instruction that real subscribers were given, from its first line to its last.

The texts stand letter by letter in `texts/`. A walk turns their paragraphs in order and lets none be passed over: each is
either read (and then done), or found on the page as it stands.
"""

import re
from pathlib import Path

from bs4 import BeautifulSoup

from tests.browser import Browser

TEXTS = Path(__file__).parent / "texts"
_SPELT = str.maketrans({"ё": "е", "«": None, "»": None, '"': None, "*": None, "—": "-", "–": "-", "\u00a0": " "})

_MARKS = re.compile(r"^(?:[-i?•] |[0-9б]+[.)] )|[.;]$")
"""What a list puts before its lines, and the stop after them: the page has its own."""


def fold(text: str) -> str:
    """As people compare what they read: without case, ё, quotes, kinds of dashes and spaces."""
    return re.sub(r"\s+", " ", text.casefold().translate(_SPELT)).strip()


class Walk:
    """An instruction, and the browser of the person who follows it."""

    def __init__(self, number: str, browser: Browser) -> None:
        text = (TEXTS / f"{number}.txt").read_text(encoding="utf-8")
        self.paragraphs = [line.strip() for line in text.splitlines() if line.strip()]
        self.browser = browser
        self.at = 0

    def reads(self, *openings: str) -> "Walk":
        """The next paragraphs begin so; what they ask for is done by the caller after this."""
        for opening in openings:
            assert self.at < len(self.paragraphs), f"the instruction is over, there is no «{opening}»"
            paragraph = self.paragraphs[self.at]
            assert paragraph.startswith(opening), f"next the instruction says «{paragraph}», not «{opening}»"
            self.at += 1
        return self

    def finds(self, *paragraphs: str) -> "Walk":
        """The next paragraphs are these, whole, and they stand on the page that is open."""
        for paragraph in paragraphs:
            self.reads(paragraph)
            whole = self.paragraphs[self.at - 1]
            assert whole == paragraph, f"the paragraph is longer: «{whole}»"
            self.sees(_MARKS.sub("", paragraph))
        return self

    def sees(self, *words: str) -> "Walk":
        """The page that is open says so, in whatever letters."""
        shown = fold(self.shown)
        for word in words:
            assert fold(word) in shown, f"«{word}» is not on {self.browser.path}: {shown}"
        return self

    @property
    def shown(self) -> str:
        """All that stands on the page, the frame and the names of fields too."""
        page: BeautifulSoup = self.browser.page
        return page.get_text(" ")

    def ends(self) -> None:
        left = self.paragraphs[self.at :]
        assert not left, f"the instruction goes on: {left}"
