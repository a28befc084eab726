"""Names, order and the end of a connection; what a payment under way and a second press make of it."""

import pytest

from mygas import clock
from mygas.domain import accounts, ledger, orders, own_accounts, paying, serving
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import AuditEntry, Connection, Operator, Order, Outgoing
from mygas.words import Refused
from tests.domain.test_payment_races import at_once, begin
from tests.payers import Payer, make_payer


def disconnect(payer: Payer) -> str:
    with unit_of_work():
        own_accounts.disconnect(payer.visitor, db.session.get_one(Connection, payer.connection.id))
    return "ended"


def again(payer: Payer) -> None:
    """Connect the same account anew."""
    with unit_of_work():
        old = db.session.get_one(Connection, payer.connection.id)
        by = {"user_id": old.user_id, "account_id": old.account_id, "supplier": old.supplier}
        payer.connection = Connection(**by, slot=1, created_at=clock.now())
        db.session.add(payer.connection)


def count(model: type, **only: object) -> int:
    return int(db.session.scalar(db.select(db.func.count()).select_from(model).filter_by(**only)) or 0)


def test_it_ends_once_is_audited_and_told(payer: Payer):
    disconnect(payer)
    with pytest.raises(Refused, match="уже отключён"):
        disconnect(payer)
    assert accounts.connections(payer.visitor.user) == []
    assert count(AuditEntry, action="disconnect") == 1
    assert count(Outgoing, kind="access-news") == 1


def test_pressed_by_many_it_ends_once(app, payer: Payer):
    outcomes = at_once(app, lambda _: disconnect(payer))
    assert outcomes.count("ended") == 1
    assert all(isinstance(one, Refused) for one in outcomes if one != "ended"), outcomes
    assert count(Outgoing, kind="access-news") == 1


def test_a_payment_under_way_goes_on_and_is_credited(payer: Payer, bank):
    order = payer.start()
    assert paying.open_of(payer.connection).id == order.id
    disconnect(payer)
    bank.pay(order.acquirer_id)
    assert paying.refresh(order.id, payer.till, "cashier").state == "succeeded"
    assert paying.of_user(payer.visitor.user.id, order.ref).state == "succeeded"
    assert ledger.invariants() == []


def test_nothing_is_begun_for_an_account_that_was_left(payer: Payer):
    disconnect(payer)
    with pytest.raises(Refused, match="отключён от Вашего кабинета"):
        begin(payer, "form")
    assert count(Order) == 0


def test_a_form_sent_before_still_finds_its_payment(payer: Payer):
    order_id = begin(payer, "form")
    disconnect(payer)
    assert begin(payer, "form") == order_id


def test_disconnecting_races_with_paying(app, payer: Payer):
    """One clear state: the payment was begun before the end and goes on, or it was refused and there is none."""
    for turn in range(10):
        before = count(Order)

        def work(index: int, turn: int = turn) -> object:
            return begin(payer, f"form-{turn}-{index}") if index % 2 else disconnect(payer)

        outcomes = at_once(app, work)
        db.session.rollback()
        begun = {one for one in outcomes if isinstance(one, int)}
        assert outcomes.count("ended") == 1, outcomes
        assert all(isinstance(one, int | Refused) or one == "ended" for one in outcomes), outcomes
        assert count(Order) - before == len(begun) <= 1
        order = paying.open_of(payer.connection)
        assert {order.id} == begun if order else not begun
        for one in begun:
            with unit_of_work():
                paying.give_up(payer.visitor, orders.find(one))
        again(payer)


def test_what_an_operator_took_back_is_not_given_by_leaving_and_coming_again(app, payer: Payer):
    with unit_of_work():
        operator = Operator(login="op", name="О", suppliers=["perm"], password_hash="x", totp=b"x", created_at=clock.now())
        db.session.add(operator)
        mine = db.session.get_one(Connection, payer.connection.id)
        mine.access, mine.proof = "extended", "serial"
        db.session.flush()
        serving.take_back_extended(operator, "", mine.account, mine.ref)
    disconnect(payer)
    assert accounts.holders(payer.connection.account_id) == []
    assert serving.challenges.was_revoked(payer.connection.user_id, payer.connection.account_id)


def test_the_past_is_one_row_an_account_and_none_that_is_connected_again(app, payer: Payer, region):
    user_id = payer.visitor.user.id
    for _ in range(3):
        disconnect(payer)
        again(payer)
    assert own_accounts.past(user_id) == []
    disconnect(payer)
    (past,) = own_accounts.past(user_id)
    assert past.id == payer.connection.id
    stranger = make_payer(app, region("perm", "59000002"), "stranger@example.ru")
    assert own_accounts.past_one(stranger.visitor.user.id, past.ref) is None
    assert own_accounts.past(stranger.visitor.user.id) == []


def test_the_order_is_the_users(app, payer: Payer, region):
    user = payer.visitor.user
    with unit_of_work():
        for slot, number in enumerate(("59000002", "59000003"), start=2):
            by = {"user_id": user.id, "supplier": "perm", "created_at": clock.now()}
            db.session.add(Connection(**by, account_id=region("perm", number), slot=slot))
    refs = [one.ref for one in accounts.connections(user)]

    def moved(ref: str, by: str) -> list[int]:
        with unit_of_work():
            own_accounts.move(user, ref, by)  # type: ignore[arg-type]
        return [refs.index(one.ref) for one in accounts.connections(user)]

    assert moved(refs[2], "up") == [0, 2, 1]
    assert moved(refs[2], "up") == [2, 0, 1]
    assert moved(refs[2], "up") == [2, 0, 1], "the first one stays first"
    assert moved(refs[1], "down") == [2, 0, 1], "the last one last"
    assert moved(refs[0], "down") == [2, 1, 0]
    assert moved("nobody's", "down") == [2, 1, 0]
