"""The commands: `flask --app wsgi <command>`. They only call the rooms and print."""

import sys

import click
import flask_migrate
from flask import Flask, current_app
from flask.cli import with_appcontext

from mygas import logs, up
from mygas.settings import Settings
from mygas.supervisor import AlreadyRunning, only_one, supervise


def register(app: Flask) -> None:
    """Hang every command into the app."""
    for command in (up_command, serve_command, worker_command):
        app.cli.add_command(command)


@click.command("up")
@with_appcontext
def up_command() -> None:
    """Migrate, prepare the demo, and keep Redis, the worker and the web server running until Ctrl-C."""
    settings = _settings()
    try:
        with only_one(settings.data_dir / "up.lock"):
            logs.to_stderr()
            flask_migrate.upgrade()
            family = up.children(settings)
            if not settings.redis_url and len(family) == 2:
                click.echo("Redis is not to be had here: the relay delivers messages alone, by polling.")
            supervise(family, ready=lambda: _announce(settings), report=click.echo)
    except AlreadyRunning:
        click.echo(f"Another `flask up` is already running on {settings.data_dir}.", err=True)
        sys.exit(1)


@click.command("serve")
@with_appcontext
def serve_command() -> None:
    """The web server alone."""
    logs.to_stderr()
    up.serve(current_app._get_current_object(), _settings())  # type: ignore[attr-defined]


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """The rq worker with its relay."""
    logs.to_stderr()
    up.work(current_app._get_current_object(), _settings())  # type: ignore[attr-defined]


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _announce(settings: Settings) -> bool:
    if not up.is_alive(settings):
        return False
    click.echo(f"\n  «Мой газ» is at {settings.public_url}/   (Ctrl-C stops it)\n")
    return True
