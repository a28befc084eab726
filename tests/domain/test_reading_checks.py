"""Each check of a reading in each strength, and arithmetic that no value can confuse."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mygas.domain.reading_checks import CHECKS, check
from mygas.domain.reading_facts import Checked, Entered, MeterNow, Price, most_flow, parse
from mygas.domain.reading_window import Window, window
from mygas.settings import Settings
from mygas.speech import Speech
from mygas.suppliers import Supplier, load
from mygas.suppliers.rules import Checks, Readings

TODAY = date(2026, 11, 20)
CATALOGUE = load(Settings.catalogue)
PERM = CATALOGUE["perm"]
METER = MeterNow(
    meter_id=7,
    serial="A-1",
    model="ВК-G4T",
    digits=5,
    place="кухня",
    verified_until=date(2031, 5, 1),
    known_milli=2_000_000,
    known_on=date(2026, 10, 20),
    known_source="subscriber",
    last_year_milli=100_000,
    sent_id=None,
    sent_by=None,
    sent_milli=None,
    sent_at=None,
    sent_rolled_over=False,
)
SENT = {"sent_id": 57, "sent_by": 1, "sent_milli": 2_150_000, "sent_at": datetime(2026, 11, 19, 9, 5, tzinfo=UTC)}
STRENGTHS = ("refuse", "confirm", "note", "off")


def supplier(*, rollover: bool = True, decimals: bool = True, **checks: str) -> Supplier:
    """Пермь with other rules; checks that are not named are off."""
    strengths = Checks(**{**dict.fromkeys(Checks.__dataclass_fields__, "off"), **checks})
    return replace(PERM, checks=strengths, readings=replace(PERM.readings, allow_rollover=rollover, decimals=decimals))


OTHERS = {**SENT, "sent_by_other": True}


def look(value: int, *, rules: Supplier | None = None, through_zero: bool = False, shown: int | None = None,
         blind: bool = False, price: Price | None = None, milli: int = 0, **meter: object) -> Checked:  # fmt: skip
    entered = Entered(7, value * 1000 + milli, through_zero, shown)
    return check(replace(METER, **meter), entered, rules or PERM, TODAY, price, blind=blind)


CASES = {
    "less": (1999, {}, "Показание меньше прежнего: было 2 000 м³ от 20.10.2026."),
    "zero": (2000, {}, "Показание такое же, как прежнее от 20.10.2026"),
    "above_max": (12_001, {}, "Выходит расход 10 001 м³: больше 10 000 м³ за раз поставщик не принимает."),
    "impossible": (2000 + 6 * 24 * 31 + 1, {}, "столько газа через прибор ВК-G4T пройти не могло, самое большее — 4 464 м³"),
    "three_times": (2301, {}, "Расход 301 м³ — больше чем втрое против того же месяца прошлого года (100 м³)."),
    "expired": (2100, {"verified_until": date(2026, 11, 19)}, "Срок поверки прибора закончился 19.11.2026"),
    "same_value": (2150, SENT, "Это показание уже принято 19.11.2026 14:05."),
    "other_browser": (2160, SENT, "в другом окне передано другое показание: 2 150 м³, 19.11.2026 14:05"),
}
"""A value that each check has something to say of, the meter that goes with it, and what is said."""

FAIR = {
    "less": (2001, {}),
    "zero": (2001, {}),
    "above_max": (12_000, {}),
    "impossible": (2000 + 6 * 24 * 31, {}),
    "three_times": (2300, {}),
    "expired": (2100, {"verified_until": TODAY}),
    "same_value": (2151, SENT),
    "other_browser": (2150, SENT),
}
"""The nearest value of which it has not."""


def words(checked: Checked) -> str:
    return " ".join(Speech().say(one.sentence, **one.values) for one in checked.findings).replace("\u00a0", " ")


def test_the_cases_cover_the_table():
    assert CASES.keys() == FAIR.keys() == CHECKS.keys() - {"digits", "other_user"} == Checks.__dataclass_fields__.keys()


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("name", CASES)
def test_a_check_is_as_strong_as_the_supplier_says(name: str, strength: str):
    value, meter, said = CASES[name]
    checked = look(value, rules=supplier(**{name: strength}), **meter)
    assert [(one.name, one.strength) for one in checked.findings] == ([(name, strength)] if strength != "off" else [])
    if strength == "note":
        assert said in words(checked)
    for one in checked.findings:
        assert one.field == "reading_7"
        assert one.key.startswith(f"{name}-7-{value}000")


@pytest.mark.parametrize("name", FAIR)
def test_a_check_is_silent_just_before(name: str):
    value, meter = FAIR[name]
    assert not look(value, rules=supplier(**{name: "refuse"}), **meter).findings


@pytest.mark.parametrize("name", CASES)
def test_the_blind_are_told_no_number_of_the_household(name: str):
    value, meter, _ = CASES[name]
    checked = look(value, rules=supplier(**{name: "note"}), blind=True, price=Price(769_000, 0), **meter)
    assert len(checked.findings) == 1 and checked.cost_kop is None
    if name not in ("expired", "same_value"):
        assert not any(sign.isdigit() for sign in words(checked))


def test_more_digits_than_the_meter_has():
    assert [one.strength for one in look(100_000, rules=supplier(), known_milli=None).findings] == ["refuse"]
    assert not look(99_999, rules=supplier(), milli=999).findings
    assert not look(10**9, rules=supplier(), digits=0).findings, "where the supplier did not tell"


def test_a_refusal_leaves_no_questions():
    rules = supplier(above_max="refuse", three_times="confirm", expired="note")
    assert [one.name for one in look(20_000, rules=rules, verified_until=date(2020, 1, 1)).findings] == ["above_max"]


def test_three_times_a_month_grows_with_the_months():
    rules = supplier(three_times="confirm")
    assert not look(2600, rules=rules, known_on=date(2026, 9, 20)).findings, "two months, six times one"
    assert look(2601, rules=rules, known_on=date(2026, 9, 20)).findings
    for unknown in (None, 0):
        assert not look(9000, rules=rules, last_year_milli=unknown).findings


def test_nothing_is_compared_with_nothing():
    rules = supplier(**dict.fromkeys(CASES, "refuse"))
    checked = look(5, rules=rules, known_milli=None, known_on=None)
    assert not checked.findings and checked.consumed_milli is None


def test_what_is_confirmed_is_this_reading_over_that_one():
    rules = supplier(other_browser="confirm")
    assert look(2160, rules=rules, **SENT).findings[0].key == "other_browser-7-2160000-57"
    assert not look(2160, rules=rules, shown=57, **SENT).findings, "the form showed the standing one"
    assert look(2160, rules=rules, shown=56, **SENT).findings


def test_through_zero():
    """Product.md §5.1, check 5."""
    nearly = {"known_milli": 99_998_000}
    rules = supplier(less="refuse")
    told = look(3, rules=rules, through_zero=True, **nearly)
    assert (told.rolled_over, told.consumed_milli, told.findings) == (True, 5_000, ())
    assert [one.name for one in look(3, rules=rules, **nearly).findings] == ["less"]
    assert [one.name for one in look(3, rules=supplier(less="refuse", rollover=False), through_zero=True, **nearly).findings] == [
        "less"
    ]
    idle = look(2100, rules=rules, through_zero=True)
    assert (idle.rolled_over, idle.consumed_milli) == (False, 100_000), "an idle tick changes nothing"


@pytest.mark.parametrize(
    ("known", "value", "asked"),
    [
        (99_998, 3, True),
        (90_000, 9_999, True),
        (89_999, 3, False),
        (90_000, 10_000, False),
        (2000, 1992, False),
        (3, 99_998, False),
    ],
)
def test_whether_it_went_through_zero_is_asked_only_where_it_can_be(known: int, value: int, asked: bool):
    """From the last tenth of the dial to the first; a tick elsewhere does not make 99 992 m³ of a slip."""
    rules = supplier(less="refuse")
    meter = {"known_milli": known * 1000}
    assert look(value, rules=rules, **meter).may_have_turned == asked
    ticked = look(value, rules=rules, through_zero=True, **meter)
    assert ticked.rolled_over == asked
    assert [one.name for one in ticked.findings] == (["less"] if value < known and not asked else [])
    assert not look(value, rules=supplier(rollover=False), **meter).may_have_turned


@pytest.mark.parametrize("known", [2000, 99_998])
def test_the_blind_are_asked_by_what_they_typed_alone(known: int):
    rules, meter = supplier(less="refuse"), {"known_milli": known * 1000}
    assert look(3, rules=rules, blind=True, **meter).may_have_turned
    assert not look(10_000, rules=rules, blind=True, **{**meter, "known_milli": 99_998_000}).may_have_turned


@pytest.mark.parametrize(("strength", "found"), [("refuse", "confirm"), ("confirm", "confirm"), ("note", "note"), ("off", None)])
def test_less_than_an_estimate_is_at_most_a_question(strength: str, found: str | None):
    """The supplier reckoned too much: the true dial must not be a dead end, and nobody knows the consumption."""
    checked = look(1992, rules=supplier(less=strength, three_times="refuse", zero="refuse"), known_source="estimate")
    assert [one.strength for one in checked.findings] == ([found] if found else [])
    assert checked.consumed_milli is None
    if found:
        assert "было 2 000 м³ от 20.10.2026. Но прежнее — расчётное: если цифры верны, поставщик пересчитает." in words(checked)
    blind = look(1992, rules=supplier(less="refuse"), known_source="estimate", blind=True)
    assert [one.strength for one in blind.findings] == ["confirm"] and "расчётное" in words(blind) and "2" not in words(blind)


def test_what_another_user_sent_is_replaced_knowingly():
    (asked,) = look(2160, rules=supplier(), shown=57, **OTHERS).findings
    assert (asked.name, asked.strength, asked.key) == ("other_user", "confirm", "other_user-7-2160000-57")
    assert "Другой пользователь счёта уже передал показание 2 150 м³, 19.11.2026 14:05." in words(look(2160, **OTHERS))
    loud = supplier(other_browser="refuse")
    assert [one.name for one in look(2160, rules=loud, **OTHERS).findings] == ["other_user"], "said once"
    assert not look(2150, rules=supplier(), **OTHERS).findings, "the same value replaces nothing"


@pytest.mark.parametrize("value", [1, 2150, 2160, 100_000])
def test_the_blind_replace_nothing_of_another_user_s(value: int):
    """One answer whatever they enter: it tells neither the standing value nor the one before."""
    checked = look(value, rules=supplier(less="refuse", same_value="note"), shown=57, blind=True, **OTHERS)
    assert [(one.name, one.strength) for one in checked.findings] == [("other_user", "refuse")]
    assert words(checked) == (
        "По этому прибору показание уже передано другим пользователем счёта. "
        f"Исправить его можно в расширенной версии или у поставщика: {PERM.support_phone}."
    )


@pytest.mark.parametrize("blind", [False, True])
def test_what_the_supplier_rejected_does_not_stand(blind: bool):
    rejected = {**OTHERS, "sent_rejected": True}
    rules = supplier(same_value="refuse", other_browser="refuse")
    for value in (2150, 2160):
        assert not look(value, rules=rules, blind=blind, **rejected).findings


CAPACITY = st.integers(1, 9)


@given(st.data(), CAPACITY, st.booleans())
def test_consumption_is_what_the_dial_turned_by(data: st.DataObject, digits: int, decimals: bool):
    turn = 10**digits * 1000
    known = data.draw(st.integers(0, turn - 1))
    burned = data.draw(st.integers(0, turn - 1))
    rules = supplier(less="refuse", decimals=decimals)
    if not decimals:
        known, burned = known // 1000 * 1000, burned // 1000 * 1000
    now = (known + burned) % turn
    meter = {"digits": digits, "known_milli": known}
    told = look(0, rules=rules, milli=now, through_zero=True, **meter)
    turned = known >= turn // 10 * 9 and now < turn // 10
    assert told.rolled_over == turned
    assert told.consumed_milli == (burned if turned or now >= known else None)
    assert [one.name for one in told.findings] == (["less"] if now < known and not turned else [])
    plain = look(0, rules=rules, milli=now, **meter)
    assert [one.name for one in plain.findings] == (["less"] if now < known else [])
    assert plain.consumed_milli == (None if now < known else burned)


def test_without_decimals_whole_cubic_metres_count():
    rules = supplier(decimals=False, less="refuse", zero="confirm")
    known = {"known_milli": 2_000_700}
    assert look(2000, milli=200, rules=rules, **known).consumed_milli == 0
    assert [one.name for one in look(2000, milli=200, rules=rules, **known).findings] == ["zero"]
    assert look(2001, milli=100, rules=rules, **known).consumed_milli == 1_000
    assert look(2001, milli=100, rules=supplier(), **known).consumed_milli == 400


def test_money_by_the_last_price():
    assert look(2128, price=Price(831_203, 0)).cost_kop == 106_394  # 128 × 8.31203 = 1063.94
    assert look(2128, price=Price(769_000, 1_083_200)).cost_kop == 106_622  # 128 × 1.0832 × 7.69 = 1066.215
    assert look(1999, price=Price(769_000, 0)).cost_kop is None


@pytest.mark.parametrize(
    ("typed", "milli"),
    [
        ("176", 176_000),
        ("176,4", 176_400),
        ("176.4", 176_400),
        ("00176.412", 176_412),
        (" 1\u00a0226,4 ", 1_226_400),
        ("1 226 м³", 1_226_000),
        ("12 м3", 12_000),
        ("12 m³", 12_000),
        ("12,5М3", 12_500),
        ("0", 0),
        ("1\u2009226", 1_226_000),
    ],
)
def test_spellings(typed: str, milli: int):
    assert parse(typed) == milli


@pytest.mark.parametrize(
    "typed",
    ["", " ", "сто", "-5", "1,2,3", "1.226,4", "176,4123", ",4", "176,", "٣٤", "1e5", "0x1", "1_000", "½", "1\n2\n" * 20,
     "12²", "12³", "①", "１７６", "12м²", "м³"],
)  # fmt: skip
def test_no_readings(typed: str):
    with pytest.raises(ValueError):
        parse(typed)


@given(st.text())
def test_any_text_is_a_reading_or_none(typed: str):
    try:
        milli = parse(typed)
    except ValueError:
        return
    assert 0 <= milli < 10**15


@given(st.decimals(0, 99_999, places=3))
def test_what_is_written_is_read(value):
    assert parse(f"{value}".replace(".", ",")) == int(value * 1000)


@pytest.mark.parametrize(
    ("model", "litres"),
    [
        ("ВК-G4T", 6000),
        ("BK-G4", 6000),
        ("вк g4", 6000),
        ("ВК-Г4", 6000),
        ("BK-G1.6", 2500),
        ("BK-G1,6T", 2500),
        ("NPM G2.5", 4000),
        ("СГД-G16", 25_000),
        ("BKG4T", 6000),
        ("BK-G10T", 16_000),
        ("BK-G40", None),
        ("BK-G4.5", None),
        ("BK G4", 6000),
        ("СГК-G4", 6000),
        ("NPM G4", 6000),
        ("СГД G4", 6000),
        ("РЛ G4", 6000),
        ("Metrix G6", 10_000),
        ("Гранд-4", 6000),
        ("Гранд-1,6ТК", 2500),
        ("СГБМ-1,6", 2500),
        ("СГМ-1,6", 2500),
        ("Бетар СГБМ-3,2", 5000),
        ("Гранд-2,4", 4000),
        ("СГМН-1-G6", 10_000),
        ("ВК-G25", 40_000),
        ("Гранд-25ТК", None),
        ("Гранд-16", None),
        ("СГБМ 2016", None),
        ("СГБМ 4.2016", None),
        ("СГ16МТ-100", None),
        ("ВК-T5", None),
        ("ВК-Т4", None),
        ("ВК 04", None),
        ("", None),
    ],
)
def test_how_much_can_pass(model: str, litres: int | None):
    assert most_flow(model, PERM.readings.max_flow) == litres


@given(st.text(max_size=60))
def test_any_model_is_looked_at(model: str):
    assert most_flow(model, PERM.readings.max_flow) in {None, *(litres for _, litres in PERM.readings.max_flow)}


RULE = Readings(18, 28, "next_period", True, 10_000, (), True)


@pytest.mark.parametrize(
    ("day", "late", "expected"),
    [
        ("2026-11-20", "reject", Window(date(2026, 11, 18), date(2026, 11, 28), True, 202611, False, True, 8)),
        ("2026-11-28", "reject", Window(date(2026, 11, 18), date(2026, 11, 28), True, 202611, False, True, 0)),
        ("2026-11-17", "next_period", Window(date(2026, 11, 18), date(2026, 11, 28), False, 202611, False, True, 11)),
        ("2026-11-17", "reject", Window(date(2026, 11, 18), date(2026, 11, 28), False, 202611, False, False, 11)),
        ("2026-11-29", "next_period", Window(date(2026, 12, 18), date(2026, 12, 28), False, 202612, True, True, 29)),
        ("2026-12-29", "reject", Window(date(2027, 1, 18), date(2027, 1, 28), False, 202701, True, False, 30)),
    ],
)
def test_windows(day: str, late: str, expected: Window):
    assert window(replace(RULE, late=late), date.fromisoformat(day)) == expected


@pytest.mark.parametrize("day", ["2027-02-28", "2028-02-29", "2026-04-30"])
def test_a_window_till_the_31st_ends_with_the_month(day: str):
    found = window(replace(RULE, to_day=31), date.fromisoformat(day))
    assert found.is_open and found.days_left == 0 and not found.late


@given(st.dates(date(2020, 1, 1), date(2100, 1, 1)), st.integers(1, 31), st.integers(0, 30))
def test_a_window_is_never_over(day: date, from_day: int, length: int):
    found = window(replace(RULE, from_day=from_day, to_day=min(31, from_day + length)), day)
    assert found.opens_on <= found.closes_on
    assert found.days_left == (found.closes_on - day).days >= 0
    assert found.is_open == (found.opens_on <= day <= found.closes_on)
    assert found.period == found.closes_on.year * 100 + found.closes_on.month
