"""Account numbers: every example of the catalogue, the traps of real receipts, and what pasting may add."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mygas.suppliers
from mygas.suppliers import AccountRule, Supplier, load

CATALOGUE = load(Path(mygas.suppliers.__file__).parent / "catalogue")
VALID = [(slug, *pair) for slug, supplier in CATALOGUE.items() for pair in supplier.account.examples_valid]
INVALID = [(slug, typed) for slug, supplier in CATALOGUE.items() for typed in supplier.account.examples_invalid]
NOISE = st.text(" \u00a0\u2009\u3000\u200b\u200d\ufeff\t\n", max_size=5)
LABELS = st.sampled_from(["", "л/с № ", "ЛС ", "№", "лицевой счёт: ", "Номер лицевого счета "])
SUPPLIERS = st.sampled_from(list(CATALOGUE.values()))
INDEXES = st.integers(0, 99_999)


def rule(slug: str) -> AccountRule:
    return CATALOGUE[slug].account


@pytest.mark.parametrize(("slug", "typed", "stored"), VALID)
def test_valid_examples_come_out_as_stated(slug: str, typed: str, stored: str) -> None:
    assert rule(slug).canonical(typed) == stored


@pytest.mark.parametrize(("slug", "typed"), INVALID)
def test_invalid_examples_are_refused(slug: str, typed: str) -> None:
    with pytest.raises(ValueError, match="account number"):
        rule(slug).canonical(typed)


@pytest.mark.parametrize("slug", ["sever-tyumen", "sever-hmao", "sever-yanao"])
def test_the_zero_of_sever_is_kept(slug: str) -> None:
    assert rule(slug).canonical("018012345") == "018012345"


@pytest.mark.parametrize(
    "typed",
    [
        "023-185952",
        "23-185952",
        "023185952",
        "23185952",
        " 023 - 185952 ",
        "023\u2010185952",  # hyphen
        "023\u2011185952",  # non-breaking hyphen
        "023–185952",  # en dash
        "023—185952",  # em dash
        "023\u2212185952",  # minus
        "023\uff0d185952",  # full-width hyphen
        "023\u00ad-185952",  # soft hyphen
        "023-185\u00a0952",  # no-break space
        "023-185\u2009952",  # thin space
        "０２３－１８５９５２",
        "\u200b023-185952\u200b",
        "\ufeff023-185952",
        "л/с № 023-185952",
        "Л/С №023-185952.",
        "л.с. 023-185952",
        "ЛС: 023-185952",
        "№ 023-185952",
        "N 023-185952",
        "No. 023-185952",
        "лицевой счёт 023-185952",
        "Лицевой счет № 023-185952;",
        "Номер лицевого счёта: 023-185952",
        "023-185952\r\n",
    ],
)
def test_one_account_however_it_is_written(typed: str) -> None:
    assert rule("volga").canonical(typed) == "23185952"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "\u200b",
        "№",
        "л/с",
        "٢٣١٨٥٩٥٢",
        "²³¹⁸⁵⁹⁵²",
        "2318595²",
        "23185952a",
        "x23185952",
        "23185952 23185952",
        "2" * 101,
    ],
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="account number"):
        rule("volga").canonical(typed)


def test_a_number_longer_than_its_column_is_refused_whatever_the_pattern() -> None:
    with pytest.raises(ValueError, match="account number"):
        rule("izhevsk").canonical("1" * 21)


def test_padding_adds_the_zeros_a_supplier_prints() -> None:
    padded = replace(rule("sever-tyumen"), normalise=("strip_spaces", "pad_left:9"))
    assert padded.canonical("180 12345") == "018012345"
    assert padded.canonical("018012345") == "018012345"


def test_limits_of_accounts_per_user() -> None:
    assert {slug: supplier.account.max_per_user for slug, supplier in CATALOGUE.items() if supplier.account.max_per_user} == {
        "perm": 3
    }


@given(supplier=SUPPLIERS, index=INDEXES)
def test_demo_numbers_are_canonical(supplier: Supplier, index: int) -> None:
    number = supplier.account.generate(index)
    assert supplier.account.canonical(number) == number
    assert number.endswith(f"{index:05d}")


@given(supplier=SUPPLIERS, typed=st.text("0123456789 -–№л/с.:\u00a0\u200b０９N", max_size=30))
def test_canonical_is_idempotent(supplier: Supplier, typed: str) -> None:
    try:
        number = supplier.account.canonical(typed)
    except ValueError:
        return
    assert supplier.account.canonical(number) == number


@given(supplier=SUPPLIERS, index=INDEXES, place=st.integers(0, 8), noise=st.tuples(NOISE, LABELS, NOISE, NOISE))
def test_pasted_noise_does_not_matter(supplier: Supplier, index: int, place: int, noise: tuple[str, str, str, str]) -> None:
    number = supplier.account.generate(index)
    wide = number.translate({ord("0") + digit: chr(ord("０") + digit) for digit in range(10)})
    before, label, middle, after = noise
    for digits in (number, wide):
        assert supplier.account.canonical(f"{before}{label}{digits[:place]}{middle}{digits[place:]}{after}") == number
