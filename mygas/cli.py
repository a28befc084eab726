"""Commands of the portal: `flask up`, `serve`, `worker`, `import`, `demo-data`, `operator`. They call the rooms and print."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import flask_migrate
import segno
from flask import Flask, current_app
from flask.cli import with_appcontext
from tqdm import tqdm

from mygas import clock, demo, logs, money, up
from mygas.domain import common_charges, operators, passwords
from mygas.domain.work import unit_of_work
from mygas.exchange.demo import write_demo
from mygas.exchange.faults import BadRegistry
from mygas.exchange.importing import Report, import_registry
from mygas.exchange.store import UnderWay
from mygas.extensions import keyring
from mygas.settings import Settings
from mygas.supervisor import AlreadyRunning, only_one, supervise
from mygas.suppliers import Catalogue, Supplier
from mygas.words import Refused

_FOLDER = click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
_SUPPLIER = click.option("--supplier", "slug", required=True, metavar="SLUG", help="Поставщик: имя его файла в каталоге.")


def register(app: Flask) -> None:
    """Give the app its commands."""
    for command in (up_command, serve_command, worker_command):
        app.cli.add_command(command)
    app.cli.add_command(operator_commands)
    app.cli.command("import")(load_registry)
    app.cli.command("demo-data")(make_demo_data)


@click.command("up")
@with_appcontext
def up_command() -> None:
    """Migrate, prepare the demo, and keep Redis, the worker and the web server running until Ctrl-C."""
    settings = _settings()
    try:
        with only_one(settings.data_dir / "up.lock"):
            logs.to_stderr()
            if not up.await_port(settings):
                click.echo(f"Port {settings.port} of {settings.host} is not to be had; give another one by PORT=8001.", err=True)
                sys.exit(1)
            flask_migrate.upgrade()
            suppliers: Catalogue = current_app.extensions["suppliers"]
            lines = _prepare_demo(settings, suppliers) if settings.demo else []
            family = up.children(settings)
            if not settings.redis_url and len(family) == 2:
                click.echo("Redis is not to be had here: the relay delivers messages alone, by polling.")
            supervise(family, ready=lambda: _announce(settings, lines), report=click.echo)
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


def _prepare_demo(settings: Settings, suppliers: Catalogue) -> list[str]:
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


@_FOLDER
@_SUPPLIER
def load_registry(folder: Path, slug: str) -> None:
    """Загрузить реестр поставщика из папки DIR (docs/formats.md): весь или ничего."""
    try:
        with _bar("Загрузка") as progress:
            report = import_registry(
                folder,
                _supplier(slug),
                current_app.extensions["settings"].database_url,
                pin_mac=keyring.pin_mac,
                progress=progress,
                now=clock.now,
            )
    except BadRegistry as bad:
        for fault in bad.faults:
            click.echo(str(fault), err=True)
        click.echo(f"Реестр не принят, ничего не изменено. Ошибок: {bad.total}, показано: {len(bad.faults)}.", err=True)
        raise SystemExit(1) from bad
    except UnderWay as other:
        raise click.ClickException("Реестр этого поставщика уже загружается, дождитесь окончания.") from other
    common_charges.note(slug)
    _tell(report)


@_FOLDER
@_SUPPLIER
@click.option("--accounts", default=1000, type=click.IntRange(1, 100_000), show_default=True, help="Сколько лицевых счетов.")
@click.option("--seed", default=1, show_default=True, help="Одинаковое число даёт одинаковые данные.")
def make_demo_data(folder: Path, slug: str, accounts: int, seed: int) -> None:
    """Придумать реестр: записать в папку DIR файлы, пригодные для flask import."""
    supplier = _supplier(slug)
    today = clock.now().astimezone(supplier.time_zone).date()
    with _bar("Запись") as progress:
        shown = write_demo(folder, supplier, accounts, seed, today=today, progress=progress)
    for account in shown[:6]:
        charged = money.plain(account.charge_kop)
        click.echo(f"{account.number}  прибор {account.serial or 'нет':8}  начислено {charged}  ПИН {account.pin}")


@click.group("operator")
def operator_commands() -> None:
    """Операторы поставщиков: кто входит на /desk/ (docs/operators.md)."""


@operator_commands.command("add")
@click.argument("login")
@click.option("--name", required=True, help="Фамилия, имя, отчество.")
@click.option("--supplier", "slugs", required=True, multiple=True, metavar="SLUG", help="Поставщик; можно несколько раз.")
@with_appcontext
def add_operator(login: str, name: str, slugs: tuple[str, ...]) -> None:
    """Завести оператора LOGIN: спросит пароль, покажет ключ для приложения с кодами. Ключ показывается один раз."""
    suppliers = [_supplier(slug).slug for slug in slugs]
    password = click.prompt("Пароль", hide_input=True, confirmation_prompt="Пароль ещё раз")
    try:
        passwords.check(password, "strong", login)
        password_hash = passwords.hashed(password)
        with unit_of_work():
            address = operators.add(login, name, suppliers, password_hash)
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
        click.echo(f"{operator.login}  {operator.name}  {', '.join(operator.suppliers)}  {state}")


def _supplier(slug: str) -> Supplier:
    catalogue = current_app.extensions["suppliers"]
    if slug not in catalogue:
        raise click.BadParameter(f"нет поставщика «{slug}»; есть: {', '.join(sorted(catalogue))}", param_hint="--supplier")
    supplier: Supplier = catalogue[slug]
    return supplier


def _tell(report: Report) -> None:
    if report.already:
        click.echo(f"Этот реестр уже загружен (№ {report.registry_id}), ничего не изменено.")
        return
    click.echo(f"Реестр № {report.registry_id} загружен.")
    for name, tally in report.files.items():
        click.echo(f"  {name}.csv: новых {tally.new}, изменённых {tally.changed}, прежних {tally.same}")


@contextmanager
def _bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar, drawn on a terminal only (tqdm's `disable=None`)."""
    with tqdm(desc=title, disable=None, unit_scale=True, leave=False) as bar:

        def progress(done: int, of: int) -> None:
            bar.total = of
            bar.update(done - bar.n)

        yield progress
