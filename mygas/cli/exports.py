"""`flask export`: registries of what was sent through the portal, for the supplier's billing."""

from pathlib import Path

import click

from mygas.cli.arguments import SUPPLIER, supplier_named
from mygas.domain import audit, dispatches
from mygas.domain.dispatches import Dispatch, Kind
from mygas.exchange import dispatching
from mygas.suppliers import Supplier
from mygas.words import Refused


@click.argument("kind", type=click.Choice(dispatches.KINDS))
@SUPPLIER
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--again", "number", type=click.IntRange(1), metavar="NUMBER", help="Записать ещё раз реестр с этим номером.")
def export_registry(kind: Kind, slug: str, folder: Path, number: int | None) -> None:
    """Передать поставщику новые показания (readings) или платежи (payments): записать в папку DIR реестр с новым номером."""
    supplier = supplier_named(slug)
    dispatch = _made(supplier, kind) if number is None else dispatches.find(slug, kind, number)
    if dispatch is None:
        raise click.ClickException(f"Реестра № {number} у этого поставщика нет.")
    click.echo(f"Реестр № {dispatch.number}, строк: {dispatch.rows}.")
    try:
        path = _written(dispatch, supplier, folder)
    except dispatching.Altered as error:
        raise click.ClickException(f"Реестр № {dispatch.number} изменился, выдать его нельзя: {error}") from error
    click.echo(f"Записан: {path}")


def _made(supplier: Supplier, kind: Kind) -> Dispatch:
    def note(made: Dispatch) -> None:
        audit.by_system("dispatch.make", supplier=made.supplier, kind=made.kind, number=made.number, rows=made.rows)

    try:
        return dispatching.make(supplier, kind, note)
    except Refused as refusal:
        raise click.ClickException(refusal.sentence % refusal.values) from refusal


def _written(dispatch: Dispatch, supplier: Supplier, folder: Path) -> Path:
    """The file, there only when all of it is."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / dispatching.file_name(dispatch, supplier)
    pieces = dispatching.written(dispatch, supplier)
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        file.writelines(pieces)
    return unfinished.replace(path)
