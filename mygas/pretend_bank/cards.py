"""The cards of the training bank and the check of what was typed. Of a card, only the last four digits are ever kept."""

import re
from typing import NamedTuple

from mygas import clock


class Card(NamedTuple):
    """A card to try. `does`: pays, funds (refused), code (asks for one), slow (pays after a minute), late (refused, and paid
    two minutes later), keeps (pays, and gives nothing back)."""

    number: str
    does: str
    words: str


CARDS = (
    Card("2200000000000004", "pays", "оплата проходит сразу"),
    Card("2200000000000012", "code", "банк спросит код подтверждения"),
    Card("2200000000000020", "funds", "отказ: на карте не хватает денег"),
    Card("2200000000000038", "slow", "банк ответит через минуту, оплата пройдёт"),
    Card("2200000000000046", "late", "банк откажет, а через две минуты всё-таки примет оплату"),
    Card("2200000000000053", "keeps", "оплата проходит сразу, а возврат денег — нет"),
)
_BY_NUMBER = {card.number: card for card in CARDS}


def grouped(number: str) -> str:
    """`2200 0000 0000 0004`."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def is_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of ISO/IEC 7812-1."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def read(number: str, expiry: str, cvc: str) -> tuple[Card | None, dict[str, str]]:
    """The card, or what is wrong with each field."""
    wrong = {}
    card, why = _read_number(re.sub(r"[\s-]", "", number))
    if why:
        wrong["number"] = why
    if why := _wrong_expiry(re.sub(r"\s", "", expiry)):
        wrong["expiry"] = why
    if not re.match(r"[0-9]{3}\Z", cvc.strip()):
        wrong["cvc"] = "Введите три цифры с оборота карты. Здесь подойдут любые."
    return (None, wrong) if wrong else (card, {})


def _read_number(digits: str) -> tuple[Card | None, str]:
    if not re.match(r"[0-9]{16,19}\Z", digits):
        return None, "В номере карты 16 цифр. Проверьте, все ли введены."
    if not is_luhn(digits):
        return None, "Такого номера карты не бывает: в какой-то цифре ошибка."
    if digits not in _BY_NUMBER:
        return None, "Настоящие карты здесь не принимаются. Возьмите номер из списка на этой странице."
    return _BY_NUMBER[digits], ""


def _wrong_expiry(text: str) -> str:
    found = re.match(r"(0[1-9]|1[0-2])/?([0-9]{2})\Z", text)
    if not found:
        return "Введите месяц и год, как на карте: 12/30."
    today = clock.now()
    return "" if (2000 + int(found[2]), int(found[1])) >= (today.year, today.month) else "Срок действия карты истёк."
