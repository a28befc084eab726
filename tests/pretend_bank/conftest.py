"""The training bank over a folder of the test's own, and a browser on its pages."""

from pathlib import Path

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from mygas.gateways import yookassa_words as words
from mygas.pretend_bank import MOUNT, Bank, pages
from tests.browser import Browser
from tests.pretend_bank.town import ASKED, bank_in


@pytest.fixture
def training(tmp_path: Path) -> Bank:
    return bank_in(tmp_path / "bank")


@pytest.fixture
def begun(training: Bank) -> str:
    """The id of a payment that waits for its payer."""
    return str(training.begin("order-1", words.payment(ASKED, words.Custom()))["id"])


@pytest.fixture
def payer(training: Bank) -> Browser:
    """A browser without scripts on the pages, which are mounted as they are in a demo."""
    app = pages(training)
    app.wsgi_app = DispatcherMiddleware(_nothing, {MOUNT: app.wsgi_app})  # type: ignore[method-assign]
    return Browser(app.test_client())


def _nothing(_environ: object, start_response: object) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])  # type: ignore[operator]
    return [b"the portal"]
