"""What a unit of work keeps, and what it takes back."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from mygas import clock
from mygas.domain import drafts, limits
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Draft
from mygas.words import Refused


def counted(app) -> int:
    with app.app_context():
        return limits.count("tries", "me")


def test_a_refusal_keeps_the_count_and_nothing_else(app):
    with app.app_context(), pytest.raises(Refused), unit_of_work():
        limits.hit("tries", "me", per=timedelta(hours=1))
        now = clock.now()
        db.session.add(Draft(wizard="join", answers={}, created_at=now, expires_at=now))
        raise Refused("нет")
    assert counted(app) == 1
    with app.app_context():
        assert db.session.scalars(db.select(Draft)).all() == []


def test_a_refusal_after_something_was_written_takes_all_back(app):
    with app.app_context(), pytest.raises(Refused), unit_of_work():
        limits.hit("tries", "me", per=timedelta(hours=1))
        drafts.begin("join")
        raise Refused("нет")
    with app.app_context():
        assert db.session.scalars(db.select(Draft)).all() == []


def test_an_error_takes_all_back(app):
    with app.app_context(), pytest.raises(ZeroDivisionError), unit_of_work():
        limits.hit("tries", "me", per=timedelta(hours=1))
        raise ZeroDivisionError
    assert counted(app) == 0


def test_outside_of_a_unit_nothing_can_be_written(app):
    with app.app_context(), pytest.raises(DBAPIError, match=r"read-?only"):
        drafts.begin("join")


def test_a_window_ends_and_opens_anew(app):
    with app.app_context(), unit_of_work():
        assert [limits.hit("tries", "me", per=timedelta(0)).count for _ in range(3)] == [1, 1, 1]


def test_forgiven_is_forgotten(app):
    with app.app_context(), unit_of_work():
        limits.hit("tries", "me", per=timedelta(hours=1))
        limits.forgive("tries", "me")
        assert limits.count("tries", "me") == 0
