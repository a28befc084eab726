"""The payment code holds to ГОСТ Р 56042-2014 whatever the names: it reads back to the same fields, within the limits."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mygas.domain import payment_code
from mygas.settings import Settings
from mygas.suppliers import load
from tests.payment_codes import read

CATALOGUE = load(Settings.catalogue)
SUPPLIERS = st.sampled_from(sorted(CATALOGUE))
NAMES = st.text(max_size=170)
RUSSIAN = st.text("абвгдеёжзийклмнопрстуфхцчшщъыьэюя АБВ«»№-.", max_size=60)
PERIODS = st.builds(lambda year, month: year * 100 + month, st.integers(2000, 2099), st.integers(1, 12))
FORMATS = {
    "MMYY": r"([0-9]{2})([0-9]{2})",
    "MMYYYY": r"([0-9]{2})[0-9]{2}([0-9]{2})",
    "MM.YYYY": r"([0-9]{2})\.[0-9]{2}([0-9]{2})",
}


def told(supplier, **about) -> dict[str, str]:
    text = payment_code.compose(supplier, **{"number": "59012345", "period": 202610, "sum_kop": 100, **about})
    return dict(read(text.encode(payment_code.codec(supplier))))


@pytest.mark.parametrize("slug", CATALOGUE)
def test_each_supplier_has_his_own_code(slug):
    supplier = CATALOGUE[slug]
    text = payment_code.compose(supplier, number=supplier.account.example, period=202610, sum_kop=124_530)
    fields = read(text.encode(payment_code.codec(supplier)))
    assert text.startswith(f"{supplier.qr.encoding}|Name=")
    month = {"MMYY": "1026", "MMYYYY": "102026", "MM.YYYY": "10.2026"}[supplier.qr.period_format]
    assert fields == [
        ("Name", supplier.legal_name), ("PersonalAcc", supplier.bank.account), ("BankName", supplier.bank.name),
        ("BIC", supplier.bank.bic), ("CorrespAcc", supplier.bank.corr_account), ("Sum", "124530"),
        ("Purpose", f"Оплата за газ, л/с {supplier.account.example}, октябрь 2026"), ("PayeeINN", supplier.inn),
        ("KPP", supplier.kpp), (supplier.qr.account_key, supplier.account.example), ("PaymPeriod", month), ("TechCode", "02"),
    ]  # fmt: skip


@given(SUPPLIERS, PERIODS, st.integers(1, 10**15), st.from_regex(r"[0-9A-ZА-Я]{1,20}", fullmatch=True))
def test_kopecks_period_and_number_come_back_exactly(slug, period, kopecks, number):
    supplier = CATALOGUE[slug]
    fields = told(supplier, number=number, period=period, sum_kop=kopecks)
    assert int(fields["Sum"]) == kopecks
    assert fields[supplier.qr.account_key] == number
    month, year = re.fullmatch(FORMATS[supplier.qr.period_format], fields["PaymPeriod"]).groups()
    assert (int(month), int(year)) == (period % 100, period // 100 % 100)


@given(SUPPLIERS, st.integers(-(10**9), 0))
def test_nothing_to_pay_is_no_sum_rather_than_a_wrong_one(slug, kopecks):
    assert "Sum" not in told(CATALOGUE[slug], sum_kop=kopecks)


@given(SUPPLIERS, NAMES | RUSSIAN, NAMES | RUSSIAN, NAMES)
def test_any_names_come_back_within_the_limits_or_are_refused(slug, legal_name, bank_name, number):
    """Names of a catalogue were checked when it was loaded; here nothing is known of them."""
    supplier = CATALOGUE[slug]
    supplier = replace(supplier, legal_name=legal_name, bank=replace(supplier.bank, name=bank_name))
    codec = payment_code.codec(supplier)
    try:
        fields = told(supplier, number=number)
    except payment_code.DoesNotFit:
        spoken = [payment_code.spoken(name, codec) for name in (legal_name, bank_name, number)]
        assert len(spoken[0]) > 160 or len(spoken[1]) > 45 or len("".join(spoken[:2]).encode(codec)) > 206 or len(spoken[2]) > 120
    else:
        assert fields["Name"] == payment_code.spoken(legal_name, codec)
        assert fields["BankName"] == payment_code.spoken(bank_name, codec)
        assert fields[supplier.qr.account_key] == payment_code.spoken(number, codec)


@given(NAMES, st.sampled_from(["utf-8", "cp1251"]))
def test_a_value_is_one_line_without_the_separator(text, codec):
    value = payment_code.spoken(text, codec)
    assert value.encode(codec).decode(codec) == value
    assert "|" not in value and value == " ".join(value.split())
    assert payment_code.spoken(value, codec) == value


@given(RUSSIAN, st.sampled_from(["utf-8", "cp1251"]))
def test_russian_words_stay_letter_by_letter(text, codec):
    assert payment_code.spoken(text, codec) == " ".join(text.split())


@pytest.mark.parametrize(
    ("typed", "in_cp1251"),
    [
        ("ӝук", "жук"), ("ӵушон", "чушон"), ("Җәлил", "Жалил"), ("йод", "йод"), ("100 ₽", "100 ?"),
        ("a｜b", "a b"), ("a|b\r\nc", "a b c"), ("дом¨", "дом"),
    ],
)  # fmt: skip
def test_what_windows_1251_lacks_gives_way(typed, in_cp1251):
    assert payment_code.spoken(typed, "cp1251") == in_cp1251
