"""After a restore people sign in as before, and nothing of the time that was lost comes back by the wrong door."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import flask_migrate
import pytest
import time_machine
from sqlalchemy import text

from mygas import clock
from mygas.domain import audit_seals, ledger, orders, outbox, paying, pin_requests, pins, reconciling, restorations, scans
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.gateways.vault import Spoiled
from mygas.jobs import cashier, relay, sealing
from mygas.keeping import backup, databases, files, manifest, restoring
from mygas.keeping.databases import CopyFailed
from mygas.keeping.restoring import NotEmpty
from mygas.keyring import Unsealable
from mygas.models import (
    Account,
    AuditEntry,
    Confirmation,
    Connection,
    Discrepancy,
    Draft,
    OperatorSignIn,
    Order,
    Outgoing,
    Pin,
    Restoration,
    Scan,
    SignIn,
)  # fmt: skip
from mygas.settings import Keys
from mygas.supervisor import together
from tests.browser import Browser
from tests.conftest import PretendMail, PretendSms
from tests.payers import make_payer
from tests.walks import EMAIL, PASSWORD, PHONE, code_in

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def person(app, connected):
    """Somebody who has an account and is signed in."""
    return connected(Browser(app.test_client()))


@pytest.fixture
def scan(app, person):
    """What came with his request for a PIN."""
    vault = app.extensions["gateways"].vault
    ref, key = vault.keep(type("Photograph", (), {"data": b"\xff\xd8 a passport"})())
    with app.app_context(), unit_of_work():
        connection = db.session.scalars(db.select(Connection)).one()
        visitor = Visitor("192.0.2.7", "", app.extensions["entry_rules"], connection.user)
        kept = pin_requests.KeptScan(ref, key, "image/jpeg", 12)
        pin_requests.submit(visitor, connection, full_name="Иванова М. П.", email="", phone=PHONE, scan=kept)
    return ref


@pytest.fixture
def rehearse(elsewhere, over):
    """Rehearse a restore with the keys and the database of that installation."""

    def rehearse(folder, **changes):
        there = replace(elsewhere, **changes)
        path, one = restoring.sound(folder, databases.engine_of(there.database_url))
        return restoring.rehearse(there, path, one, over(there))

    return rehearse


def rows(app, model):
    with app.app_context():
        return db.session.scalar(db.select(db.func.count()).select_from(model))


def test_people_sign_in_with_their_passwords_and_no_old_session_lives(app, person, made, restored):
    cookie = person.client.get_cookie("sid").value
    there = restored(made().path)
    old = there.test_client()
    old.set_cookie("sid", cookie)
    assert old.get("/accounts/").status_code == 303
    assert (rows(there, SignIn), rows(there, OperatorSignIn)) == (0, 0)
    assert person.get("/accounts/").status == 200, "the portal that was copied has lost nothing"
    again = Browser(there.test_client())
    assert again.get("/").submit(login=PHONE, password=PASSWORD).h1 == "Счёт 59000001"


def test_drafts_and_codes_die(app, world, post, made, restored):
    browser = Browser(app.test_client())
    browser.get("/join/contact").submit(login=EMAIL, password=PASSWORD, password2=PASSWORD)
    code_in(post(EMAIL))
    second = Browser(app.test_client())
    second.get("/join/contact").submit(login=PHONE, password=PASSWORD, password2=PASSWORD)
    with app.app_context():
        assert [row.kind for row in db.session.scalars(db.select(Outgoing).filter_by(state="ready"))] == ["confirmation"]
    there = restored(made().path)
    assert (rows(there, Draft), rows(there, Confirmation)) == (0, 0)
    with there.app_context():
        assert outbox.due() == [], "a code that fits nothing is not sent"
    late = Browser(there.test_client())
    for cookie in browser.client._cookies.values():
        late.client.set_cookie(cookie.key, cookie.value)
    late.get("/join/code")
    assert late.path != "/join/code"


def test_what_was_promised_and_not_done_is_done_once_more(app, world, made, restored):
    now = clock.now()
    with app.app_context(), unit_of_work():
        for number in (1, 2):
            told = {"to": PHONE, "at": now.isoformat()}
            outbox.promise("farewell", f"farewell:{number}", told, expires_at=now + timedelta(hours=6))
    with app.app_context(), unit_of_work():
        first = db.session.scalars(db.select(Outgoing).filter_by(key="farewell:1")).one()
        assert outbox.claim(first.id, "a worker that is gone")
    there = restored(made().path)
    there.extensions["gateways"] = replace(there.extensions["gateways"], mail=PretendMail(world), sms=PretendSms(world))
    with there.app_context():
        relay.round_of(there)
        assert [row.state for row in db.session.scalars(db.select(Outgoing))] == ["done", "done"]
    assert len(world.sent) == 2


def test_scans_open_with_the_same_keys_and_with_no_others(app, person, scan, made, restored, keys, rehearse):
    one = made()
    found = rehearse(one.path)
    assert (found.opened, found.closed) == (1, ())
    others = Keys(*(os.urandom(32) for _ in range(5)))
    found = rehearse(one.path, keys=others)
    assert (found.opened, found.closed) == (0, (scan,))
    there = restored(one.path)
    with there.app_context():
        row = db.session.scalars(db.select(Scan)).one()
        key = there.extensions["keyring"]
        assert key is keys
        opened = [there.extensions["gateways"].vault.read(ref, key_of()) for ref, key_of in scans.live()]
    assert opened == [b"\xff\xd8 a passport"] and row.ref == scan
    there.extensions["keyring"] = others
    with there.app_context(), pytest.raises((Unsealable, Spoiled)):
        scans.live()[0][1]()


@pytest.fixture
def payer(app, bank, region):
    account_id = region("perm", "59000002")
    with app.app_context():
        yield make_payer(app, account_id)


def test_a_payment_of_the_lost_time_comes_up_at_the_desk(app, payer, bank, made, restored):
    """One that the restored database does not know is a difference; one that it knows as begun is paid; none is lost."""
    with time_machine.travel(NOON, tick=False) as now:
        begun = payer.start(30_000)
        kept = made()
        now.shift(timedelta(minutes=10))
        bank.pay(begun.acquirer_id)
        lost = payer.begin(70_000)
        lost = payer.submit(lost) if not lost.resumed else None
        assert lost is None, "an open payment is taken up again"
        assert paying.refresh(begun.id, payer.till, "page").state == "succeeded"
        lost = payer.start(70_000)
        bank.pay(lost.acquirer_id)
        assert paying.refresh(lost.id, payer.till, "page").state == "succeeded"
        db.session.remove()
        now.shift(timedelta(minutes=30))
        there = restored(kept.path)
        there.extensions["gateways"] = replace(there.extensions["gateways"], bank=bank)
        with there.app_context():
            assert db.session.scalars(db.select(Order.state)).all() == ["pending"]
            assert cashier.look_back(there) == reconciling.MOST_DAYS + 1
            assert cashier.look_back(there) == 0, "once"
            found = {one.kind: one for one in db.session.scalars(db.select(Discrepancy))}
            assert found["missing_here"].acquirer_id == lost.acquirer_id
            assert found["missing_here"].theirs == "succeeded 700,00"
            assert {one.kind for one in reconciling.tasks(["perm"])} == {"missing_here", "state_differs"}
            assert orders.find(begun.id).state == "succeeded"
            assert ledger.invariants() == []
            newer = make_payer(there, db.session.scalars(db.select(Account.id)).one(), "other@example.ru").begin()
            assert newer.order.id > lost.id, "its number is known to people and to the bank"


def test_money_given_back_in_the_lost_time_comes_up_too(app, payer, bank, made, restored):
    with time_machine.travel(NOON - timedelta(days=20), tick=False) as now:
        order = payer.start()
        bank.pay(order.acquirer_id)
        paying.refresh(order.id, payer.till, "page")
        db.session.remove()
        now.move_to(NOON)
        kept = made()
        bank.give_back(order.acquirer_id, order.total_kop)
        there = restored(kept.path)
        there.extensions["gateways"] = replace(there.extensions["gateways"], bank=bank)
        with there.app_context():
            cashier.look_back(there)
            assert [(one.kind, one.ours, one.theirs) for one in reconciling.tasks(["perm"])] == [
                ("state_differs", "succeeded", "refunded")
            ]


def test_a_silent_bank_is_asked_again_and_the_rest_only(app, payer, bank, made, restored):
    with time_machine.travel(NOON, tick=False):
        kept = made()
        there = restored(kept.path)
        there.extensions["gateways"] = replace(there.extensions["gateways"], bank=bank)
        with there.app_context():
            bank.be_deaf(method="register")
            with pytest.raises(Exception, match="no answer"):
                cashier.look_back(there)
            assert restorations.to_compare() is not None
            db.session.rollback()
            with unit_of_work():
                day = NOON.date() - timedelta(days=3)
                db.session.add(reconciling.Reconciliation(acquirer="fake", day=day, ran_at=NOON, done_at=NOON))
            assert cashier.look_back(there) == reconciling.MOST_DAYS
            assert restorations.to_compare() is None


def test_pins_issued_in_the_lost_time_are_void_for_good(app, region, made, restored):
    """A PIN that was current when the backup was made is current again: which were revoked meanwhile nobody knows."""
    account_id = region("perm", "59000003")
    with app.app_context():
        account = db.session.get_one(Account, account_id)
        before = pins.current(account)
        kept = made()
        with unit_of_work():
            pins.revoke(account_id)
        issued = pins.current(account)
        db.session.remove()
    there = restored(kept.path)
    with there.app_context():
        account = db.session.get_one(Account, account_id)
        assert pins.fits(account, before) and not pins.fits(account, issued)
        for _ in range(3):
            with unit_of_work():
                pins.revoke(account_id)
            assert not pins.fits(account, issued) and not pins.fits(account, before)
            assert pins.fits(account, pins.current(account))
        assert db.session.get_one(Pin, account_id).generation == restorations.generation() + 2


def test_the_generation_goes_up_each_time(app, settings, made, restored, elsewhere):
    with time_machine.travel(NOON, tick=False) as now:
        assert made().manifest.generation == 0
        there = restored(made().path)
        with there.app_context():
            first = restorations.generation()
            now.shift(timedelta(minutes=1))
            with unit_of_work():
                restorations.begin_anew(clock.now())
            assert restorations.generation() > first > 0
            one = db.session.scalars(db.select(Restoration)).first()
            assert one.restored_at == NOON and one.compared_at is None


def test_ids_of_the_lost_time_are_not_given_again(app, made, restored):
    """On either engine, also where a table is still empty; those of the lost hours are leapt over."""
    with app.app_context(), unit_of_work():
        db.session.add(row := _draft())
        db.session.flush()
        last = row.id
    with time_machine.travel(clock.now() + timedelta(hours=5), tick=False):
        there = restored(made().path)
        with there.app_context(), unit_of_work():
            db.session.add(row := _draft())
            db.session.flush()
            assert row.id > last + 100_000


def _draft():
    now = clock.now()
    return Draft(wizard="join", answers={}, created_at=now, expires_at=now + timedelta(hours=1))


def test_the_audit_is_whole_and_tells_of_it(app, person, made, restored):
    with app.app_context(), time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        sealing.seal(app)
        db.session.remove()
    there = restored(made().path)
    with there.app_context():
        found = audit_seals.verify()
        assert (found.seals, found.broken) == (1, ())
        assert db.session.scalars(db.select(AuditEntry.action).order_by(AuditEntry.id.desc())).first() == "portal.restore"


def test_it_goes_into_an_empty_place_only(app, settings, made, over, elsewhere, restored):
    one = made()
    path, found = restoring.sound(one.path, one.manifest.engine)
    with pytest.raises(NotEmpty, match="There is a database here already"):
        restoring.restore(settings, path, found, over(settings))
    files.private_folder(elsewhere.data_dir / "scans").joinpath("c" * 22).write_bytes(b"of somebody else")
    with pytest.raises(NotEmpty, match="1 sealed files"):
        restoring.restore(elsewhere, path, found, over(elsewhere))
    assert databases.is_empty(elsewhere.database_url)


def test_a_database_that_was_only_looked_for_is_none(made, elsewhere, restored):
    """SQLite makes an empty file when it is asked for one that is not there."""
    if elsewhere.database_url.startswith("sqlite"):
        databases.sqlite_file(elsewhere.database_url).touch()
    assert rows(restored(made().path), Restoration) == 1


def test_not_while_somebody_is_at_work(made, over, elsewhere):
    one = made()
    with together(elsewhere.at_work), pytest.raises(NotEmpty, match="stop it first"):
        restoring.restore(elsewhere, one.path, one.manifest, over(elsewhere))
    assert databases.is_empty(elsewhere.database_url)


def test_cut_off_it_keeps_the_portal_from_starting_and_can_be_done_again(app, scan, made, over, elsewhere, restored, monkeypatch):
    one = made()
    monkeypatch.setattr(restorations, "begin_anew", lambda _made_at: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        restoring.restore(elsewhere, one.path, one.manifest, over(elsewhere))
    assert elsewhere.restoring.exists()
    monkeypatch.undo()
    if one.manifest.engine == "sqlite":
        assert not databases.sqlite_file(elsewhere.database_url).exists()
    else:
        with pytest.raises(NotEmpty, match="create an empty one"):
            restoring.restore(elsewhere, one.path, one.manifest, over(elsewhere))
        databases.postgres_tool("psql", elsewhere.database_url, "-c", "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    there = restored(one.path)
    assert rows(there, SignIn) == 0 and not elsewhere.restoring.exists()
    assert there.extensions["gateways"].vault.refs() == [scan]


def test_a_rehearsal_leaves_everything_as_it_was(app, settings, person, made, over, rehearse, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    before = sorted((path, path.stat().st_mtime) for path in settings.data_dir.rglob("*.db"))
    one = made()
    path, found = restoring.sound(one.path.parent, one.manifest.engine)
    assert path == one.path, "the newest in the folder"
    rehearsed = restoring.rehearse(settings, path, found, over(settings))
    assert rehearsed.rows > 10 and rehearsed.violations == () and rehearsed.partly == ""
    assert person.get("/accounts/").status == 200
    assert rows(app, Restoration) == 0
    assert list((tmp_path / "scratch").iterdir()) == []
    assert sorted((path, path.stat().st_mtime) for path in settings.data_dir.rglob("*.db")) == before
    if one.manifest.engine == "postgresql":
        with app.app_context():
            names = db.session.scalars(text("SELECT datname FROM pg_database WHERE datname LIKE 'mygas_rehearsal%'")).all()
        assert names == []


def test_what_an_administrator_has_put_aside_in_the_database_stays_there(app, settings, made, restored):
    if settings.database_url.startswith("sqlite"):
        pytest.skip("a file of SQLite holds nothing else")
    with app.app_context(), unit_of_work():
        db.session.execute(text("CREATE SCHEMA given_up"))
        db.session.execute(text('CREATE TABLE given_up."user" (id int)'))
    there = restored(made().path)
    with there.app_context():
        triggers = text("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal")
        assert db.session.scalar(text("SELECT count(*) FROM pg_namespace WHERE nspname = 'given_up'")) == 0
        kept = db.session.scalar(triggers)
    with app.app_context():
        assert kept == db.session.scalar(triggers) > 0, "what keeps the ledger from being changed came along"


def test_a_backup_of_an_older_schema_is_brought_to_this_one(app, settings, made, restored):
    with app.app_context():
        flask_migrate.downgrade(revision="0014")
        db.session.remove()
        db.engine.dispose()
    one = made()
    assert (one.manifest.revision, one.manifest.generation) == ("0014", 0)
    assert rows(restored(one.path), Restoration) == 1


def test_a_database_without_scans_goes_back_beside_them(app, settings, scan, over, elsewhere):
    """As it is made before a migration: the sealed files have stayed where they are."""
    path = backup.before_migration(settings, "0099", portal="1.0")
    assert path == settings.data_dir / "backups" / "before-0099"
    one = manifest.read(path)
    assert (one.scans, [kept.name for kept in one.files]) == (False, [one.database])
    files.private_folder(elsewhere.data_dir / "scans").joinpath(scan).write_bytes(b"sealed")
    restoring.restore(elsewhere, path, one, over(elsewhere))
    assert (elsewhere.data_dir / "scans" / scan).read_bytes() == b"sealed"
    for number in (2, 3, 4):
        assert backup.before_migration(settings, "0099", portal="1.0").name == f"before-0099-{number}"
    assert not path.exists(), "three stay"


def test_a_tool_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CopyFailed, match="pg_dump is not installed here"):
        databases.postgres_tool("pg_dump", "postgresql+psycopg://db.example/gas")
