"""Questions to the support: what must hold when many do the same at once, and the day by which an answer comes."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update

from mygas import clock
from mygas.domain import ticket_desk, ticket_letters, tickets
from mygas.domain.tickets import Question
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Operator, Outgoing, Ticket, TicketMessage, User
from tests.domain.test_races import together

KEY = "k" * 22


@pytest.fixture
def question(app) -> Question:
    return Question(KEY, "Проба", "Текст", app.extensions["portal_support"])


@pytest.fixture
def asker(app) -> Visitor:
    with app.app_context(), unit_of_work():
        user = User(login="a@example.ru", channel="email", password_hash="x", entry="", created_at=clock.now())
        db.session.add(user)
    return Visitor("192.0.2.1", "test", app.extensions["entry_rules"], user)


@pytest.fixture
def operators(app) -> list[int]:
    """Ids of two who serve the portal's own support."""
    with app.app_context(), unit_of_work():
        row = {"suppliers": [], "portal_support": True, "password_hash": "x", "totp": b"x", "created_at": clock.now()}
        two = [Operator(login=name, name=name, **row) for name in ("anna", "olga")]
        db.session.add_all(two)
        db.session.flush()
        return [operator.id for operator in two]


def test_a_form_pressed_many_times_at_once_opens_one_ticket(app, question, asker):
    outcomes = together(app, lambda _: tickets.send(asker, question).id)
    assert len(set(outcomes)) == 1
    with app.app_context():
        counted = [
            db.session.scalar(db.select(db.func.count()).select_from(table)) for table in (Ticket, TicketMessage, Outgoing)
        ]
    assert counted == [1, 1, 1]


def test_of_many_forms_at_once_ten_are_taken(app, question, asker):
    outcomes = together(app, lambda index: tickets.send(asker, replace(question, request_key=f"{index:022}")))
    assert sum(isinstance(outcome, Ticket) for outcome in outcomes) == 10
    assert sum("не более" in str(outcome) for outcome in outcomes) == 2


def test_a_strangers_key_opens_nothing_of_his(app, question, asker):
    with app.app_context():
        with unit_of_work():
            tickets.send(asker, question)
        stranger = replace(asker, user=None)
        assert tickets.sent_by(stranger, KEY) is None
        with pytest.raises(tickets.Refused), unit_of_work():
            tickets.send(stranger, replace(question, name="М", contact="m@example.ru"))
        assert db.session.scalar(db.select(db.func.count(Ticket.id))) == 1


def test_of_many_answers_at_once_one_is_sent_and_the_others_are_told(app, question, asker, operators):
    with app.app_context(), unit_of_work():
        ticket_id = tickets.send(asker, question).id

    def answer(index: int) -> object:
        operator, ticket = db.session.get_one(Operator, operators[index % 2]), db.session.get_one(Ticket, ticket_id)
        return ticket_desk.answer(operator, "", ticket, f"Ответ {index}", 1)

    outcomes = together(app, answer, times=8)
    assert outcomes.count(None) == 1 and sum("новое сообщение" in str(outcome) for outcome in outcomes) == 7
    with app.app_context():
        ticket = db.session.get_one(Ticket, ticket_id)
        assert (ticket.state, ticket.version, ticket.first_answered_at) == ("answered", 2, ticket.answered_at)
        assert db.session.scalar(db.select(db.func.count(TicketMessage.id)).filter_by(author="operator")) == 1


def test_an_answer_and_the_subscribers_words_at_once_are_both_kept(app, question, asker, operators):
    with app.app_context(), unit_of_work():
        ticket_id = tickets.send(asker, question).id

    def speak(index: int) -> object:
        ticket = db.session.get_one(Ticket, ticket_id)
        if index % 2:
            return tickets.add(asker, ticket, f"Слова {index}")
        return ticket_desk.answer(db.session.get_one(Operator, operators[0]), "", ticket, f"Ответ {index}", 1)

    outcomes = together(app, speak, times=6)
    assert outcomes[1::2] == [None] * 3
    with app.app_context():
        said = db.session.scalar(db.select(db.func.count(TicketMessage.id)))
        assert db.session.get_one(Ticket, ticket_id).version == said == 4 + outcomes[0::2].count(None)


def test_words_pressed_twice_change_nothing(app, question, asker, operators):
    with app.app_context():
        with unit_of_work():
            ticket = tickets.send(asker, question)
            tickets.add(asker, ticket, "Ещё слово.")
        with unit_of_work():
            assert tickets.change(ticket, state="answered")
        with unit_of_work():
            tickets.add(asker, ticket, "Ещё слово.")
        assert (ticket.state, ticket.version) == ("answered", 2), "no operator is told of a message that is not there"


def test_an_answer_is_due_in_working_days(app):
    portal = app.extensions["portal_support"]
    for asked, due in (
        ((2026, 11, 23, 9), (2026, 11, 26)),
        ((2026, 11, 26, 9), (2026, 12, 1)),
        ((2026, 11, 28, 9), (2026, 12, 2)),
    ):
        assert portal.answer_by(datetime(*asked, tzinfo=UTC)) == date(*due)
    assert portal.answer_by(datetime(2026, 11, 22, 22, tzinfo=UTC)) == date(2026, 11, 26), "it is Monday in Moscow by then"


def test_nothing_is_asked_answered_or_noted_in_a_closed_cabinet(app, question, asker, operators):
    """Whoever was about to do so when it was closed."""
    with app.app_context():
        with unit_of_work():
            ticket = tickets.send(asker, question)
        with unit_of_work():
            db.session.get_one(User, asker.user.id).disabled_at = clock.now()
            tickets.erase(asker.user.id)
        operator = db.session.get_one(Operator, operators[0])
        for late in (
            lambda: tickets.add(asker, ticket, "Ещё"),
            lambda: tickets.send(asker, replace(question, request_key="l" * 22)),
            lambda: ticket_desk.answer(operator, "", ticket, "Ответ", 2),
            lambda: ticket_desk.note(operator, "", ticket, "Заметка"),
            lambda: ticket_desk.reopen(operator, "", ticket),
        ):
            with pytest.raises(tickets.Refused, match="кабинет"), unit_of_work():
                late()
        assert db.session.scalars(db.select(TicketMessage.text)).all() == [""]
        assert ticket_letters.copy_letter({"ticket": ticket.id, "to": "s@example.ru"}, "") is None


def test_it_is_assigned_by_the_addressee_that_it_has_now(app, question, asker, operators):
    """Passed on while a colleague is chosen, it would be given to one who does not see it."""
    with app.app_context():
        with unit_of_work():
            db.session.get_one(Operator, operators[0]).suppliers = ["perm"]
            seen = tickets.send(asker, question)
        with unit_of_work():
            passed_on = update(Ticket).values(addressee="perm").execution_options(synchronize_session=False)
            operator = db.session.get_one(Operator, operators[0])
            seen = db.session.get_one(Ticket, seen.id)
            db.session.execute(passed_on)
            with pytest.raises(tickets.Refused, match="другому адресату"):
                ticket_desk.assign(operator, "", seen, operators[1])
