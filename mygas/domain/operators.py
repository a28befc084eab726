"""Operators of suppliers: who they are, what is theirs to see, their sessions at the desk."""

from typing import Any

from sqlalchemy import ColumnElement

from mygas.models import Operator


def within(operator: Operator, supplier: Any) -> ColumnElement[bool]:
    """The condition that binds a query to the operator's suppliers: what is not theirs does not exist for him (ASVS 8.4.1)."""
    condition: ColumnElement[bool] = supplier.in_(operator.suppliers)
    return condition
