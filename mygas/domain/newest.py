"""Of each thing, the row of the newest complete registry that speaks of it: what all reading of registries rests on."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Exists, FromClause, RowMapping, Subquery, Table, exists, func, select
from sqlalchemy.sql import Executable

from mygas.extensions import db
from mygas.models import Meter, MeterCard, Registry


def newest(model: Any, *wanted: ColumnElement[bool], key: Sequence[str], **extra: ColumnElement[Any]) -> Subquery:
    """Rows of complete registries, each with its `age`: 1 for the newest registry that speaks of the same `key`."""
    own = table(model)
    age = func.rank().over(partition_by=[own.c[name] for name in key], order_by=own.c.registry_id.desc())
    labelled = [expression.label(name) for name, expression in {"age": age, **extra}.items()]
    registry = table(Registry)
    complete = select(own, *labelled).join(registry, registry.c.id == own.c.registry_id)
    return complete.where(registry.c.state == "complete", *wanted).subquery()


def of_account(model: Any, account_id: int) -> ColumnElement[bool]:
    """That a row which belongs to a meter belongs to a meter of this account."""
    condition: ColumnElement[bool] = model.meter_id.in_(select(Meter.id).where(Meter.account_id == account_id))
    return condition


def metered(account_id: ColumnElement[int] | int) -> Exists:
    """Whether a complete registry has brought a card of a meter of this account."""
    carded = (MeterCard.meter_id == Meter.id, MeterCard.registry_id == Registry.id, Registry.state == "complete")
    return exists().where(Meter.account_id == account_id, *carded)


def columns(source: FromClause, shape: type) -> list[ColumnElement[Any]]:
    """The columns of `source` that the dataclass `shape` names."""
    return [source.c[name] for name in shape.__dataclass_fields__ if name in source.c]  # type: ignore[attr-defined]


def rows(query: Executable) -> Sequence[RowMapping]:
    """All rows of one statement."""
    return db.session.execute(query).mappings().all()


def table(model: Any) -> Table:
    """The table of a model: core columns, so that a page's rows are plain values."""
    found: Table = model.__table__
    return found
