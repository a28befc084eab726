"""A whole payment in Chromium, with scripts and without: chosen, paid by card at the training bank, seen to arrive."""

import re

import pytest
from playwright.sync_api import expect

from mygas.money import rubles
from tests.e2e.person import Person, demo_account, new_login

pytestmark = pytest.mark.e2e

CARD = {"pays": "2200000000000004", "funds": "2200000000000020"}
PAYMENT = re.compile(r"Платёж № [0-9]+")


@pytest.fixture
def payer(person: Person) -> Person:
    """A subscriber with a debt, on the account's first page."""
    person.join(new_login("phone"))
    person.connect(demo_account(person.portal, "debt")["number"])
    return person


def choose(payer: Person, sum_: str) -> None:
    """A sum of one's own, up to the bank's page."""
    payer.page.get_by_role("link", name="Оплатить").click()
    payer.sees("Оплата")
    payer.settle()
    payer.page.get_by_role("radio", name="Другая сумма").check()
    payer.page.locator("#main [name^=amount]").first.fill(sum_)
    payer.press("Продолжить")
    payer.sees("Проверьте и оплатите")
    expect(payer.page.locator("#main")).to_contain_text(f"{sum_},00 рублей")
    payer.settle()
    payer.press("Перейти к оплате картой")
    payer.sees("Как оплатить")


def by_card(payer: Person, card: str) -> None:
    payer.page.get_by_role("link", name="Банковской картой").click()
    payer.sees("Данные карты")
    for name, text in (("number", card), ("expiry", "12/30"), ("cvc", "123")):
        payer.page.locator(f"[name={name}]").fill(text)
    payer.press("ОК")


def is_told(payer: Person, words: str) -> None:
    """The payment's page says so, by itself where scripts run, and by the refresh of the page where they do not."""
    expect(payer.page.locator("#main")).to_contain_text(words, timeout=30_000)


def test_paid_by_card(payer: Person) -> None:
    choose(payer, "150")
    by_card(payer, CARD["pays"])
    expect(payer.page.get_by_role("heading", level=1)).to_have_text(PAYMENT)
    is_told(payer, "второй раз платить не нужно")
    expect(payer.page.locator("#main")).to_contain_text(rubles(15000))
    with payer.page.expect_download() as download:
        payer.page.get_by_role("link", name="Документ об оплате (PDF)").click()
    assert download.value.suggested_filename.endswith(".pdf")
    payer.page.get_by_role("link", name=re.compile("Счёт")).first.click()
    expect(payer.page.locator("#main")).to_contain_text("Оплачено здесь, ещё не учтено поставщиком")


def test_refused_by_the_bank(payer: Person) -> None:
    choose(payer, "160")
    by_card(payer, CARD["funds"])
    payer.sees("Платёж не прошёл")
    payer.page.get_by_role("link", name="Вернуться в «Мой газ»").click()
    is_told(payer, "На карте не хватило денег.")
    payer.page.get_by_role("link", name="Заплатить ещё раз").click()
    payer.sees("Оплата")


def test_left_at_the_bank_and_given_up(payer: Person) -> None:
    choose(payer, "170")
    payer.page.goto("/accounts/")
    payer.page.get_by_role("link", name="Оплатить").click()
    payer.sees("У Вас есть незаконченный платёж")
    payer.page.get_by_role("link", name="Открыть платёж: продолжить или отказаться").click()
    is_told(payer, "Банк ждёт оплаты")
    payer.settle()
    payer.press("Я не буду платить")
    is_told(payer, "Вы отказались от этого платежа.")
    expect(payer.page.get_by_role("heading", level=1)).to_have_text(PAYMENT)
    payer.page.get_by_role("link", name="Заплатить ещё раз").click()
    payer.sees("Оплата")


def test_pressed_twice_it_is_one_payment(payer: Person) -> None:
    payer.page.get_by_role("link", name="Оплатить").click()
    payer.sees("Оплата")
    payer.settle()
    payer.page.get_by_role("radio", name="Другая сумма").check()
    payer.page.locator("#main [name^=amount]").first.fill("180")
    payer.page.get_by_role("button", name="Продолжить").dblclick()
    payer.sees("Проверьте и оплатите")
    payer.settle()
    payer.page.get_by_role("button", name="Перейти к оплате картой").dblclick()
    expect(payer.page.get_by_role("heading", level=1)).to_have_text(re.compile(f"Как оплатить|{PAYMENT.pattern}"))
    payer.page.goto("/accounts/")
    payer.page.get_by_role("link", name="Платежи", exact=True).click()
    mine = payer.page.get_by_role("table", name="Платежи через портал").get_by_role("link")
    expect(mine).to_have_count(1)  # those of others who share this account are no links
