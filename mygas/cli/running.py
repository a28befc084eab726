"""`flask up`, `serve`, `worker`, `bank`: what keeps the portal running."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import click
import flask_migrate
from flask import current_app
from flask.cli import with_appcontext

from mygas import demo, logs, pretend_bank, schema, training, up
from mygas.domain import common_charges, reply_templates
from mygas.domain.work import unit_of_work
from mygas.extensions import db, keyring
from mygas.gateways import bank
from mygas.keeping import backup, databases
from mygas.models import PORTAL
from mygas.settings import Settings
from mygas.supervisor import AlreadyRunning, only_one, supervise, together
from mygas.suppliers import Catalogue


@click.command("up")
@with_appcontext
def up_command() -> None:
    """Migrate (after a backup), prepare the demo, and keep Redis, the worker and the web servers running until Ctrl-C."""
    settings = _settings()
    try:
        with only_one(settings.data_dir / "up.lock"):
            logs.to_stderr()
            door = up.listen(settings)
            if door is None:
                click.echo(f"Port {settings.port} of {settings.host} is not to be had; give another one by PORT=8001.", err=True)
                sys.exit(1)
            _migrate(settings)
            if shifts := current_app.extensions.get("shifts"):
                shifts.prepare()
            suppliers: Catalogue = current_app.extensions["suppliers"]
            lines = _prepare_demo(settings, suppliers) if settings.demo else []
            family = up.children(settings, door.fileno())
            if not settings.redis_url and all(child.name != "redis" for child in family):
                click.echo("Redis is not to be had here: the relay delivers messages alone, by polling.")
            supervise(family, ready=lambda: _announce(settings, lines), report=click.echo)
    except AlreadyRunning:
        click.echo(f"Another `flask up` is already running on {settings.data_dir}.", err=True)
        sys.exit(1)


@click.command("serve")
@with_appcontext
def serve_command() -> None:
    """The web server alone."""
    logs.to_stderr(only=training.belongs_to_the_log)
    with _at_work(_settings()):
        up.serve(current_app._get_current_object(), _settings())  # type: ignore[attr-defined]


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """The rq worker with its relay."""
    logs.to_stderr(only=training.belongs_to_the_log)
    with _at_work(_settings()):
        up.work(current_app._get_current_object(), _settings())  # type: ignore[attr-defined]


@click.command("bank")
@with_appcontext
def bank_command() -> None:
    """The training bank of the demo alone (only with MYGAS_BANK_URL=pretend:). MYGAS_BANK_FAULTS makes it misbehave."""
    settings = _settings()
    if not settings.pretend_bank:
        raise click.ClickException("MYGAS_BANK_URL names another bank, or none.")
    try:
        faults = pretend_bank.Faults.parse(os.environ.get("MYGAS_BANK_FAULTS", ""))
    except ValueError as error:
        raise click.ClickException(f"MYGAS_BANK_FAULTS cannot be understood: {error}") from None
    logs.to_stderr(logging.WARNING)
    its = pretend_bank.open_in(settings.data_dir, settings.public_url, faults)
    pretend_bank.Messenger(its, f"{up.own_address(settings)}/hooks/pretend", urlsplit(settings.public_url).netloc).start()
    up.serve_nearby(pretend_bank.api(its, bank.PRETEND_SHOP), bank.pretend_port(settings.bank_url))


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _migrate(settings: Settings) -> None:
    """Bring the schema to that of this code; in production a database that holds something is copied first."""
    present = _schema(settings)
    if present and present != schema.head() and not settings.demo:
        try:
            path = backup.before_migration(settings, schema.head(), portal=current_app.extensions["version"])
        except (databases.CopyFailed, OSError) as error:
            raise click.ClickException(f"The database is not migrated, for no backup of it can be made. {error}") from error
        click.echo(f"The database is copied to {path} before it is migrated from {present} to {schema.head()}.")
    flask_migrate.upgrade()


@contextmanager
def _at_work(settings: Settings) -> Iterator[None]:
    """A process of the portal, over a database of this code's schema; a restore waits for its end. Ends it in words."""
    try:
        with together(settings.at_work):
            if (present := _schema(settings)) != schema.head():
                raise click.ClickException(
                    f"The schema of the database is {present or 'empty'}, that of this portal {schema.head()}: "
                    "`flask --app wsgi up` migrates it, or `flask --app wsgi db upgrade`."
                )
            yield
    except AlreadyRunning as error:
        raise click.ClickException(f"A restore is under way on {settings.data_dir}.") from error


def _schema(settings: Settings) -> str:
    """The revision of the database. Ends the command where it is of a newer portal, or half restored."""
    if settings.restoring.exists():
        raise click.ClickException(
            f"A restore on {settings.data_dir} was cut off. Run it again (on PostgreSQL with an empty database): docs/backups.md."
        )
    with db.engine.connect() as connection:
        present = schema.present(connection)
    if present and not schema.is_known(present):
        raise click.ClickException(
            f"A newer portal has migrated the database (its schema is {present}, that of this one {schema.head()}). "
            "Start that one, or restore a backup made before: docs/backups.md."
        )
    return present


def _prepare_demo(settings: Settings, suppliers: Catalogue) -> list[str]:
    with unit_of_work():
        reply_templates.provide_samples([PORTAL, *suppliers])
    return demo.table(demo.prepare(settings, suppliers, keyring.pin_mac, common_charges.note), suppliers)


def _announce(settings: Settings, demo_accounts: list[str]) -> bool:
    if not up.is_alive(settings):
        return False
    click.echo(f"\n  «Мой газ» is at {settings.public_url}/   (Ctrl-C stops it)\n")
    if demo_accounts:
        click.echo(f"  Codes and letters of the demo are at {settings.public_url}/demo/messages\n")
        for line in demo_accounts:
            click.echo(f"  {line}")
        click.echo(f"\n  More accounts: {settings.data_dir / 'demo'}/*/accounts.json\n")
    return True
