"""What a bank's application reads off a printed receipt, for every supplier (the thousand: python -m bench.receipt_codes)."""

import pytest

from mygas.settings import Settings
from mygas.suppliers import load
from tests.documents import demo_codes

EACH = 4  # two plain, two in large print


@pytest.mark.parametrize("slug", load(Settings.catalogue))
def test_the_code_on_the_page_says_what_the_registry_says(app, tmp_path, slug):
    supplier = app.extensions["suppliers"][slug]
    with app.app_context():
        books = demo_codes.live(app, supplier, tmp_path / slug, 20)
        found = list(demo_codes.check(app, supplier, books, EACH))
    assert found == [""] * EACH
