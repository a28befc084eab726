"""The app over a fresh database, a pretend outside world with faults as methods, and browsers, plain and with htmx."""

import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from mygas import clock, create_app
from mygas.extensions import db, transactions_may_write
from mygas.gateways import TryLater
from mygas.jobs import relay
from mygas.models import Account, AccountCard, Charge, Meter, MeterCard, Payment, Registry
from mygas.settings import Keys, Settings
from tests.browser import Browser
from tests.fake_bank import FakeAcquirer
from tests.walks import PASSWORD, PHONE, code_in


@dataclass
class World:
    """What reached people: pretend mail and SMS. `fail` makes the next sends fail with the error given."""

    sent: list[dict[str, str]] = field(default_factory=list)
    fail: list[Exception] = field(default_factory=list)

    def deliver(self, **message: str) -> str:
        if self.fail:
            raise self.fail.pop(0)
        self.sent.append(message)
        return str(len(self.sent))

    def be_away(self, times: int) -> None:
        self.fail += [TryLater("the gateway does not answer") for _ in range(times)]

    def last(self, to: str) -> dict[str, str]:
        return next(message for message in reversed(self.sent) if message["to"] == to)


@dataclass
class PretendMail:
    world: World

    def send(self, to: str, subject: str, text: str, key: str) -> str:
        return self.world.deliver(to=to, subject=subject, text=text, key=key)


@dataclass
class PretendSms:
    world: World

    def send(self, to: str, text: str, key: str) -> str:
        return self.world.deliver(to=to, subject="", text=text, key=key)


@pytest.fixture(scope="session")
def keys() -> Keys:
    return Keys(*(secrets.token_bytes(32) for _ in range(5)))


@pytest.fixture(scope="session")
def blank_database(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Path | str:
    """A migrated database to copy from: a file for SQLite, the name of a template database for PostgreSQL."""
    url = os.environ.get("DATABASE_URL", "")
    folder = tmp_path_factory.mktemp("blank")
    if url:
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        name = "mygas_blank"
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
            connection.execute(text(f"CREATE DATABASE {name}"))
        admin.dispose()
        url = create_engine(url).url.set(database=name).render_as_string(hide_password=False)
    app = create_app(_settings(folder, keys, url or f"sqlite:///{folder / 'blank.db'}"))
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()
    return "mygas_blank" if url else folder / "blank.db"


@pytest.fixture
def database_url(tmp_path: Path, blank_database: Path | str) -> Iterator[str]:
    """A fresh migrated database of this test's own; PostgreSQL where DATABASE_URL names one, else SQLite."""
    if isinstance(blank_database, Path):
        (tmp_path / "mygas.db").write_bytes(blank_database.read_bytes())
        yield f"sqlite:///{tmp_path / 'mygas.db'}"
        return
    admin = create_engine(os.environ["DATABASE_URL"], isolation_level="AUTOCOMMIT")
    name = f"mygas_{secrets.token_hex(6)}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {blank_database}"))
    yield admin.url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def settings(tmp_path: Path, keys: Keys, database_url: str) -> Settings:
    return _settings(tmp_path, keys, database_url)


def _settings(folder: Path, keys: Keys, url: str) -> Settings:
    return Settings(
        data_dir=folder, keys=keys, demo=True, database_url=url, public_url="http://localhost", requests="100000 per minute"
    )


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def make_app(settings: Settings, world: World) -> Iterator[Callable[..., Flask]]:
    """Make the app with some settings changed."""
    made = []

    def make(**changes: object) -> Flask:
        app = create_app(replace(settings, **changes))  # type: ignore[arg-type]
        app.extensions["gateways"] = replace(app.extensions["gateways"], mail=PretendMail(world), sms=PretendSms(world))
        app.config["PROPAGATE_EXCEPTIONS"] = False
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask], request: pytest.FixtureRequest) -> Flask:
    """The app; a test changes its settings by `@pytest.mark.settings(name=value)`."""
    mark = request.node.get_closest_marker("settings")
    return make_app(**(mark.kwargs if mark else {}))


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def htmx(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def browser(app: Flask, htmx: bool) -> Browser:
    """One visitor's browser; tests that use it run twice, plain and with htmx."""
    return Browser(app.test_client(), htmx=htmx)


@pytest.fixture
def post(app: Flask, world: World) -> Callable[[str], str]:
    """Deliver all that is due, as the worker would; the text of the newest message to that contact."""

    def deliver(to: str) -> str:
        with app.app_context():
            relay.round_of(app)
        return world.last(to)["text"]

    return deliver


@pytest.fixture
def region(app: Flask) -> Callable[..., int]:
    """Put an account into a complete registry of its supplier, with two months and a payment; returns its id."""

    def put(supplier: str, number: str, *, balance_kop: int = 124530, meter: str | None = "0123456") -> int:
        now, today = clock.now(), date(2026, 11, 1)
        with app.app_context(), transactions_may_write():
            registry = Registry(
                supplier=supplier, digest=secrets.token_hex(32), state="complete", rows={}, started_at=now, completed_at=now
            )
            account = Account(supplier=supplier, number=number)
            db.session.add_all([registry, account])
            db.session.flush()
            own = {"account_id": account.id, "registry_id": registry.id}
            db.session.add(
                AccountCard(
                    **own,
                    holder="Иванова Мария Петровна",
                    address="г. Пермь, ул. Ленина, д. 12, кв. 5",
                    balance_kop=balance_kop,
                    balance_on=today,
                )
            )
            for period, kopecks in ((202609, 41230), (202610, 83300)):
                db.session.add(Charge(**own, period=period, line=1, service="Газоснабжение природным газом", method="meter",
                                      volume_milli=50000, price_kop=769000, sum_kop=kopecks))  # fmt: skip
            db.session.add(Payment(**own, number="P1", paid_on=date(2026, 10, 12), sum_kop=41230, source="Сбербанк"))
            if meter:
                row = Meter(account_id=account.id, serial=meter)
                db.session.add(row)
                db.session.flush()
                db.session.add(MeterCard(meter_id=row.id, registry_id=registry.id, model="BK-G4T", digits=5))
            db.session.commit()
            return int(account.id)

    return put


@pytest.fixture
def joined(post: Callable[[str], str]) -> Callable[..., Browser]:
    """Register a visitor, up to the choice of a supplier."""

    def join(browser: Browser, login: str = PHONE, password: str = PASSWORD, entry: str = "") -> Browser:
        browser.get(f"/join/contact?entry={entry}" if entry else "/join/contact")
        browser.submit(login=login, password=password, password2=password)
        browser.submit(code=code_in(post(login)))
        browser.submit(agree=True)
        assert browser.path == "/connect/supplier", browser.text
        return browser

    return join


@pytest.fixture
def connected(joined: Callable[..., Browser], region: Callable[..., int]) -> Callable[..., Browser]:
    """Register a visitor and connect an account of Пермь."""

    def connect(browser: Browser, login: str = PHONE, number: str = "59000001") -> Browser:
        region("perm", number)
        joined(browser, login)
        browser.submit(supplier="Пермь").submit(number=number).submit("Подключить расширенную версию позже")
        assert browser.h1 == f"Счёт {number}", browser.text
        return browser

    return connect


@pytest.fixture
def bank(app: Flask) -> FakeAcquirer:
    """The bank that the app takes payments through, with faults as methods."""
    fake = FakeAcquirer()
    app.extensions["gateways"] = replace(app.extensions["gateways"], bank=fake)
    return fake
