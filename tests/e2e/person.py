"""A person before the screen: does what people do, looks at what they look at."""

import itertools
import json
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, Request, expect

from tests.e2e.portal import Portal
from tests.walks import code_in, link_in

PASSWORD = "Gaz2026x"
CONTACT, CODE, CONSENT = "Регистрация", "Подтверждение", "Согласие"
SUPPLIER, ACCOUNT, EXTENDED = "Какая региональная газовая компания Вас обслуживает?", "Номер лицевого счёта", "Расширенная версия"

_numbers = itertools.count(1)


def new_login(kind: str) -> str:
    """A phone or an e-mail address that nobody has registered yet."""
    number = next(_numbers)
    return f"e2e{number}@example.ru" if kind == "email" else f"+7922{number:07d}"


def demo_account(portal: Portal, story: str) -> dict[str, Any]:
    """An account of the demo region of Пермь with that story to tell."""
    accounts = json.loads((portal.folder / "demo" / "perm" / "accounts.json").read_text(encoding="utf-8"))
    return next(account for account in accounts if account["story"] == story)


@dataclass
class Person:
    """`scripts` says whether this browser runs them."""

    page: Page
    portal: Portal
    scripts: bool

    def sees(self, heading: str) -> None:
        """The page with that heading, and no other, is on the screen."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def settle(self) -> None:
        """Wait until htmx has come, where scripts run: it is fetched after the page, and a quick hand may be faster."""
        if self.scripts:
            self.page.wait_for_function("window.htmx")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def fill(self, **fields: str) -> None:
        """Type into fields by their names."""
        for name, text in fields.items():
            self.page.locator(f"#main [name={name}]").fill(text)

    def ask_to_join(self, login: str) -> None:
        """From the first page to the filled form of registration, not sent yet."""
        self.page.goto("/")
        self.page.get_by_role("link", name="Регистрация").click()
        self.sees(CONTACT)
        self.settle()
        self.fill(login=login, password=PASSWORD, password2=PASSWORD)

    def join(self, login: str) -> None:
        """Register and consent: a phone is confirmed by its code, an address by its link. Ends at the choice of a supplier."""
        self.ask_to_join(login)
        self.press("Зарегистрироваться")
        self.sees(CODE)
        if "@" in login:
            self.page.goto(link_in(self._letter(login)))
            self.sees("Подтверждение регистрации")
        else:
            self.fill(code=code_in(self.portal.last_message(login)))
        self.press("Подтвердить")
        self.sees(CONSENT)
        self.page.get_by_label("Я прочитал текст").check()
        self.press("Подписать согласие")
        self.sees(SUPPLIER)

    def connect(self, number: str, supplier: str = "Пермь") -> None:
        """Choose the supplier by typing, give the number, put the extended version off. Ends at the account's home."""
        self.choose(supplier)
        self.press("Продолжить")
        self.sees(ACCOUNT)
        self.fill(number=number)
        self.press("Продолжить")
        self.sees(EXTENDED)
        self.press("Подключить расширенную версию позже")
        self.sees(f"Счёт {number.replace(' ', '')}")

    def choose(self, supplier: str) -> None:
        """Type a supplier's name; with scripts the list narrows to the one that fits, and it is ticked."""
        self.settle()
        field = self.page.locator("#main [name=supplier]")
        field.press_sequentially(supplier)
        if self.scripts:
            expect(self.page.get_by_role("radio")).to_have_count(1)
            expect(self.page.get_by_role("radio")).to_be_checked()
            expect(self.page.get_by_text("Найдено: 1")).to_be_visible()
            expect(field).to_be_focused()

    def sign_in(self, login: str, password: str = PASSWORD) -> None:
        self.page.goto("/")
        self.settle()
        self.fill(login=login, password=password)
        self.press("Войти")

    def documents(self) -> list[str]:
        """Addresses of whole pages that the browser asks for from now on: the list grows by itself."""
        asked: list[str] = []

        def note(request: Request) -> None:
            if request.resource_type == "document":
                asked.append(request.url)

        self.page.on("request", note)
        return asked

    def _letter(self, login: str) -> str:
        """The letter, its link as a path: the portal of a test has a port."""
        return self.portal.last_message(login).replace(self.portal.url, "http://localhost")
