"""`flask operator`: who sits at the desk."""

import sys

import click
import segno
from flask.cli import with_appcontext

from mygas.cli.arguments import supplier_named
from mygas.domain import operators, passwords
from mygas.domain.work import unit_of_work
from mygas.words import Refused


@click.group("operator")
def operator_commands() -> None:
    """Операторы поставщиков: кто входит на /desk/ (docs/operators.md)."""


@operator_commands.command("add")
@click.argument("login")
@click.option("--name", required=True, help="Фамилия, имя, отчество.")
@click.option("--supplier", "slugs", multiple=True, metavar="SLUG", help="Поставщик; можно несколько раз.")
@click.option("--portal", is_flag=True, help="Отвечает и на обращения в службу поддержки самого кабинета.")
@with_appcontext
def add_operator(login: str, name: str, slugs: tuple[str, ...], portal: bool) -> None:
    """Завести оператора LOGIN: спросит пароль, покажет ключ для приложения с кодами. Ключ показывается один раз."""
    if not slugs and not portal:
        raise click.UsageError("Назовите поставщика (--supplier) или --portal: иначе оператору нечего делать.")
    suppliers = [supplier_named(slug).slug for slug in slugs]
    password = click.prompt("Пароль", hide_input=True, confirmation_prompt="Пароль ещё раз")
    try:
        passwords.check(password, "strong", login)
        password_hash = passwords.hashed(password)
        with unit_of_work():
            address = operators.add(login, name, suppliers, password_hash, portal_support=portal)
    except Refused as refusal:
        raise click.ClickException(refusal.sentence % refusal.values) from refusal
    click.echo("\nСнимите этот код приложением для одноразовых кодов (он показывается один раз):\n")
    segno.make(address, error="l").terminal(out=sys.stdout, compact=True)
    click.echo(f"\nили введите ключ вручную: {address}")


@operator_commands.command("disable")
@click.argument("login")
@with_appcontext
def disable_operator(login: str) -> None:
    """Закрыть оператору LOGIN вход навсегда и сразу."""
    with unit_of_work():
        done = operators.disable(login)
    if not done:
        raise click.ClickException(f"Действующего оператора «{login}» нет.")
    click.echo(f"Оператор «{login}» больше не войдёт, его сеансы завершены.")


@operator_commands.command("list")
@with_appcontext
def list_operators() -> None:
    """Показать всех операторов."""
    for operator in operators.everyone():
        state = f"закрыт {operator.disabled_at:%d.%m.%Y}" if operator.disabled_at else "работает"
        serves = ", ".join([*operator.suppliers, *(["поддержка кабинета"] if operator.portal_support else [])])
        click.echo(f"{operator.login}  {operator.name}  {serves}  {state}")
