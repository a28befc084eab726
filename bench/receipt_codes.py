"""Payment codes of receipts of a made-up region, read off the rendered pages and held against the registry's files.

    python -m bench.receipt_codes                          # a thousand receipts of each supplier, about ten minutes

Each supplier of the catalogue gets a registry of his own, imported as real ones are; receipts of random accounts are composed
from the database, drawn (plain and in large print in turn), rendered by PDFium and read by ZXing. Every field must be as the
registry's files have it; every fifth receipt or so is of a past month and must have no code. Prints how many were right, and
exits 1 unless all were.
"""

import argparse
import secrets
import sys
import tempfile
import time
from pathlib import Path

import flask_migrate
from tqdm import tqdm

from mygas import create_app
from mygas.settings import Keys, Settings
from tests.documents import demo_codes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=1000, help="receipts of each supplier")
    each, wrong, right, begun = parser.parse_args().each, [], 0, time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="mygas-codes-") as scratch:
        folder, keys = Path(scratch), Keys(*(secrets.token_bytes(32) for _ in range(5)))
        app = create_app(Settings(data_dir=folder, keys=keys, demo=True, database_url=f"sqlite:///{folder / 'mygas.db'}"))
        with app.app_context():
            flask_migrate.upgrade()
            for slug, supplier in app.extensions["suppliers"].items():
                books = demo_codes.live(app, supplier, folder / slug, each + each // 10 + 10)
                for said in tqdm(demo_codes.check(app, supplier, books, each), desc=slug, total=each, disable=None):
                    right += not said
                    wrong += [said] if said else []
    print(f"{right} of {right + len(wrong)} receipts are as the registries say; {time.perf_counter() - begun:.0f} s")
    print("\n".join(wrong[:20]), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
