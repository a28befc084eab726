"""`flask doctor`: whether all is well, for a person and for cron."""

import click
from flask import current_app
from flask.cli import with_appcontext

from mygas.domain import health

_LABELS = {"ok": "ok  ", "warn": "warn", "bad": "BAD "}


@click.command("doctor")
@with_appcontext
def doctor_command() -> None:
    """Say a line a check: ok, warn or BAD, and what to do. Ends with status 1 when something is BAD."""
    bank = current_app.extensions["gateways"].bank
    found = health.examine(current_app.extensions["settings"], bank.name if bank else None, thorough=True)
    for one in found:
        remedy = f" → {one.remedy}" if one.remedy else ""
        click.echo(f"{_LABELS[one.state]}  {one.name:14}  {one.says}{remedy}")
    raise SystemExit(not health.is_ready(found))
