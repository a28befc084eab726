"""Operators: hired by a command, let in by a code that works once, counted before they are compared."""

import re
import threading
from datetime import timedelta

import pyotp
import pytest
import time_machine

from mygas import clock
from mygas.domain import operators, passwords
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db, keyring
from mygas.models import AuditEntry, Operator, OperatorSignIn
from mygas.words import Refused

SECRET = "корова на крыше"
STEP = timedelta(seconds=30)


@pytest.fixture
def hired(app):
    with app.app_context(), unit_of_work():
        return pyotp.parse_uri(operators.add("Anna", "Анна Ильина", ("perm", "yug", "perm"), passwords.hashed(SECRET)))


def visitor(app, ip="192.0.2.1"):
    return Visitor(ip, "a browser", app.extensions["entry_rules"])


def enter(app, code, *, login="anna", right=True, ip="192.0.2.1"):
    with app.app_context():
        with unit_of_work():
            attempt = operators.attempt(login, visitor(app, ip))
        with unit_of_work():
            return operators.open_session(attempt, visitor(app, ip), password_right=right, code=code)


def test_what_is_kept_of_an_operator(app, hired):
    with app.app_context():
        anna = db.session.scalars(db.select(Operator)).one()
        assert (anna.login, anna.suppliers) == ("anna", ["perm", "yug"])
        assert hired.secret.encode() not in anna.totp and len(hired.secret) == 32, "160 bits, sealed"
        assert anna.password_hash.startswith("$argon2id$")
        with pytest.raises(Refused), unit_of_work():
            operators.add("ANNA", "Другая", ("perm",), "")


def test_the_codes_are_those_of_rfc_6238(app):
    """The vectors of appendix B (SHA-1), cut to six digits."""
    with app.app_context(), unit_of_work():
        operators.add("vector", "", ("perm",), "")
        row = db.session.scalars(db.select(Operator)).one()
        row.totp = keyring.seal(b"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "totp:vector")
    for moment, code in ((1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")):
        with time_machine.travel(moment, tick=False):
            assert enter(app, code, login="vector")


def test_a_code_works_once_and_never_after_a_later_one(app, hired):
    with time_machine.travel(clock.now(), tick=False) as clockwork:
        before, code = hired.at(clock.now() - STEP), hired.now()
        assert enter(app, code)
        for used in (code, before):
            with pytest.raises(Refused):
                enter(app, used)
        clockwork.shift(30)
        assert enter(app, hired.now())


def test_clocks_may_differ_by_one_step_only(app, hired):
    with time_machine.travel(clock.now(), tick=False):
        for steps, fits in ((-2, False), (-1, True), (1, True), (2, False)):
            code = hired.at(clock.now() + steps * STEP)
            if fits:
                assert enter(app, code)
            else:
                with pytest.raises(Refused):
                    enter(app, code)


def test_one_code_sent_by_eight_at_once_lets_one_in(app, hired):
    code, gate, outcomes = hired.now(), threading.Barrier(8), []

    def run(number):
        gate.wait()
        try:
            outcomes.append(enter(app, code, ip=f"192.0.2.{number}"))
        except Refused:
            outcomes.append(None)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 8 and len([key for key in outcomes if key]) == 1


def test_after_five_failures_pauses_grow_and_ten_are_all(app, hired):
    with time_machine.travel(clock.now(), tick=False) as clockwork:
        for _ in range(5):
            with pytest.raises(Refused, match="Неверный"):
                enter(app, "000000", right=False)
        with pytest.raises(Refused, match="Слишком много"):
            enter(app, hired.now())
        clockwork.shift(timedelta(seconds=2))
        assert enter(app, hired.now()), "the pause is over"
        for _ in range(12):
            clockwork.shift(timedelta(seconds=61))
            with pytest.raises(Refused):
                enter(app, "000000", right=False)
        with pytest.raises(Refused, match="Слишком много"):
            enter(app, hired.now())
        assert enter(app, hired.now(), ip="198.51.100.9"), "nobody is shut out by what others do"


def test_codes_are_counted_over_all_addresses(app, hired):
    for number in range(operators.CODES):
        with pytest.raises(Refused, match="Неверный"):
            enter(app, "000000", ip=f"192.0.2.{number}")
    with pytest.raises(Refused, match="Слишком много"):
        enter(app, hired.now(), ip="198.51.100.1")
    with app.app_context():
        assert len(db.session.scalars(db.select(AuditEntry).filter_by(action="desk.wrong-code")).all()) == operators.CODES
        assert not db.session.scalars(db.select(OperatorSignIn)).all()


def test_who_lacks_the_password_cannot_use_up_the_codes(app, hired):
    for number in range(3 * operators.CODES):
        with pytest.raises(Refused, match="Неверный"):
            enter(app, "000000", right=False, ip=f"192.0.2.{number}")
    assert enter(app, hired.now())


def test_sessions(app, hired):
    with time_machine.travel(clock.now(), tick=False) as clockwork:
        key = enter(app, hired.now())
        with app.app_context():
            row = db.session.scalars(db.select(OperatorSignIn)).one()
            assert key not in row.id_hash and len(key) >= 43
            assert operators.SESSIONS.find(key).person.login == "anna" and not operators.SESSIONS.find(key).stale
            assert operators.SESSIONS.find(key + "x") is None
            clockwork.shift(timedelta(minutes=2))
            assert operators.SESSIONS.find(key).stale
            clockwork.shift(timedelta(minutes=14))
            assert operators.SESSIONS.find(key) is None
            with unit_of_work():
                assert operators.SESSIONS.sweep() == 1


def test_a_disabled_operator_neither_stays_nor_comes_back(app, hired):
    key = enter(app, hired.now())
    with app.app_context():
        with unit_of_work():
            assert operators.disable("Anna") and not operators.disable("Anna") and not operators.disable("nobody")
        assert operators.SESSIONS.find(key) is None
    with time_machine.travel(clock.now() + timedelta(minutes=1)), pytest.raises(Refused):
        enter(app, hired.now())


def test_the_commands(app):
    run = app.test_cli_runner().invoke
    options = ["operator", "add", "olga", "--name", "Ольга", "--supplier", "perm", "--supplier", "yug"]
    made = run(args=options, input=f"{SECRET}\n{SECRET}\n")
    assert made.exit_code == 0, made.output
    assert SECRET not in made.output and "█" in made.output
    code = pyotp.parse_uri(re.search(r"otpauth://\S+", made.output)[0]).now()
    with app.app_context():
        anna = db.session.scalars(db.select(Operator)).one()
        assert passwords.verify(anna.password_hash, SECRET)
    assert enter(app, code, login="olga")
    listed = run(args=["operator", "list"]).output
    assert listed == "olga  Ольга  perm, yug  работает\n" and "otpauth" not in listed
    for wrong, typed in (
        (options, SECRET),
        ([*options[:2], "vera", *options[3:]], "short"),
        (["operator", "disable", "vera"], ""),
    ):
        assert run(args=wrong, input=f"{typed}\n{typed}\n").exit_code == 1
    unknown = run(args=["operator", "add", "vera", "--name", "В", "--supplier", "nowhere"], input=f"{SECRET}\n{SECRET}\n")
    assert unknown.exit_code == 2 and "нет поставщика" in unknown.output
    assert run(args=["operator", "disable", "olga"]).exit_code == 0
    assert "закрыт" in run(args=["operator", "list"]).output
