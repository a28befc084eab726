"""A subscriber who pays, and the app around him."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.fake_bank import FakeAcquirer
from tests.payers import Payer, make_payer


@pytest.fixture
def payer(app: Flask, bank: FakeAcquirer, region: Callable[..., int]) -> Iterator[Payer]:
    """A user with an account of Пермь, inside the app."""
    account_id = region("perm", "59000001")
    with app.app_context():
        yield make_payer(app, account_id)
