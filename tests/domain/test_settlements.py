"""The arithmetic of settlements holds for any history; what the database tells of an account adds up to the same."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mygas.domain import histories, settlements
from mygas.domain.histories import Charged, Ledger, Paid
from mygas.domain.settlements import SettledMonth, settle
from mygas.extensions import db, transactions_may_write
from mygas.models import Charge, Payment, Registry

KOPECKS = st.integers(-(10**9), 10**9)
DAYS = st.dates(date(1996, 1, 1), date(2027, 12, 31))
LEDGERS = st.builds(
    Ledger,
    balance_kop=KOPECKS,
    balance_on=DAYS,
    charged=st.lists(st.tuples(DAYS, KOPECKS, KOPECKS), max_size=30, unique_by=lambda one: (one[0].year, one[0].month)).map(
        lambda rows: tuple(Charged(day.year * 100 + day.month, charged, again) for day, charged, again in rows)
    ),
    paid=st.lists(st.builds(Paid, DAYS, KOPECKS), max_size=60).map(tuple),
)


@given(LEDGERS)
def test_each_month_adds_up_and_the_chain_is_whole(ledger: Ledger):
    known = settle(ledger)
    for month in known.months:
        assert month.opening_kop + month.charged_kop + month.recalculated_kop - month.paid_kop == month.closing_kop
    for newer, older in pairwise(known.months):
        assert newer.period > older.period
        assert newer.opening_kop == older.closing_kop
    if known.months:
        assert known.months[0].closing_kop == known.balance_kop


@given(LEDGERS)
def test_nothing_is_lost_and_nothing_made_up(ledger: Ledger):
    months = settle(ledger).months
    assert sum(month.charged_kop for month in months) == sum(one.sum_kop for one in ledger.charged)
    assert sum(month.recalculated_kop for month in months) == sum(one.recalculated_kop for one in ledger.charged)
    assert sorted((p for month in months for p in month.payments), key=repr) == sorted(ledger.paid, key=repr)
    assert {month.period for month in months} == {one.period for one in ledger.charged} | {
        settlements.period_of(one.paid_on) for one in ledger.paid
    }


@given(LEDGERS)
def test_replayed_day_by_day_it_passes_through_the_suppliers_balance(ledger: Ledger):
    """Forwards, from the opening of the oldest month: what had happened by `balance_on` comes to the supplier's figure."""
    months = settle(ledger).months
    opening = months[-1].opening_kop if months else ledger.balance_kop
    known = settlements.period_of(ledger.balance_on)
    charged = sum(one.sum_kop + one.recalculated_kop for one in ledger.charged if one.period <= known)
    paid = sum(one.sum_kop for one in ledger.paid if one.paid_on <= ledger.balance_on)
    assert opening + charged - paid == ledger.balance_kop


@given(LEDGERS, st.one_of(st.none(), st.integers(1996, 2027)))
def test_pages_show_every_month_once(ledger: Ledger, year: int | None):
    months = settle(ledger).months
    seen, before = [], None
    while True:
        shown, before = settlements.page(months, year=year, before=before)
        assert len(shown) <= settlements.PAGE
        seen += shown
        if before is None:
            break
    assert seen == [month for month in months if year is None or month.period // 100 == year]


LEDGER = Ledger(
    83_300, date(2026, 10, 31), (Charged(202609, 41_230, 0), Charged(202610, 83_300, 0)), (Paid(date(2026, 10, 12), 41_230),)
)


def test_an_ordinary_history():
    october, september = settle(LEDGER).months
    assert october == SettledMonth(202610, 83_300, 0, (Paid(date(2026, 10, 12), 41_230),), 83_300)
    assert (october.opening_kop, september.closing_kop, september.opening_kop) == (41_230, 41_230, 0)


def test_a_payment_after_the_suppliers_balance_lowers_it():
    known = settle(replace(LEDGER, paid=(*LEDGER.paid, Paid(date(2026, 11, 5), 83_300))))
    assert (known.balance_kop, known.known_kop) == (0, 83_300)
    assert [(month.period, month.charged_kop, month.closing_kop) for month in known.months][:2] == [
        (202611, 0, 0), (202610, 83_300, 83_300),
    ]  # fmt: skip


def test_a_payment_on_the_very_day_is_in_the_suppliers_balance_already():
    assert settle(replace(LEDGER, paid=(Paid(LEDGER.balance_on, 500),))).balance_kop == 83_300
    assert settle(replace(LEDGER, paid=(Paid(LEDGER.balance_on + timedelta(1), 500),))).balance_kop == 82_800


def test_a_charge_for_a_later_month_is_not_in_the_suppliers_balance_yet():
    assert settle(replace(LEDGER, charged=(*LEDGER.charged, Charged(202611, 1_000, -100)))).balance_kop == 84_200


def test_no_history_leaves_the_balance_alone():
    assert settle(Ledger(-500, date(2026, 10, 31), (), ())) == settlements.Settlements(-500, -500, date(2026, 10, 31), ())


def test_the_ledger_sees_the_newest_complete_registry_of_each_thing(app, region):
    account_id = region("perm", "59000001")
    with app.app_context(), transactions_may_write():
        first = db.session.scalars(db.select(Registry)).one()
        for state, kopecks in (("complete", 90_000), ("loading", 1)):
            later = Registry(supplier="perm", digest=str(kopecks), state=state, rows={}, started_at=first.started_at)
            db.session.add(later)
            db.session.flush()
            own = {"account_id": account_id, "registry_id": later.id}
            db.session.add(Charge(**own, period=202610, line=1, service="Газ", method="meter", volume_milli=0, price_kop=0,
                                  sum_kop=kopecks, recalculated_kop=-7))  # fmt: skip
            db.session.add(Payment(**own, number="P1", paid_on=date(2026, 10, 12), sum_kop=kopecks // 2, source="Касса"))
            db.session.add(Payment(**own, number="P2", paid_on=date(2025, 3, 30), sum_kop=0, source="Касса"))  # annulled
        db.session.commit()
    with app.app_context():
        assert histories.ledger(account_id) == Ledger(
            124_530,
            date(2026, 11, 1),
            (Charged(202609, 41_230, 0), Charged(202610, 90_000, -7)),
            (Paid(date(2026, 10, 12), 45_000),),
        )
        assert histories.payment_years(account_id) == [2026]
        assert histories.ledger(account_id + 1) is None
        assert settlements.of_account(account_id + 1) is None


@pytest.mark.parametrize(("year", "periods"), [(None, [202601, 202512]), (2025, [202512]), (2024, [])])
def test_a_year_is_a_filter(year: int | None, periods: list[int]):
    months = settle(Ledger(0, date(2026, 1, 31), (Charged(202512, 1, 0), Charged(202601, 1, 0)), ())).months
    assert [month.period for month in settlements.page(months, year=year)[0]] == periods
