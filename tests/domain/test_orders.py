"""The table of moves, and that nothing else moves an order."""

import ast
from pathlib import Path

import pytest
from sqlalchemy.exc import DatabaseError, IntegrityError

from mygas.domain import ledger, orders
from mygas.domain.orders import MOVES, OPEN, PAID, UNPAID, WrongMove
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import LedgerEntry, Order, OrderEvent
from mygas.models.orders import OPEN as OPEN_IN_SQL
from tests.payers import Payer

CODE = sorted((Path(__file__).parents[2] / "mygas").rglob("*.py"))


def put(payer: Payer, state: str) -> Order:
    """An order that stands in that state; how it came there does not matter here."""
    order = payer.begin().order
    with unit_of_work():
        db.session.execute(db.update(Order).where(Order.id == order.id).values(state=state))
        if state in PAID:
            ledger.credit(order)
        if state == "refunded":
            ledger.refund(order)
    db.session.refresh(order)
    db.session.rollback()
    return orders.find(order.id)


def test_every_state_has_its_row_and_belongs_somewhere():
    assert set().union(*MOVES.values()) | {"created"} == MOVES.keys()
    assert OPEN | PAID | UNPAID | {"review"} == MOVES.keys()
    assert set(OPEN_IN_SQL.split("(")[1].rstrip(")").replace("'", "").split(", ")) == OPEN


@pytest.mark.parametrize(("state", "to"), sorted((state, to) for state, following in MOVES.items() for to in following))
def test_a_legal_move_is_made_once(payer: Payer, state: str, to: str):
    order = put(payer, state)
    with unit_of_work():
        assert orders.move(order, to, source="test", asked=True) == "done"
        assert orders.move(order, to, source="test", asked=True) == "already"
    assert (order.state, order.version) == (to, 1)
    assert db.session.execute(db.select(OrderEvent.from_state, OrderEvent.to_state)).all() == [(state, to)]
    assert ledger.invariants() == []


@pytest.mark.parametrize("state", sorted(MOVES))
def test_no_other_move_is_made(payer: Payer, state: str):
    order = put(payer, state)
    for to in MOVES.keys() - MOVES[state] - {state}:
        with pytest.raises(WrongMove), unit_of_work():
            orders.move(orders.hold(order.id), to, source="test", asked=True)
    db.session.refresh(order)
    assert (order.state, order.version) == (state, 0)
    assert db.session.scalars(db.select(OrderEvent)).all() == []
    assert ledger.invariants() == []


@pytest.mark.parametrize("state", sorted(UNPAID))
@pytest.mark.parametrize("to", ["succeeded", "review"])
def test_nothing_comes_back_unless_the_acquirer_was_asked(payer: Payer, state: str, to: str):
    order = put(payer, state)
    with pytest.raises(WrongMove), unit_of_work():
        orders.move(order, to, source="test")
    with unit_of_work():
        orders.move(orders.hold(order.id), to, source="test", asked=True)
    assert db.session.scalars(db.select(OrderEvent.note)).all() == ["corrected"]


def test_who_holds_an_old_order_does_not_move_it(payer: Payer):
    order = payer.begin().order
    with unit_of_work():
        db.session.execute(db.update(Order).values(version=5).execution_options(synchronize_session=False))
        with pytest.raises(WrongMove):
            orders.move(order, "submitting", source="test")


def test_what_is_heard_twice_happened_once(payer: Payer):
    order = payer.begin().order
    with unit_of_work():
        assert orders.remember(order, source="bank", source_id="1")
        assert not orders.remember(order, source="bank", source_id="1")
        assert orders.remember(order, source="another", source_id="1")
    assert len(db.session.scalars(db.select(OrderEvent)).all()) == 2


def test_a_second_credit_is_a_violation(payer: Payer):
    order = put(payer, "succeeded")
    with pytest.raises(IntegrityError), unit_of_work():
        ledger.credit(order)
    assert ledger.invariants() == []


@pytest.mark.parametrize("deed", [db.update(LedgerEntry).values(amount_kop=1), db.delete(LedgerEntry)], ids=["update", "delete"])
def test_the_ledger_is_append_only(payer: Payer, deed):
    put(payer, "succeeded")
    with pytest.raises(DatabaseError, match="append-only"), unit_of_work():
        db.session.execute(deed.execution_options(synchronize_session=False))


@pytest.mark.parametrize(
    ("state", "entries", "words"),
    [
        ("succeeded", [], "paid and not credited"),
        ("succeeded", [("credit", "supplier:perm", 1)], "adds up"),
        ("pending", [("credit", "supplier:perm", 50_000), ("credit", "acquirer:fake", -50_000)], "credited and not paid"),
        ("refunded", [("credit", "supplier:perm", 50_000), ("credit", "acquirer:fake", -50_000)], "refunded without"),
    ],
)
def test_violations_are_told(payer: Payer, state: str, entries, words: str):
    order = payer.begin().order
    with unit_of_work():
        db.session.execute(db.update(Order).values(state=state))
        for kind, book, kopecks in entries:
            row = {"deed": f"{kind}:{order.id}", "order_id": order.id, "kind": kind, "book": book, "amount_kop": kopecks}
            db.session.execute(db.insert(LedgerEntry).values(row | {"at": order.created_at}))
    assert words in "\n".join(ledger.invariants())


def sets_the_state_of_an_order(node: ast.AST) -> bool:
    """`order.state = …`, or `update(Order) … .values(state=…)`."""
    if isinstance(node, ast.Assign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(isinstance(one, ast.Attribute) and ast.unparse(one).endswith("order.state") for one in targets)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values":
        return "update(Order)" in ast.unparse(node.func) and any(one.arg == "state" for one in node.keywords)
    return False


def test_nothing_else_sets_the_state_of_an_order():
    found = {path.name for path in CODE for node in ast.walk(ast.parse(path.read_text())) if sets_the_state_of_an_order(node)}
    assert found == {"orders.py"}
