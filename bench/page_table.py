"""Every page that can be reached by links, weighed and looked at: bytes, requests, what axe and the HTML parser find.

    python -m bench.page_table

Starts `flask up` on a scratch folder, lets somebody register, connect an account and open its extended version in Chromium,
and follows every link from there, and from the first pages without anybody signed in. Prints a table with the budget of
pages.md §4.5 beside it; exits 1 where a page is over it, has faults, or asks another host.
"""

import argparse
import gzip
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import html5lib
from playwright.sync_api import Page, Request, sync_playwright

from tests.e2e.conftest import BROWSERS
from tests.e2e.eyes import NARROW, faults
from tests.e2e.person import Person, demo_account, new_login
from tests.e2e.portal import ROOT, Portal, running

MOST_PAGES = 150
PAGE, FIRST_PAINT, FRAGMENT = 8192, 12_288, 8192
STATIC = {"app.css": 4096, "boot.js": 1536, "sw.js": 1024, "htmx-1.9.12.min.js": 16_384}
_ENTRIES = ("/", "/help/", "/view", "/consent", "/offline", "/desk/sign-in", "/nowhere", "/s/perm/")
_IDS = re.compile(r"/[A-Za-z0-9_-]{22}(?=/|$)")


@dataclass
class Row:
    """What one page weighs in bytes, and what is wrong with it. `requests` of a browser that has been here before."""

    name: str
    raw: int
    gzip: int
    brotli: int
    fragment: int
    first: int
    requests: int
    faults: list[str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mygas-table-") as scratch, sync_playwright() as playwright:
        program = next(filter(None, map(shutil.which, BROWSERS)))
        settings = {"MYGAS_CAPTCHA": "off", "MYGAS_REQUESTS": "100000 per minute"}
        with running(Path(scratch), **settings) as portal:
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            view = {"width": NARROW, "height": 640}
            strangers = browser.new_context(base_url=portal.url, viewport=view, service_workers="block").new_page()
            rows = _walk(strangers, portal, list(_ENTRIES))
            signed_in = browser.new_context(base_url=portal.url, viewport=view, service_workers="block").new_page()
            rows += _walk(signed_in, portal, [_begin(signed_in, portal), "/settings/", "/accounts/"])
            browser.close()
    return _print(rows)


def _begin(page: Page, portal: Portal) -> str:
    """Register, connect the account with a debt, open its extended version by its PIN; the account's address."""
    account = demo_account(portal, "debt")
    person = Person(page, portal, scripts=True)
    person.join(new_login("phone"))
    person.connect(account["number"])
    home = urlsplit(page.url).path
    page.goto(f"{home}extend")
    page.locator("#main [name=method]").first.check()
    person.fill(answer=account["pin"])
    page.locator("#main button.main").first.click()
    page.wait_for_url(f"**{home}*")
    return home


def _walk(page: Page, portal: Portal, waiting: list[str]) -> list[Row]:
    """Every page that links lead to, each kind of address once."""
    rows: list[Row] = []
    seen: set[str] = set()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(_elsewhere(request, portal)))
    while waiting and len(rows) < MOST_PAGES:
        path = waiting.pop(0)
        if (name := _kind(path)) in seen:
            continue
        seen.add(name)
        told = page.request.get(path, max_redirects=0)
        if not told.headers.get("content-type", "").startswith("text/html") or told.status in range(300, 400):
            continue
        asked.clear()
        page.goto(path, wait_until="load")
        rows.append(_row(name, page, path, [one for one in asked if one]))
        waiting += [urlsplit(href).path for href in page.eval_on_selector_all("a[href^='/']", "all => all.map(a => a.href)")]
    return rows


def _row(name: str, page: Page, path: str, asked: list[str]) -> Row:
    """Weigh the page as a browser that has been here before is given it, as htmx is, and as a newcomer is."""
    again = page.request.get(path).body()
    first = page.request.get(path, headers={"Cookie": _without_style(page)}).body()
    part = page.request.get(path, headers={"HX-Request": "true", "HX-Target": "main"}).body()
    parser = html5lib.HTMLParser()
    parser.parse(again)
    wrong = [f"HTML: {fault}" for fault in parser.errors] + faults(page)
    wrong += [f"asked another host: {url}" for url in asked if url != "ours"]
    requests = len([one for one in asked if one == "ours"])
    return Row(name, len(again), _gz(again), len(brotli.compress(again, quality=5)), _gz(part), _gz(first), requests, wrong)


def _without_style(page: Page) -> str:
    return "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies() if one["name"] != "c")


def _kind(path: str) -> str:
    """The address without what names one thing among many."""
    return re.sub(r"[0-9]{4,}", "…", _IDS.sub("/…", path.partition("?")[0]))


def _elsewhere(request: Request, portal: Portal) -> str:
    return "ours" if request.url.startswith(portal.url) else request.url


def _gz(body: bytes) -> int:
    return len(gzip.compress(body, 6))


def _print(rows: list[Row]) -> int:
    """The table, what is over its budget, what is wrong."""
    print(f"{'page':44} {'raw':>6} {'gzip':>6} {'br':>6} {'part':>6} {'first':>6} {'asks':>4} {'faults':>6}")
    print(f"{'(budget)':44} {'':6} {PAGE:6} {'':6} {FRAGMENT:6} {FIRST_PAINT:6}")
    wrong: list[str] = []
    for row in rows:
        weights = (row.raw, row.gzip, row.brotli, row.fragment, row.first)
        print(f"{row.name:44}", *(f"{weight:6}" for weight in weights), f"{row.requests:4} {len(row.faults):6}")
        wrong += [f"{row.name}: {fault}" for fault in row.faults]
        if row.gzip > PAGE or row.first > FIRST_PAINT or row.fragment > FRAGMENT:
            wrong.append(f"{row.name}: over its budget")
    for name, most in STATIC.items():
        body = (ROOT / "static" / name).read_bytes()
        print(f"{name:44} {len(body):6} {len(gzip.compress(body, 9)):6} {len(brotli.compress(body)):6}   (budget {most})")
    print(f"{len(rows)} pages", *wrong, sep="\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
