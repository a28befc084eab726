"""What must hold when many do the same thing at the same moment: real threads, real transactions."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from mygas.contacts import Contact
from mygas.domain import confirmations, connecting, drafts, limits, registration
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Confirmation, Connection, Draft, User
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


@pytest.mark.parametrize("turn", range(5))
def test_never_a_fourth_account_of_perm(app, region, visitor, waiting, turn):
    perm = app.extensions["suppliers"]["perm"]
    numbers = [f"590000{index:02}" for index in range(8)]
    for number in numbers:
        region("perm", number)
    with app.app_context():
        with unit_of_work():
            user = User(login="a@example.ru", channel="email", password_hash="x", created_at=confirmations.clock.now())
            user.entry = ""
            db.session.add(user)
        user_id = user.id

    def connect(index: int) -> object:
        who = Visitor(visitor.ip, visitor.user_agent, visitor.rules, db.session.get_one(User, user_id))
        return connecting.connect_account(drafts.begin("connect", user_id), who, supplier=perm, number=numbers[index])

    outcomes = together(app, connect, times=8)
    with app.app_context():
        live = db.session.scalars(db.select(Connection).filter_by(user_id=user_id, ended_at=None)).all()
        assert sorted(connection.slot for connection in live) == [1, 2, 3]
    assert sum(isinstance(outcome, Connection) for outcome in outcomes) == 3


def test_one_account_is_connected_once(app, region, visitor, waiting):
    north = app.extensions["suppliers"]["sever-tyumen"]
    region("sever-tyumen", "018000001")
    with app.app_context():
        with unit_of_work():
            user = User(login="a@example.ru", channel="email", password_hash="x", entry="", created_at=confirmations.clock.now())
            db.session.add(user)
        user_id = user.id

    def connect(_index: int) -> object:
        who = Visitor(visitor.ip, visitor.user_agent, visitor.rules, db.session.get_one(User, user_id))
        return connecting.connect_account(drafts.begin("connect", user_id), who, supplier=north, number="018000001")

    outcomes = together(app, connect, times=8)
    assert sum(isinstance(outcome, Connection) for outcome in outcomes) == 1
