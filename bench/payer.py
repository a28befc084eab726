"""A payer over HTTP who wants one thing, to have paid, and tries until a page says how it ended. For measurements only."""

import http.client
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

from bench.visitor import Visitor

PATIENCE = 180.0  # seconds; then he leaves the payment to the portal
GLANCES = 25  # at the payment's page after he has paid, before he leaves it to the portal
TWICE = 0.2  # of all presses of the button are double ones
_BANK_PAGE = re.compile(r'href="([^"]*/pretend-bank/pay/[^"]*)"')
_ORDER_PAGE = re.compile(r'href="(/payments/[A-Za-z0-9_-]{22})"')
_AMOUNT = re.compile(r'name="(amount(?:_[0-9]+)?)"')
_OVER = {"Оплачено": "paid", "Платёж отменён": "unpaid", "Время на оплату истекло": "unpaid", "Банк не принял платёж": "unpaid"}


@dataclass(frozen=True)
class Wish:
    """To pay that many kopecks for the account of the connection `ref`; `key` is that of the payer's session."""

    number: int
    ref: str
    kopecks: int
    key: str
    refuses: bool


class Payer:
    """Tells `note` of each thing that he sees happen: acknowledged, paid, refused, shown, over."""

    def __init__(self, port: int, wish: Wish, note: Callable[..., None]) -> None:
        self._wish, self._note = wish, note
        self._here = Visitor(port, f"10.30.{wish.number // 250}.{wish.number % 250 + 1}", {"sid": wish.key})
        self._resort = f"/accounts/{wish.ref}/pay/sum"
        self._done, self._glances = False, 0

    def pay(self) -> None:
        """From the form to the page that says how it ended."""
        deadline = time.monotonic() + PATIENCE
        self._try(lambda: self._here.get(self._resort))
        while not self._done and time.monotonic() < deadline:
            self._try(self._step)
        self._note(self._wish, "over")
        self._here.close()

    def _try(self, deed: Callable[[], object]) -> None:
        """Whatever goes wrong, he waits a moment and goes to the last page of this payment that he has seen, or to the form."""
        try:
            deed()
            fine = self._here.status < 500
        except (OSError, http.client.HTTPException, LookupError, ValueError):
            fine = False
        if not fine:
            self._here.close()
            time.sleep(random.uniform(0.1, 0.6))  # noqa: S311
            self._here.path, self._here.page = self._resort, ""

    def _step(self) -> None:
        """What there is to do where he is."""
        path = urlsplit(self._here.path).path
        if not self._here.page:
            self._here.get(self._resort)
        elif path.startswith("/payments/"):
            self._look_at_payment(path)
        elif path.startswith("/pretend-bank/"):
            self._answer_the_bank()
        elif found := _ORDER_PAGE.search(self._here.page):
            self._here.get(found[1])  # a payment is not over yet
        elif path.endswith("/pay/review"):
            self._press_the_button()
        elif path.endswith("/pay/sum"):
            amount = (_AMOUNT.search(self._here.page) or [""] * 2)[1]
            self._here.submit(**{"choice": "own", amount: f"{self._wish.kopecks // 100},{self._wish.kopecks % 100:02d}"})
        else:
            self._here.get(self._resort)

    def _press_the_button(self) -> None:
        form = self._here.page
        self._here.submit()
        if random.random() < TWICE:  # noqa: S311
            self._here.page = form
            self._here.submit()

    def _look_at_payment(self, path: str) -> None:
        page, ref = self._here.page, path.split("/")[2]
        self._resort = f"/payments/{ref}"
        self._note(self._wish, "acknowledged", ref)
        words = next((end for words, end in _OVER.items() if words in page), "")
        if words:
            self._note(self._wish, f"shown {words}", ref)
            self._done = True
        elif self._glances:
            self._glances -= 1
            self._done = self._glances == 0
            time.sleep(0.2)
            self._here.get(path)
        elif found := _BANK_PAGE.search(page):
            self._here.get(_local(unescape(found[1])))
        elif "/continue" in page:
            self._here.submit()
        else:
            time.sleep(0.5)
            self._here.get(path)

    def _answer_the_bank(self) -> None:
        """By the bank's page, which leads back to the portal, and shows the way back where that failed."""
        page = re.match(r"/pretend-bank/pay/[^/?]+", self._here.path)
        if page is None:
            raise LookupError("no page of a payment")
        self._resort = page[0]
        if back := re.search(r'href="[^"]*(/payments/[A-Za-z0-9_-]{22})"', self._here.page):
            self._glances = self._glances or GLANCES
            self._here.get(back[1])
            return
        self._here.get(page[0] + ("" if self._wish.refuses else "/sbp"))
        if self._here.path.startswith("/pretend-bank/") and "<form" in self._here.page:
            self._here.submit()
            self._note(self._wish, "refused" if self._wish.refuses else "paid")
            self._glances = GLANCES


def _local(url: str) -> str:
    return urlsplit(url)._replace(scheme="", netloc="").geturl()
