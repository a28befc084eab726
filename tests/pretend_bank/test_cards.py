"""Cards: the check digit, the sentences, and that no real one is taken."""

from datetime import UTC, datetime

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from mygas.pretend_bank import cards

GOOD = {"number": "2200 0000 0000 0004", "expiry": "12/30", "cvc": "123"}


@given(st.text("0123456789", min_size=15, max_size=18))
def test_one_check_digit_of_ten_is_right(digits):
    assert sum(cards.is_luhn(digits + check) for check in "0123456789") == 1


@given(st.sampled_from([card.number for card in cards.CARDS]), st.integers(0, 15), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(number, place, by):
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert cards.is_luhn(number)
    assert not cards.is_luhn(wrong)


def test_known_numbers():
    assert cards.is_luhn("4561261212345467")
    assert not cards.is_luhn("4561261212345464")


@pytest.mark.parametrize("number", ["2200000000000004", " 2200-0000-0000-0004 ", "2200 0000 0000 0004"])
def test_a_number_may_be_grouped(number):
    card, wrong = cards.read(**{**GOOD, "number": number})
    assert (card.does, wrong) == ("pays", {})


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("number", "", "16 цифр"),
        ("number", "2200 0000 0000", "16 цифр"),
        ("number", "٢٢٠٠٠٠٠٠٠٠٠٠٠٠٠٤", "16 цифр"),
        ("number", "2200 0000 0000 0005", "в какой-то цифре ошибка"),
        ("number", "4561 2612 1234 5467", "Настоящие карты здесь не принимаются"),
        ("expiry", "", "месяц и год"),
        ("expiry", "13/30", "месяц и год"),
        ("expiry", "10/26", "истёк"),
        ("cvc", "12", "три цифры"),
        ("cvc", "1234", "три цифры"),
    ],
)
def test_what_is_wrong_is_said_in_words(field, typed, words):
    with time_machine.travel(datetime(2026, 11, 22, tzinfo=UTC)):
        card, wrong = cards.read(**{**GOOD, field: typed})
    assert card is None
    assert wrong.keys() == {field}
    assert words in wrong[field]


@pytest.mark.parametrize("expiry", ["11/26", "1126", " 12 / 30 "])
def test_a_card_lives_to_the_end_of_its_month(expiry):
    with time_machine.travel(datetime(2026, 11, 30, tzinfo=UTC)):
        assert cards.read(**{**GOOD, "expiry": expiry})[1] == {}
