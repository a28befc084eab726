"""`flask backup`, `restore`: the portal put by, and brought back (docs/backups.md)."""

from dataclasses import replace
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from mygas.keeping import backup, databases, restoring
from mygas.keeping.databases import CopyFailed
from mygas.keeping.manifest import BadBackup, Manifest
from mygas.keeping.restoring import NotEmpty
from mygas.settings import Settings
from mygas.supervisor import AlreadyRunning

FOLDER = click.argument("folder", metavar="FOLDER", type=click.Path(file_okay=False, path_type=Path))


@click.command("backup")
@FOLDER
@click.option("--keep", is_flag=True, help="Then thin out: 96 quarter-hours, 30 days, 12 months stay.")
@with_appcontext
def backup_command(folder: Path, keep: bool) -> None:
    """Make a backup of the running portal in FOLDER: the database and sealed files. Keys are not in it: keep them elsewhere."""
    try:
        made = backup.make(_settings(), folder, portal=current_app.extensions["version"], thin=keep)
    except (CopyFailed, OSError) as error:
        raise click.ClickException(f"No backup was made. {error}") from error
    except AlreadyRunning as error:
        raise click.ClickException(f"Another backup is being made in {folder}.") from error
    click.echo(f"{made.path}: {_told(made.manifest)}.")
    if made.thinned:
        click.echo(f"Taken away: {len(made.thinned)} older ones.")
    _complain(made.manifest.violations)


@click.command("restore")
@FOLDER
@click.option("--check", is_flag=True, help="Rehearse in a scratch place; nothing here is touched, the portal may run.")
@with_appcontext
def restore_command(folder: Path, check: bool) -> None:
    """Bring back the backup FOLDER, or the newest one in FOLDER, into an empty place. Put the keys back first."""
    settings = _settings()
    try:
        path, one = restoring.sound(folder, databases.engine_of(settings.database_url))
        click.echo(f"{path}: {_told(one)}; every file is as it was written.")
        if check:
            _tell(restoring.rehearse(settings, path, one, _over), one)
            return
        forgotten = restoring.restore(settings, path, one, _over)
    except (BadBackup, NotEmpty, CopyFailed, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"Restored. Ended: {forgotten.sessions} sessions, {forgotten.drafts} unfinished journeys, {forgotten.codes} codes."
    )
    click.echo(
        f"What happened after {one.made_at:%Y-%m-%d %H:%M} UTC is lost. Start the portal: its worker first compares "
        "that time with the bank's register; look at the differences on the desk. Then run `flask --app wsgi doctor`."
    )
    _complain(one.violations)


def _tell(found: restoring.Rehearsed, one: Manifest) -> None:
    if found.partly:
        click.echo(f"The database was read to its end and not brought back: {found.partly}.")
    else:
        scans = f"{found.opened} sealed files open" if one.scans else "sealed files are not in this backup"
        click.echo(f"The rehearsal went well: {found.rows} rows, the schema of this portal, {scans}.")
    _complain(found.violations)
    if found.closed:
        raise click.ClickException(f"{len(found.closed)} sealed files do not open: are these the keys of that portal?")


def _complain(violations: tuple[str, ...]) -> None:
    for one in violations:
        click.echo(f"The books are wrong: {one}", err=True)
    if violations:
        raise click.ClickException("The copy is true to the database, and the books in it are wrong.")


def _told(one: Manifest) -> str:
    size = sum(kept.size for kept in one.files)
    return (
        f"{one.engine}, schema {one.revision}, made {one.made_at:%Y-%m-%d %H:%M} UTC, "
        f"{len(one.files)} files, {size / 1024 / 1024:.1f} MB"
    )


def _over(url: str) -> Flask:
    """This portal over another database; nobody is served by it."""
    from mygas import create_app  # noqa: PLC0415 - which gives the app its commands

    return create_app(replace(_settings(), database_url=url, training=False))


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
