"""The challenge: what may be asked, what is right, how often one may try."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from mygas import clock
from mygas.domain import challenges, common_charges, connecting, operators, pins, serving
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Account, Charge, CommonCharge, Connection, Draft, Operator, Registry, User
from mygas.speech import Speech
from mygas.words import Refused

NORTH = "sever-tyumen"
NOVEMBER = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel(NOVEMBER, tick=False) as time:
        yield time


@pytest.fixture
def supplier(app):
    return app.extensions["suppliers"][NORTH]


@pytest.fixture
def holder(app):
    """Connect a new user to the account: (visitor, connection)."""

    def hold(account_id: int, login: str = "a@example.ru"):
        with unit_of_work():
            user = db.session.scalars(db.select(User).filter_by(login=login)).one_or_none()
            user = user or User(login=login, channel="email", password_hash="x", entry="", created_at=clock.now())
            db.session.add(user)
            db.session.flush()
            connection = Connection(
                user_id=user.id, account_id=account_id, supplier=NORTH, slot=account_id, created_at=clock.now()
            )
            db.session.add(connection)
        return Visitor("192.0.2.1", "test", app.extensions["entry_rules"], user), connection

    return hold


@pytest.fixture
def here(app):
    with app.app_context():
        yield


def bring(account_id: int, period: int, charged: int, recalculated: int = 0) -> None:
    """A newer registry speaks of that month."""
    with unit_of_work():
        now = clock.now()
        registry = Registry(supplier=NORTH, digest=f"{account_id}/{period}/{charged}/{recalculated}", state="complete", rows={})
        registry.started_at = registry.completed_at = now
        db.session.add(registry)
        db.session.flush()
        db.session.add(
            Charge(account_id=account_id, period=period, registry_id=registry.id, line=1, service="Газ", method="norm",
                   volume_milli=1, price_kop=1, sum_kop=charged, recalculated_kop=recalculated)
        )  # fmt: skip


def sums(account_id: int, supplier) -> set[int]:
    account = db.session.get_one(Account, account_id)
    return set(common_charges.asked(account, challenges.this_period(supplier)).sums)


def attempt(pair, supplier, reply: str = "wrong", method: str = "pin") -> str:
    """What the user is told; "" for a right answer."""
    try:
        with unit_of_work():
            challenges.answer(pair[1], pair[0], supplier=supplier, method=method, reply=reply)
    except Refused as refusal:
        return Speech().say(refusal.sentence, **refusal.values)
    return ""


def test_the_last_closed_month_is_asked(here, region, supplier, november):
    account_id = region(NORTH, "018000001")
    bring(account_id, 202611, 99900)
    assert sums(account_id, supplier) == {83300}, "November is not over"
    november.move_to(datetime(2026, 11, 30, 18, 59, tzinfo=UTC))
    assert sums(account_id, supplier) == {83300}
    november.move_to(datetime(2026, 11, 30, 19, 1, tzinfo=UTC))
    assert sums(account_id, supplier) == {99900}, "in Тюмень it is December already"


@pytest.mark.parametrize(
    ("charged", "recalculated", "right"),
    [(50000, -10000, {40000, 50000}), (50000, 0, {50000}), (0, 0, set()), (50000, -50000, set()), (50000, -60000, set()),
     (0, 700, {700}), (-100, 800, {700})],
)  # fmt: skip
def test_to_pay_and_charged_are_right_and_nothing_is_not_asked(here, region, supplier, holder, charged, recalculated, right):
    account_id = region(NORTH, "018000001")
    bring(account_id, 202610, charged, recalculated)
    assert sums(account_id, supplier) == right
    offered = challenges.methods(holder(account_id)[1], supplier)
    assert ("charge" in offered) is bool(right)


def test_what_the_basic_version_shows_is_not_asked(here, region, supplier):
    owed = region(NORTH, "018000001", balance_kop=83300)
    assert sums(owed, supplier) == set(), "the sum to pay stands on the account's first page"
    paid = region(NORTH, "018000002")
    bring(paid, 202610, 41230)
    assert sums(paid, supplier) == set(), "a payment of 412,30 is shown"
    bring(paid, 202610, 41230, 100)
    assert sums(paid, supplier) == {41330}, "what was charged can be read, what is to be paid for the month cannot"


def test_common_sums_are_noted_and_not_asked(here, region, supplier):
    flats = [region(NORTH, f"01800000{index}") for index in range(6)]
    for index, account_id in enumerate(flats):
        bring(account_id, 202610, 30150 if index < 3 else 40000 + index, recalculated=500 * index)
        bring(account_id, 202609, 700 + index)
    common_charges.note(NORTH)
    assert {(row.sum_kop, row.accounts) for row in db.session.scalars(db.select(CommonCharge))} == {(30150, 3)}
    assert sums(flats[0], supplier) == set()
    assert sums(flats[1], supplier) == {30650}, "its sum to pay is its own, but what was charged is everybody's"
    assert sums(flats[5], supplier) == {40005, 42505}
    bring(flats[0], 202610, 11111)
    common_charges.note(NORTH)
    assert db.session.scalars(db.select(CommonCharge)).all() == [], "noted anew after each import"


def test_two_sharing_are_not_too_many_and_another_supplier_does_not_count(here, region, supplier):
    first, second = region(NORTH, "018000001"), region(NORTH, "018000002")
    region("perm", "59000001")
    region("perm", "59000002")
    common_charges.note(NORTH)
    assert sums(first, supplier) == sums(second, supplier) == {83300}


def test_the_month_that_is_asked_next_is_noted_too(here, region, supplier, november):
    flats = [region(NORTH, f"01800000{index}") for index in range(3)]
    for index, account_id in enumerate(flats):
        bring(account_id, 202610, 500 + index)
        bring(account_id, 202611, 30150)
    common_charges.note(NORTH)
    assert sums(flats[0], supplier) == {500}
    november.move_to(datetime(2026, 12, 5, tzinfo=UTC))
    assert sums(flats[0], supplier) == set()


@pytest.mark.parametrize("method", ["serial", "charge", "pin"])
def test_wrong_answers_sound_alike(here, region, supplier, holder, method):
    pair = holder(region(NORTH, "018000001"))
    told = [attempt(pair, supplier, "77", method) for _ in range(6)]
    assert told[:4] == [f"Ответ не подошёл. Осталось попыток: {left}." for left in (4, 3, 2, 1)]
    assert "попытки закончились" in told[4]
    assert "21.11.2026 после 17:00" in told[4], "five hours ahead of Greenwich"
    assert "Попытки закончились" in told[5]


def test_ten_tries_an_account_over_all_users(here, region, supplier, holder):
    account_id = region(NORTH, "018000001")
    pairs = [holder(account_id, f"{name}@example.ru") for name in "abcd"]
    told = [attempt(pair, supplier) for pair in pairs[:3] for _ in range(4)]
    assert sum("не подошёл" in text for text in told) == 10
    assert "Попытки закончились" in told[10]
    assert "Попытки закончились" in attempt(pairs[3], supplier, "0123456", "serial"), "even the right answer waits"
    assert pairs[3][1].access == "basic"


def test_he_who_is_locked_out_does_not_use_up_the_tries_of_others(here, region, supplier, holder):
    account_id = region(NORTH, "018000001")
    stranger, owner = holder(account_id, "a@example.ru"), holder(account_id, "b@example.ru")
    for _ in range(50):
        attempt(stranger, supplier)
    assert attempt(owner, supplier, "0123456", "serial") == ""
    assert owner[1].access == "extended"


def test_twenty_tries_a_user_over_all_accounts(here, region, supplier, holder):
    pairs = [holder(region(NORTH, f"01800000{index}")) for index in range(6)]
    told = [attempt(pair, supplier) for pair in pairs for _ in range(4)]
    assert sum("не подошёл" in text for text in told) == 20
    assert "Осталось попыток: 1." in told[18], "the nearest of the limits is told"


def test_a_success_does_not_forgive_the_account(here, region, supplier, holder):
    account_id = region(NORTH, "018000001")
    pairs = [holder(account_id, f"{name}@example.ru") for name in "abc"]
    for pair in pairs[:2]:
        for _ in range(4):
            attempt(pair, supplier)
    assert attempt(pairs[0], supplier, "0123456", "serial") == ""
    told = [attempt(pairs[2], supplier) for _ in range(2)]
    assert "не подошёл" in told[0]
    assert "Попытки закончились" in told[1]


def test_alarm_after_fifty_wrong_answers_within_an_hour(here, region, supplier, holder, caplog):
    caplog.set_level(logging.WARNING, "mygas.security")
    alarms = []
    for index in range(14):
        pair = holder(region(NORTH, f"0180000{index:02}"), f"user{index}@example.ru")
        for _ in range(4):
            attempt(pair, supplier)
            alarms.append("wrong answers to challenges" in caplog.text)
    assert alarms == [False] * 50 + [True] * 6


def test_an_ended_connection_is_not_opened(here, region, supplier, holder):
    pair = holder(region(NORTH, "018000001"))
    with unit_of_work():
        pair[1].slot, pair[1].ended_at = None, clock.now()
    attempt(pair, supplier, "0123456", "serial")
    db.session.refresh(pair[1])
    assert pair[1].access == "basic"


def test_counters_end_with_their_window(here, region, supplier, holder, november):
    pair = holder(region(NORTH, "018000001"))
    for _ in range(6):
        attempt(pair, supplier)
    november.shift(timedelta(hours=23, minutes=59))
    assert "Попытки закончились" in attempt(pair, supplier)
    november.shift(timedelta(minutes=2))
    assert attempt(pair, supplier, "0123456", "serial") == ""


@pytest.mark.parametrize("deed", [serving.take_back_extended, serving.disconnect])
def test_after_an_operator_took_it_back_the_pin_alone_opens_it(here, region, supplier, holder, deed):
    account_id = region(NORTH, "018000001")
    stranger, owner = holder(account_id, "a@example.ru"), holder(account_id, "b@example.ru")
    assert attempt(stranger, supplier, "0123456", "serial") == ""
    with unit_of_work():
        operators.add("anna", "Анна", (NORTH,), "")
        anna, account = db.session.scalars(db.select(Operator)).one(), db.session.get_one(Account, account_id)
        deed(anna, "192.0.2.9", account, stranger[1].ref)
    db.session.refresh(stranger[1])
    again = stranger
    if stranger[1].ended_at:
        with unit_of_work():
            again = stranger[0], connecting.connect_account(Draft(answers={}), stranger[0], supplier=supplier, number="018000001")
    assert challenges.methods(again[1], supplier) == ["pin"]
    assert "Этим способом ответить сейчас нельзя" in attempt(again, supplier, "0123456", "serial")
    assert "Этим способом ответить сейчас нельзя" in attempt(again, supplier, "83300", "charge")
    assert challenges.methods(owner[1], supplier) == ["serial", "charge", "pin"], "others are not bound"
    assert attempt(again, supplier, pins.current(db.session.get_one(Account, account_id))) == ""
    assert again[1].access == "extended"
