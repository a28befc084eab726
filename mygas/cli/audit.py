"""`flask audit`: whether the audit is as it was written."""

import click
from flask.cli import with_appcontext

from mygas.domain import audit_seals


@click.group("audit")
def audit_commands() -> None:
    """Журнал действий и печати на нём (docs/operators.md)."""


@audit_commands.command("verify")
@click.option("--seal", "noted", metavar="SHA-256", help="Печать, записанная раньше (из журнала сервера): есть ли она сейчас.")
@with_appcontext
def verify_audit(noted: str | None) -> None:
    """Проверить, что записи журнала действий не меняли: пересчитать печати всех дней."""
    found = audit_seals.verify()
    click.echo(f"Печатей: {found.seals}, записей под ними: {found.rows}. Последняя печать: {found.digest or 'нет'}")
    for one in found.broken:
        ids = f"{one.after_id + 1}–{one.last_id}"
        click.echo(f"Не сходится печать за {one.day:%d.%m.%Y}: среди записей {ids} есть изменённые, удалённые или добавленные.")
    if noted and not audit_seals.knows(noted):
        click.echo("Печати, записанной раньше, нет: печати пересчитаны заново.")
    if found.broken or (noted and not audit_seals.knows(noted)):
        raise click.ClickException("Журнал действий меняли.")
    click.echo("Журнал действий цел.")
