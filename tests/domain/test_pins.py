"""PINs: derived, compared after folding, revoked; and requests for them between subscriber and operator."""

import pytest

from mygas import clock
from mygas.domain import challenges, pin_requests, pins
from mygas.domain.folding import fold
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db, keyring
from mygas.models import Account, Connection, ImportedPin, Operator, Outgoing, Pin, Registry, User
from mygas.words import Refused


@pytest.fixture
def account(app, region) -> Account:
    account_id = region("perm", "59000001")
    with app.app_context():
        yield db.session.get_one(Account, account_id)


def give(account: Account, pin: str) -> None:
    with unit_of_work():
        registry = db.session.scalars(db.select(Registry)).one()
        mac = keyring.pin_mac("imported", account.supplier, account.number, fold(pin))
        db.session.add(ImportedPin(account_id=account.id, registry_id=registry.id, mac=mac))


def test_a_pin_is_eight_plain_characters(account):
    pin = pins.current(account)
    assert len(pin) == 8
    assert set(pin) <= set("23456789abcdefghjkmnpqrstuvwxyz")
    assert fold(pin) == pin
    assert pins.current(account) == pin


def test_pins_of_different_accounts_differ(app, region):
    ids = [region(supplier, number) for supplier, number in (("perm", "59000001"), ("perm", "59000002"), ("izhevsk", "59000001"))]
    with app.app_context():
        assert len({pins.current(db.session.get_one(Account, account_id)) for account_id in ids}) == 3


def test_characters_are_spread_evenly(app):
    with app.app_context():
        made = "".join(pins.current(Account(id=-index, supplier="perm", number=str(index))) for index in range(1000))
    counts = [made.count(character) for character in set(made)]
    assert len(counts) == 31
    assert min(counts) > 180, "8000 characters, 258 of each on average"
    assert max(counts) < 340


def test_any_case_and_keyboard(account):
    pin = pins.current(account)
    for typed in (pin, pin.upper(), f" {pin[:4]}-{pin[4:]} ", pin.translate(str.maketrans("aekmhpctyx", "аекмнрстух"))):
        assert pins.fits(account, typed)
    for wrong in ("", "-", pin[:-1], f"{pin}2", "другое"):
        assert not pins.fits(account, wrong)


def test_an_imported_pin_fits_beside_our_own(account):
    give(account, "АВ-12с")
    for typed in ("ab12c", "AB12C", "ав 12 с", pins.current(account)):
        assert pins.fits(account, typed)
    assert not pins.fits(account, "ab12d")


def test_revoking_kills_the_old_pin_and_the_imported_one(account):
    give(account, "ab12c")
    seen = {pins.current(account)}
    for _ in range(3):
        with unit_of_work():
            pins.revoke(account.id)
        assert not [old for old in seen if pins.fits(account, old)]
        seen.add(pins.current(account))
    assert len(seen) == 4
    assert not pins.fits(account, "ab12c")
    assert pins.fits(account, pins.current(account))
    assert db.session.scalars(db.select(Pin.generation)).one() == 4


def test_another_key_makes_other_pins(account, make_app, keys):
    here = pins.current(account)
    other = make_app(keys=type(keys)(*(bytes(32) for _ in range(5))))
    with other.app_context():
        assert pins.current(account) != here


@pytest.fixture
def asker(app, account):
    """(visitor, connection) of a user who holds the account."""
    with unit_of_work():
        user = User(login="maria@example.ru", channel="email", password_hash="x", entry="", created_at=clock.now())
        db.session.add(user)
        db.session.flush()
        connection = Connection(user_id=user.id, account_id=account.id, supplier="perm", slot=1, created_at=clock.now())
        db.session.add(connection)
    return Visitor("192.0.2.1", "test", app.extensions["entry_rules"], user), connection


@pytest.fixture
def operators(app, account):
    """Operators of Пермь, of Пермь again, of Ижевск."""
    with unit_of_work():
        made = [
            Operator(login=login, name=login, suppliers=[slug], password_hash="x", totp=b"x", created_at=clock.now())
            for login, slug in (("one", "perm"), ("two", "perm"), ("three", "izhevsk"))
        ]
        db.session.add_all(made)
    return made


def ask(asker):
    with unit_of_work():
        return pin_requests.submit(*asker, full_name="Иванова Мария", email="", phone="+79123456789")


def test_one_operator_decides(asker, operators):
    request = ask(asker)
    with unit_of_work():
        pin_requests.approve(request, operators[0], "192.0.2.9")
    for decide in (pin_requests.approve, lambda *who: pin_requests.refuse(*who, "нет")):
        with pytest.raises(Refused, match="уже принято решение"), unit_of_work():
            decide(request, operators[1], "192.0.2.9")
    db.session.refresh(request)
    assert (request.state, request.reason, request.operator_id) == ("approved", "", operators[0].id)
    assert [row.kind for row in db.session.scalars(db.select(Outgoing))] == ["pin"]


def test_an_operator_of_another_supplier_decides_nothing(asker, operators):
    request = ask(asker)
    with pytest.raises(Refused), unit_of_work():
        pin_requests.approve(request, operators[2], "192.0.2.9")
    db.session.refresh(request)
    assert request.state == "open"
    assert pin_requests.find(request.ref, ["izhevsk"]) is None
    assert pin_requests.find(request.ref, ["perm"]) is request
    assert pin_requests.queue(["izhevsk"]) == []


def test_the_queue_is_paged_oldest_first_and_what_is_decided_newest_first(asker, operators):
    requests = []
    for reason in ("раз", "два", "три"):
        requests.append(ask(asker))
        with unit_of_work():
            pin_requests.refuse(requests[-1], operators[0], "192.0.2.9", reason)
    assert [one.reason for one in pin_requests.queue(["perm"], "refused", limit=2)] == ["три", "два"]
    assert [one.reason for one in pin_requests.queue(["perm"], "refused", after=requests[1].id)] == ["раз"]
    assert pin_requests.queue(["perm"]) == []
    assert [one.state for one in pin_requests.of_user(asker[0].user.id, asker[1].account_id)] == ["refused"] * 3


def test_a_pin_just_given_out_can_be_entered_by_one_who_was_locked_out(app, asker, operators, account):
    visitor, connection = asker
    supplier = app.extensions["suppliers"]["perm"]

    def answer(reply: str) -> None:
        with unit_of_work():
            challenges.answer(connection, visitor, supplier=supplier, method="pin", reply=reply)

    for _ in range(6):
        with pytest.raises(Refused):
            answer("wrong")
    with pytest.raises(Refused, match="Попытки закончились"):
        answer(pins.current(account))
    request = ask(asker)
    with unit_of_work():
        pin_requests.approve(request, operators[0], "192.0.2.9")
    answer(pins.current(account))
    assert connection.access == "extended"
