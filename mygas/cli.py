"""Commands of the portal: `flask import`, `flask demo-data`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask, current_app
from tqdm import tqdm

from mygas import clock
from mygas.exchange.demo import write_demo
from mygas.exchange.faults import BadRegistry
from mygas.exchange.importing import Report, import_registry
from mygas.exchange.store import UnderWay
from mygas.extensions import keyring
from mygas.suppliers import Supplier

_FOLDER = click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
_SUPPLIER = click.option("--supplier", "slug", required=True, metavar="SLUG", help="Поставщик: имя его файла в каталоге.")


def register(app: Flask) -> None:
    """Give the app its commands."""
    app.cli.command("import")(load_registry)
    app.cli.command("demo-data")(make_demo_data)


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
        whole, part = divmod(account.charge_kop, 100)
        click.echo(f"{account.number}  прибор {account.serial or 'нет':8}  начислено {whole},{part:02d}  ПИН {account.pin}")


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
