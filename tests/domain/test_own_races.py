"""What must hold when a user changes himself while something else happens: real threads, real transactions."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from mygas import clock
from mygas.contacts import Contact
from mygas.domain import (
    closing,
    confirmations,
    connecting,
    consents,
    drafts,
    ledger,
    login_changes,
    orders,
    own_password,
    passwords,
    paying,
    present_password,
    profile,
    registration,
    signing_in,
)
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Confirmation, Connection, Consent, Draft, LoginChange, Order, Outgoing, SignIn, User
from mygas.words import Refused
from tests.payers import Payer

ROUNDS = 10
PASSWORD, WANTED = "gaz2026", Contact("email", "wanted@example.ru")


def at_once(app, *works: Callable[[], object]) -> list[object]:
    """Run the works in threads that start at one moment; what each returned or raised."""
    barrier, outcomes = threading.Barrier(len(works)), [None] * len(works)

    def one(index: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                outcomes[index] = works[index]()
            except Exception as error:
                outcomes[index] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one, args=(index,)) for index in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


@pytest.fixture
def visitor(app) -> Visitor:
    return Visitor("192.0.2.1", "test", app.extensions["entry_rules"])


@pytest.fixture
def members(app, visitor) -> list[Visitor]:
    """Four users that have the same password."""
    with app.app_context():
        password_hash = passwords.hashed(PASSWORD)
        with unit_of_work():
            users = [
                User(login=f"{n}@example.ru", channel="email", password_hash=password_hash, entry="", created_at=clock.now())
                for n in "abcd"
            ]
            db.session.add_all(users)
        return [Visitor(visitor.ip, visitor.user_agent, visitor.rules, user) for user in users]


def asked(member: Visitor, contact: Contact) -> tuple[int, str]:
    """(the draft in which the user waits for the code from that contact, the code)."""
    proof = present_password.check(member, PASSWORD)
    with unit_of_work():
        draft = drafts.begin("change_login", member.user.id)
        login_changes.start(draft, member, contact=contact, proof=proof)
    return draft.id, newest_code(draft.id)


def newest_code(draft_id: int) -> str:
    return confirmations.code_of(db.session.scalars(db.select(Confirmation).filter_by(draft_id=draft_id)).one())


def confirming(member: Visitor, draft_id: int, code: str) -> Callable[[], object]:
    def confirm() -> object:
        with unit_of_work():
            login_changes.confirm(db.session.get_one(Draft, draft_id), member, code=code)
        return "changed"

    return confirm


def test_of_four_users_who_change_to_one_login_one_gets_it(app, members):
    with app.app_context():
        works = [confirming(member, *asked(member, WANTED)) for member in members]
    outcomes = at_once(app, *works)
    assert outcomes.count("changed") == 1
    assert sum("только что занял другой кабинет" in str(one) for one in outcomes) == 3
    with app.app_context():
        logins = db.session.scalars(db.select(User.login)).all()
        assert logins.count(WANTED.value) == 1
        assert len({*logins} & {f"{n}@example.ru" for n in "abcd"}) == 3, "the others kept theirs"
        assert len(db.session.scalars(db.select(LoginChange)).all()) == 1
        assert len(db.session.scalars(db.select(Outgoing).filter_by(kind="login-changed")).all()) == 1


def test_a_change_and_a_registration_with_one_login(app, members, visitor):
    sha256 = registration.consents.current().sha256
    with app.app_context():
        change = confirming(members[0], *asked(members[0], WANTED))
        with unit_of_work():
            draft = drafts.begin("join")
            draft.answers = {"contact": WANTED.value, "channel": "email", "password_hash": "x", "entry": "", "proof": "p"}
        draft_id = draft.id

    def register() -> object:
        with unit_of_work():
            registration.accept(db.session.get_one(Draft, draft_id), visitor, sha256=sha256)
        return "registered"

    outcomes = at_once(app, change, register)
    assert sorted(isinstance(one, Refused) for one in outcomes) == [False, True], outcomes
    with app.app_context():
        assert db.session.scalars(db.select(User.login)).all().count(WANTED.value) == 1


def test_a_login_is_put_back_once(app, members):
    with app.app_context():
        confirming(members[0], *asked(members[0], WANTED))()
        promised = db.session.scalars(db.select(Outgoing).filter_by(kind="login-changed")).one()
        token = login_changes.outbox.payload(promised)["token"]

    def undo() -> object:
        with unit_of_work():
            login_changes.undo(token, members[1])
        return "undone"

    outcomes = at_once(app, *[undo] * 6)
    assert outcomes.count("undone") == 1
    assert sum(isinstance(one, Refused) for one in outcomes) == 5
    with app.app_context():
        assert db.session.get_one(User, members[0].user.id).login == "a@example.ru"


def test_closing_the_cabinet_while_a_payment_begins(app, payer: Payer, bank):
    """Either the payment was first and is given up, or the cabinet was and nothing begins. The bank never hears of a payment of a
    closed cabinet."""
    seen = set()
    for turn in range(ROUNDS):
        reopen(payer)
        proof = present_password.check(payer.visitor, PASSWORD)

        def part(proof: str = proof) -> object:
            with unit_of_work():
                closing.close(payer.visitor, proof)
            return "closed"

        def pay(turn: int = turn) -> object:
            begun = payer.begin(key=f"form-{turn}")
            return payer.submit(begun).state

        closed, paid = at_once(app, part, pay)
        db.session.rollback()
        states = db.session.scalars(db.select(Order.state).filter_by(request_key=f"form-{turn}")).all()
        seen.add((str(closed), str(paid)))
        if closed == "closed":
            assert states in ([], ["canceled"]), (closed, paid, states)
            assert db.session.get_one(User, payer.connection.user_id, populate_existing=True).disabled_at is not None
        else:
            assert isinstance(closed, Refused), closed
            assert states == ["pending"], (closed, paid, states)
            order = db.session.scalars(db.select(Order).filter_by(request_key=f"form-{turn}")).one()
            bank.pay(order.acquirer_id)
            paying.refresh(order.id, payer.till, "test")
            assert db.session.get_one(User, payer.connection.user_id, populate_existing=True).disabled_at is None
        assert paid in ("pending", "canceled") or isinstance(paid, Refused), paid
    assert ledger.invariants() == []
    assert not orders.OPEN & set(db.session.scalars(db.select(Order.state))), seen


def test_closing_the_cabinet_while_an_account_is_connected(app, payer: Payer, region):
    """Whichever is first, nothing stays connected to a closed cabinet."""
    for turn in range(ROUNDS):
        number = f"5901{turn:04d}"
        region("perm", number)
        reopen(payer)
        proof = present_password.check(payer.visitor, PASSWORD)

        def part(proof: str = proof) -> object:
            with unit_of_work():
                closing.close(payer.visitor, proof)
            return "closed"

        def join(number: str = number) -> object:
            with unit_of_work():
                draft = drafts.begin("connect", payer.connection.user_id)
                connecting.connect_account(draft, payer.visitor, supplier=payer.supplier, number=number)
            return "connected"

        closed, connected = at_once(app, part, join)
        assert closed == "closed"
        assert connected == "connected" or isinstance(connected, Refused), connected
        db.session.rollback()
        live = db.select(Connection).filter_by(user_id=payer.connection.user_id, ended_at=None)
        assert db.session.scalars(live).all() == [], connected


def reopen(payer: Payer) -> None:
    """As it was before the round."""
    with unit_of_work():
        user = db.session.get_one(User, payer.connection.user_id, populate_existing=True)
        user.login, user.disabled_at, user.password_hash = "payer@example.ru", None, passwords.hashed(PASSWORD)
        mine = db.session.get_one(Connection, payer.connection.id, populate_existing=True)
        mine.ended_at, mine.slot = None, 1
        for row in db.session.scalars(db.select(Outgoing).filter_by(kind="farewell")):
            db.session.delete(row)


def test_a_closed_cabinet_begins_no_payment(payer: Payer):
    reopen(payer)
    proof = present_password.check(payer.visitor, PASSWORD)
    with unit_of_work():
        closing.close(payer.visitor, proof)
    with pytest.raises(Refused, match="кабинет закрыт"):
        payer.begin()


def test_nobody_signs_in_by_a_password_that_was_changed_while_it_was_compared(app, members):
    """Nor is the new password replaced by a fresh hash of the old one."""
    with app.app_context():
        member, proof, fresh = members[0], present_password.check(members[0], PASSWORD), passwords.hashed("other2026")
        with unit_of_work():
            attempt = signing_in.attempt(Contact("email", member.user.login), member)
        with unit_of_work():
            own_password.change(member, proof, fresh)
        with pytest.raises(Refused, match="пароль"), unit_of_work():
            signing_in.open_session(attempt, member, password_right=True, new_hash=passwords.hashed(PASSWORD))
        assert db.session.get_one(User, member.user.id, populate_existing=True).password_hash == fresh
        assert len(db.session.scalars(db.select(SignIn)).all()) == 1, "that of the browser in which it was changed"


def test_closing_after_withdrawal_while_it_is_consented_anew(app, payer: Payer):
    """Whichever is first, nobody who has consented loses his cabinet."""
    sha256 = consents.current().sha256
    for _ in range(ROUNDS):
        reopen(payer)
        with unit_of_work():
            db.session.execute(delete(Consent))
            user = db.session.get_one(User, payer.connection.user_id)
            consents.record(user, consents.current(), payer.visitor, "test")
            long_ago = clock.now() - closing.AFTER_WITHDRAWAL - timedelta(days=1)
            db.session.execute(update(Consent).values(withdrawn_at=long_ago))

        def part() -> int:
            with unit_of_work():
                return closing.close_withdrawn()

        def give() -> object:
            with unit_of_work():
                consents.give(payer.visitor, db.session.get_one(User, payer.connection.user_id), sha256)
            return "given"

        closed, given = at_once(app, part, give)
        assert (closed == 1) == isinstance(given, Refused), (closed, given)
        db.session.rollback()
        user = db.session.get_one(User, payer.connection.user_id, populate_existing=True)
        assert (user.disabled_at is None) == (given == "given")


def test_a_profile_saved_by_a_double_click(app, members):
    def save() -> str:
        with unit_of_work():
            profile.rename(members[0], "Иванова Мария")
        return "saved"

    assert at_once(app, *[save] * 6) == ["saved"] * 6
