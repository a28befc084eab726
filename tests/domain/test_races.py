"""What must hold when many do the same thing at the same moment: real threads, real transactions."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from mygas import clock
from mygas.contacts import Contact
from mygas.domain import challenges, confirmations, connecting, drafts, limits, pin_requests, pins, registration
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import AuditEntry, Confirmation, Connection, Draft, Operator, Outgoing, PinRequest, User
from mygas.words import Refused

AT_ONCE = 12


def together(app, work: Callable[[int], object], times: int = AT_ONCE) -> list[object]:
    """Run `work(0) … work(times - 1)` in threads that start at one moment; what each returned, or the Refused it raised."""
    barrier, outcomes = threading.Barrier(times), [None] * times

    def one(index: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                with unit_of_work():
                    outcomes[index] = work(index)
            except Refused as refusal:
                outcomes[index] = refusal
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one, args=(index,)) for index in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


@pytest.fixture
def visitor(app) -> Visitor:
    return Visitor("192.0.2.1", "test", app.extensions["entry_rules"])


@pytest.fixture
def waiting(app, visitor) -> tuple[int, str]:
    """(id of a draft that waits for a code, the code)."""
    with app.app_context():
        with unit_of_work():
            draft = drafts.begin("join")
            registration.start(draft, visitor, contact=Contact("phone", "+79123456789"), password_hash="x")
        return draft.id, confirmations.code_of(db.session.scalars(db.select(Confirmation)).one())


def test_forty_parallel_guesses_evaluate_five(app, visitor, waiting):
    draft_id, right = waiting
    wrong = "000000" if right != "000000" else "000001"
    outcomes = together(app, lambda _: confirmations.check_code(db.session.get_one(Draft, draft_id), wrong), times=40)
    evaluated = [outcome for outcome in outcomes if "не подошёл" in str(outcome)]
    assert len(evaluated) == 5
    assert len(outcomes) == 40
    with app.app_context():
        assert db.session.scalars(db.select(Confirmation.tries)).one() == 5


def test_the_right_code_is_used_once(app, visitor, waiting):
    draft_id, right = waiting
    outcomes = together(app, lambda _: confirmations.check_code(db.session.get_one(Draft, draft_id), right), times=5)
    assert sum(isinstance(outcome, Confirmation) for outcome in outcomes) == 1


def test_of_many_presses_one_sends_a_new_code(app, visitor, waiting):
    draft_id, _code = waiting
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        outcomes = together(app, lambda _: confirmations.resend(db.session.get_one(Draft, draft_id), visitor), times=8)
    assert sum(outcome is None for outcome in outcomes) == 1
    with app.app_context():
        assert db.session.scalars(db.select(Confirmation.generation)).one() == 2


def test_of_many_consents_at_once_one_makes_the_user_and_no_other_fails(app, visitor):
    sha256 = registration.consents.current().sha256
    with app.app_context(), unit_of_work():
        draft = drafts.begin("join")
        draft.answers = {"contact": "a@example.ru", "channel": "email", "password_hash": "x", "entry": "", "proof": "p"}
        ref = draft.ref

    def consent(_index: int) -> object:
        draft = drafts.find("join", ref, to_change=True)
        if draft is None:
            return "late"
        user = registration.accept(draft, visitor, sha256=sha256)
        drafts.end(draft)
        return user

    outcomes = together(app, consent, times=6)
    assert outcomes.count("late") == 5
    assert sum(isinstance(outcome, User) for outcome in outcomes) == 1


def test_counters_lose_nothing(app):
    outcomes = together(app, lambda _: limits.hit("test", "somebody", per=timedelta(hours=1)).count)
    assert sorted(outcomes) == list(range(1, AT_ONCE + 1))


def test_one_login_makes_one_user(app, visitor, waiting):
    with app.app_context():
        made = []
        for _ in range(4):
            with unit_of_work():
                draft = drafts.begin("join")
                draft.answers = {
                    "contact": "same@example.ru",
                    "channel": "email",
                    "password_hash": "x",
                    "entry": "",
                    "proof": "p",
                }
            made.append(draft.id)
    text = registration.consents.current().sha256
    outcomes = together(
        app, lambda index: registration.accept(db.session.get_one(Draft, made[index]), visitor, sha256=text), times=4
    )
    assert sum(isinstance(outcome, User) for outcome in outcomes) == 1
    assert sum("Такой пользователь уже есть" in str(outcome) for outcome in outcomes) == 3


def test_never_a_fourth_account_of_perm(app, region, visitor):
    """Two hundred rounds: each a new user, eight accounts at once."""
    perm = app.extensions["suppliers"]["perm"]
    numbers = [f"590000{index:02}" for index in range(8)]
    for number in numbers:
        region("perm", number)
    for turn in range(200):
        with app.app_context(), unit_of_work():
            user = User(login=f"{turn}@example.ru", channel="email", password_hash="x", entry="", created_at=clock.now())
            db.session.add(user)
            db.session.flush()
            user_id = user.id

        def connect(index: int, user_id: int = user_id) -> object:
            who = Visitor(visitor.ip, visitor.user_agent, visitor.rules, db.session.get_one(User, user_id))
            return connecting.connect_account(drafts.begin("connect", user_id), who, supplier=perm, number=numbers[index])

        outcomes = together(app, connect, times=8)
        assert sum(isinstance(outcome, Connection) for outcome in outcomes) == 3
    with app.app_context():
        live = db.session.execute(
            db.select(Connection.user_id, db.func.count(), db.func.max(Connection.slot)).group_by(Connection.user_id)
        )
        assert {(count, most) for _, count, most in live} == {(3, 3)}


def test_one_account_is_connected_once(app, region, visitor, waiting):
    north = app.extensions["suppliers"]["sever-tyumen"]
    region("sever-tyumen", "018000001")
    with app.app_context():
        with unit_of_work():
            user = User(login="a@example.ru", channel="email", password_hash="x", entry="", created_at=clock.now())
            db.session.add(user)
        user_id = user.id

    def connect(_index: int) -> object:
        who = Visitor(visitor.ip, visitor.user_agent, visitor.rules, db.session.get_one(User, user_id))
        return connecting.connect_account(drafts.begin("connect", user_id), who, supplier=north, number="018000001")

    outcomes = together(app, connect, times=8)
    assert sum(isinstance(outcome, Connection) for outcome in outcomes) == 1


@pytest.fixture
def holders(app, region, visitor):
    """Visitors by user and the account that they all hold in the basic version: three users of one account."""
    account_id = region("sever-tyumen", "018000001")
    with app.app_context(), unit_of_work():
        now = clock.now()
        users = [User(login=f"{n}@example.ru", channel="email", password_hash="x", entry="", created_at=now) for n in "abc"]
        db.session.add_all(users)
        db.session.flush()
        for user in users:
            live = {"user_id": user.id, "account_id": account_id, "supplier": "sever-tyumen", "slot": 1}
            db.session.add(Connection(**live, created_at=now))
    return [user.id for user in users]


def answering(app, visitor, reply: str, *user_ids: int) -> Callable[[int], object]:
    """Answer the challenge as one of these users in turn."""
    supplier = app.extensions["suppliers"]["sever-tyumen"]

    def answer(index: int) -> object:
        user = db.session.get_one(User, user_ids[index % len(user_ids)])
        who = Visitor(visitor.ip, visitor.user_agent, visitor.rules, user)
        connection = db.session.scalars(db.select(Connection).filter_by(user_id=user.id)).one()
        return challenges.answer(connection, who, supplier=supplier, method="serial", reply=reply)

    return answer


def test_forty_parallel_guesses_at_one_challenge_evaluate_five(app, visitor, holders):
    outcomes = together(app, answering(app, visitor, "wrong", holders[0]), times=40)
    assert sum("не подошёл" in str(outcome) for outcome in outcomes) == 5
    assert sum("Попытки закончились" in str(outcome) for outcome in outcomes) == 35
    with app.app_context():
        wrong = db.select(db.func.count()).select_from(AuditEntry).filter_by(action="challenge", outcome="wrong")
        assert db.session.scalar(wrong) == 5


def test_forty_parallel_guesses_by_three_users_evaluate_ten(app, visitor, holders):
    outcomes = together(app, answering(app, visitor, "wrong", *holders), times=40)
    assert sum("не подошёл" in str(outcome) for outcome in outcomes) == 10


def test_a_challenge_is_won_once(app, visitor, holders):
    together(app, answering(app, visitor, "0123456", holders[1]), times=1)
    outcomes = together(app, answering(app, visitor, "0123456", holders[0]), times=5)
    assert outcomes == [None] * 5
    with app.app_context():
        done = db.select(db.func.count()).select_from(AuditEntry).filter_by(action="challenge", outcome="done")
        assert db.session.scalar(done) == 2
        assert db.session.scalar(db.select(db.func.count()).select_from(Outgoing)) == 1, "the proved holder is told once"


def test_one_open_request_of_a_user_about_an_account(app, visitor, holders):
    def ask(_index: int) -> object:
        who = Visitor(visitor.ip, visitor.user_agent, visitor.rules, db.session.get_one(User, holders[0]))
        connection = db.session.scalars(db.select(Connection).filter_by(user_id=holders[0])).one()
        return pin_requests.submit(who, connection, full_name="Иванова", email="", phone="+79123456789")

    outcomes = together(app, ask)
    assert sum(isinstance(outcome, PinRequest) for outcome in outcomes) == 1
    assert sum("уже рассматривается" in str(outcome) for outcome in outcomes) == AT_ONCE - 1


def test_two_operators_do_not_both_decide(app, visitor, holders):
    with app.app_context(), unit_of_work():
        who = Visitor(visitor.ip, visitor.user_agent, visitor.rules, db.session.get_one(User, holders[0]))
        connection = db.session.scalars(db.select(Connection).filter_by(user_id=holders[0])).one()
        ref = pin_requests.submit(who, connection, full_name="Иванова", email="", phone="+79123456789").ref
        operator = Operator(login="op", name="О", suppliers=["sever-tyumen"], password_hash="x", totp=b"x")
        operator.created_at = clock.now()
        db.session.add(operator)

    def decide(index: int) -> object:
        request, who = pin_requests.find(ref, ["sever-tyumen"]), db.session.scalars(db.select(Operator)).one()
        if index % 2:
            return pin_requests.approve(request, who, "192.0.2.9")
        return pin_requests.refuse(request, who, "192.0.2.9", "нет")

    outcomes = together(app, decide, times=8)
    assert outcomes.count(None) == 1
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count()).select_from(Outgoing)) == 1


def test_revocations_are_all_counted(app, holders):
    with app.app_context():
        account_id = db.session.scalars(db.select(Connection.account_id)).first()
    together(app, lambda _index: pins.revoke(account_id))
    with app.app_context():
        assert pins.generation(account_id) == 1 + AT_ONCE
