"""Scans: who may open them, how long they are kept, what a crash in between leaves."""

import os
import time
from datetime import timedelta

import pytest
import time_machine

from mygas import clock
from mygas.domain import operators, pin_requests, scans
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db, keyring
from mygas.gateways.vault import Spoiled
from mygas.jobs import scan_sweeping
from mygas.models import AuditEntry, Connection, Operator, PinRequest, Scan
from tests.browser import Browser
from tests.walks import PHONE

DATA = b"\xff\xd8\xff a passport"


@pytest.fixture
def vault(app):
    return app.extensions["gateways"].vault


@pytest.fixture
def filed(app, connected, vault):
    """A request with a scan, as the portal files it; returns the scan's ref."""
    connected(Browser(app.test_client()), PHONE)
    ref, key = vault.keep(type("Jpeg", (), {"data": DATA}))
    with app.app_context(), unit_of_work():
        mine = db.session.scalars(db.select(Connection)).one()
        kept = pin_requests.KeptScan(ref, key, "image/jpeg", len(DATA))
        visitor = Visitor("192.0.2.1", "", app.extensions["entry_rules"], mine.user)
        pin_requests.submit(visitor, mine, full_name="Иванова", email="", phone="", scan=kept)
        for login, supplier in (("anna", "perm"), ("foreign", "yug")):
            operators.add(login, login, (supplier,), "")
    return ref


def open_for(app, login, ref):
    with app.app_context(), unit_of_work():
        return scans.open_for(db.session.scalars(db.select(Operator).filter_by(login=login)).one(), "192.0.2.9", ref)


def decide(app):
    with app.app_context(), unit_of_work():
        operator = db.session.scalars(db.select(Operator).filter_by(login="anna")).one()
        pin_requests.approve(db.session.scalars(db.select(PinRequest)).one(), operator, "192.0.2.9")


def sweep(app, vault):
    with app.app_context():
        scan_sweeping.sweep(app)


def row(app):
    with app.app_context():
        return db.session.scalars(db.select(Scan)).one()


def views(app):
    with app.app_context():
        return db.session.scalars(db.select(AuditEntry).filter_by(action="scan.view")).all()


def test_opened_by_the_suppliers_operator_while_the_request_is_open(app, filed, vault):
    assert open_for(app, "foreign", filed) is None and open_for(app, "anna", "x" * 22) is None
    assert not views(app)
    opened = open_for(app, "anna", filed)
    assert vault.read(opened.ref, opened.key) == DATA and opened.media_type == "image/jpeg"
    (view,) = views(app)
    assert (view.actor, view.ip, view.detail) == ("operator", "192.0.2.9", {"request": 1})
    decide(app)
    assert open_for(app, "anna", filed) is None and len(views(app)) == 1


def test_the_key_is_kept_sealed_for_this_file_only(app, filed):
    with app.app_context():
        scan = row(app)
        assert keyring.unseal(scan.sealed_key, f"scan:{filed}") not in scan.sealed_key
        with pytest.raises(Exception, match="scan:another"):
            keyring.unseal(scan.sealed_key, "scan:another")


@pytest.mark.parametrize(("decided", "days"), [(True, 30), (False, 90)])
def test_deleted_on_schedule(app, filed, vault, decided, days):
    key = open_for(app, "anna", filed).key
    if decided:
        decide(app)
    with time_machine.travel(clock.now() + timedelta(days=days, hours=-1)):
        sweep(app, vault)
        assert vault.read(filed, key) == DATA and row(app).deleted_at is None
    with time_machine.travel(clock.now() + timedelta(days=days, minutes=1)):
        sweep(app, vault)
        with pytest.raises(Spoiled):
            vault.read(filed, key)
        assert row(app).sealed_key is None and row(app).deleted_at
        sweep(app, vault)
        with app.app_context():
            assert len(db.session.scalars(db.select(AuditEntry).filter_by(action="scan.delete")).all()) == 1
            assert [scan.ref for scan in scans.of_request(1)] == [filed]
        assert open_for(app, "anna", filed) is None


def test_a_late_decision_does_not_lengthen_the_time(app, filed, vault):
    with time_machine.travel(clock.now() + timedelta(days=85)):
        decide(app)
    with time_machine.travel(clock.now() + timedelta(days=91)):
        sweep(app, vault)
        assert row(app).deleted_at


def test_a_crash_between_file_and_row_is_made_good(app, filed, vault, monkeypatch):
    def crash(_scan):
        raise RuntimeError("the machine stopped")

    with time_machine.travel(clock.now() + timedelta(days=91)):
        with monkeypatch.context() as broken, pytest.raises(RuntimeError):
            broken.setattr(scans, "forget", crash)
            sweep(app, vault)
        assert row(app).deleted_at is None and not (vault.folder / filed).exists()
        sweep(app, vault)
        assert row(app).deleted_at and row(app).sealed_key is None


def test_a_file_whose_row_never_came_is_taken_away_after_a_day(app, filed, vault):
    orphan, _ = vault.keep(type("Jpeg", (), {"data": DATA}))
    sweep(app, vault)
    assert (vault.folder / orphan).exists(), "its row may be on the way"
    for ref in (orphan, filed):
        old = time.time() - 25 * 3600
        os.utime(vault.folder / ref, (old, old))
    sweep(app, vault)
    assert not (vault.folder / orphan).exists() and (vault.folder / filed).exists()
