"""«Почему такая сумма?», reckoned by hand and to the kopeck; and what a meter's readings come to."""

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mygas.domain.explaining import cost_kop, explain
from mygas.domain.metering import consumed_milli, days_left, has_rolled_over, warning
from mygas.domain.visible import KnownReading, Line, Month

LINE = Line("Газ", "meter", 49_600, 769_000, 38_142, 0)
READING = KnownReading(
    1, "А-1", 5, date(2026, 10, 20), 1_226_000, "subscriber", date(2026, 9, 20), 1_176_400, "inspector"
)  # fmt: skip


@given(st.integers(-(10**9), 10**9), st.integers(0, 10**9))
def test_cost_is_the_product_rounded_half_up(volume_milli: int, price_kop: int):
    exact = Decimal(volume_milli) / 1000 * Decimal(price_kop) / 1000
    assert cost_kop(volume_milli, price_kop) == exact.quantize(Decimal(1), ROUND_HALF_UP)


@pytest.mark.parametrize(
    ("volume_milli", "price_kop", "kopecks"),
    [
        (49_600, 769_000, 38_142),  # 49.6 × 7.69 = 381.424
        (50_000, 769_010, 38_451),  # 384.505: the half goes up
        (50_000, 769_009, 38_450),
        (29_520, 732_800, 21_632),  # product.md §2: 216.32256 that the real portal leaks
        (1, 500_000, 1),
        (1, 499_999, 0),
        (-50_000, 769_010, -38_451),
        (0, 769_000, 0),
    ],
)
def test_cost_by_hand(volume_milli: int, price_kop: int, kopecks: int):
    assert cost_kop(volume_milli, price_kop) == kopecks


@given(st.integers(-(10**9), 10**9), st.integers(0, 10**9), st.integers(1, 10**7 - 1))
def test_cost_with_a_coefficient_is_rounded_once(volume_milli: int, price_kop: int, micro: int):
    exact = Decimal(volume_milli) / 1000 * Decimal(micro) / 1_000_000 * Decimal(price_kop) / 1000
    assert cost_kop(volume_milli, price_kop, micro) == exact.quantize(Decimal(1), ROUND_HALF_UP)


@pytest.mark.parametrize(
    ("volume_milli", "price_kop", "micro", "kopecks"),
    [
        (49_600, 769_000, 1_083_200, 41_316),  # 49.6 × 1.0832 × 7.69 = 413.1585…
        (49_600, 769_000, 1_000_000, 38_142),
        (49_600, 769_000, 960_000, 36_617),  # 366.16704
        (1, 1_000_000, 500_000, 1),  # half a kopeck goes up
        (1, 1_000_000, 499_999, 0),
    ],
)
def test_cost_with_a_coefficient_by_hand(volume_milli: int, price_kop: int, micro: int, kopecks: int):
    assert cost_kop(volume_milli, price_kop, micro) == kopecks


def test_a_coefficient_is_in_the_product_and_in_what_a_recalculation_costs():
    """12 m³ more by the readings, 12 × 1.0832 × 7.69 = 99.957696."""
    line = replace(LINE, sum_kop=41_316, recalculated_kop=9_996, coefficient_micro=1_083_200)
    (one,) = explain(Month(202610, (line,)), [replace(READING, value_milli=READING.value_milli + 12_000)])
    assert (one.product_kop, one.off_kop, one.unbilled_milli) == (41_316, 0, 12_000)
    assert one.recalculation_settles


def test_a_line_by_the_meter():
    (one,) = explain(Month(202610, (LINE,)), [READING])
    assert (one.product_kop, one.off_kop, one.consumed_milli, one.unbilled_milli) == (38_142, 0, 49_600, 0)
    assert one.readings == (READING,)
    assert not one.recalculation_settles


@pytest.mark.parametrize(("sum_kop", "off"), [(38_143, 1), (38_100, -42)])
def test_a_sum_that_is_not_the_product_is_said_to_be_off(sum_kop: int, off: int):
    (one,) = explain(Month(202610, (replace(LINE, sum_kop=sum_kop),)), [READING])
    assert one.off_kop == off


@pytest.mark.parametrize(
    ("line", "product"),
    [
        (Line("ТО", "fixed", 0, 0, 94_050, 0), None),
        (Line("ТО", "fixed", 1000, 769_000, 94_050, 0), None),
        (Line("Газ", "norm", 30_000, 769_000, 23_070, 0), 23_070),
        (Line("Газ", "norm", 30_000, 0, 23_070, 0), None),
        (Line("Газ", "average", 0, 769_000, 0, 0), 0),
    ],
)
def test_other_ways_of_charging(line: Line, product: int | None):
    (one,) = explain(Month(202610, (line,)), [READING])
    assert (one.product_kop, one.off_kop) == (product, 0)
    assert (one.readings, one.consumed_milli, one.unbilled_milli) == ((), None, 0)


@pytest.mark.parametrize(("recalculated", "settles"), [(9_228, True), (9_227, False), (0, False)])
def test_a_recalculation_is_checked_against_the_readings(recalculated: int, settles: bool):
    """12 m³ more by the readings than was charged by them, 12 × 7.69 = 92.28."""
    reading = replace(READING, value_milli=READING.value_milli + 12_000)
    (one,) = explain(Month(202610, (replace(LINE, recalculated_kop=recalculated),)), [reading])
    assert (one.unbilled_milli, one.recalculation_settles) == (12_000, settles)


def test_lines_that_share_readings_are_compared_together():
    cooking, heating, upkeep = (
        replace(LINE, volume_milli=9_600),
        replace(LINE, volume_milli=40_000),
        Line("ТО", "fixed", 0, 0, 1, 0),
    )
    explained = explain(Month(202610, (cooking, heating, upkeep)), [READING])
    assert [(one.shared, one.consumed_milli, one.unbilled_milli) for one in explained[:2]] == [(True, 49_600, 0)] * 2
    assert explained[2].readings == ()


def test_several_readings_of_a_month_are_one_consumption():
    later = replace(READING, taken_on=date(2026, 10, 28), value_milli=1_230_000, previous_milli=READING.value_milli)
    (one,) = explain(Month(202610, (replace(LINE, volume_milli=53_600),)), [later, READING])
    assert (one.consumed_milli, one.unbilled_milli) == (53_600, 0)


@pytest.mark.parametrize("readings", [[], [replace(READING, previous_on=None, previous_milli=None, previous_source=None)]])
def test_without_a_reading_to_compare_with_nothing_is_invented(readings: list[KnownReading]):
    (one,) = explain(Month(202610, (LINE,)), readings)
    assert (one.consumed_milli, one.unbilled_milli) == (None, 0)


@pytest.mark.parametrize(
    ("digits", "previous", "now", "consumed", "rolled"),
    [
        (5, 1_000_000, 1_050_400, 50_400, False),
        (5, 1_000_000, 1_000_000, 0, False),
        (5, 99_998_000, 3_000, 5_000, True),
        (5, 1_000_000, 990_000, None, False),  # a correction, not a turn of the meter
        (5, 99_998_000, 50_000_000, None, False),
        (0, 99_998_000, 3_000, None, False),  # the capacity is not known
        (5, None, 3_000, None, False),
    ],
)
def test_consumption(digits: int, previous: int | None, now: int, consumed: int | None, rolled: bool):
    reading = replace(READING, digits=digits, previous_milli=previous, value_milli=now)
    assert (consumed_milli(reading), has_rolled_over(reading)) == (consumed, rolled)


TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("until", "step"),
    [
        (None, None),
        (date(2027, 1, 21), None),  # 61 days
        (date(2027, 1, 20), 60),
        (date(2026, 12, 22), 60),
        (date(2026, 12, 21), 30),
        (date(2026, 11, 29), 30),
        (date(2026, 11, 28), 7),
        (date(2026, 11, 21), 7),  # its last day
        (date(2026, 11, 20), 0),
    ],
)
def test_the_end_of_a_verification_is_told_in_time(until: date | None, step: int | None):
    assert warning(until, TODAY) == step


def test_days_left():
    assert [days_left(day, TODAY) for day in (date(2026, 11, 20), TODAY, date(2026, 12, 21))] == [-1, 0, 30]
