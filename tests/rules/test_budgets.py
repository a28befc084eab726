"""What every page weighs on the wire, as each of PEOPLE is given it: pages.md §4.5, where a round trip carries 14,480 bytes."""

import gzip
import re

import pytest

from tests.browser import check_page
from tests.rules.routes import PEOPLE, ROUTES
from tests.rules.test_views import extend, htmx, town  # noqa: F401 - fixtures

FIRST_PAINT = 12_288  # page, headers and the stylesheet inside it, on a browser's first visit
PAGE = {"step": 5120, "data": 8192}
FRAGMENT = {"step": 3072, "data": 8192}
REQUESTS = 2  # before the first paint: the page, and its stylesheet where that is not inside
LONG_TEXTS = {"GET join.consent_text"}  # the law wants all of it on one page
_STEPS = re.compile(r"\.step$|\.sign_in$|\.entry$|\.link$|\.send$|\.begin$|pin_request$|\.page$")


def pages_of(town, person):  # noqa: F811
    """(row, address) of each route that answers this person with a page."""
    place = 2 + PEOPLE.index(person)
    rows = {row: str(told[1]).format(**town.places) for row, told in ROUTES.items() if row.startswith("GET")}
    for row, address in rows.items():
        if ROUTES[row][place] in (200, 403, 410) and town.clients[person].get(address).mimetype == "text/html":
            yield row, address


def weight(answer):
    """Bytes of the answer with its headers, packed as the oldest browsers take them."""
    lines = sum(len(f"{name}: {value}\r\n".encode()) for name, value in answer.headers)
    return lines + len(gzip.compress(answer.data, 6))


@pytest.mark.parametrize("person", PEOPLE)
def test_every_page_keeps_its_budget(town, person):  # noqa: F811
    if person == "owner, extended":
        extend(town.app)
    too_heavy, seen, client = [], 0, town.clients[person]
    for row, address in pages_of(town, person):
        kind, seen = "step" if _STEPS.search(row) else "data", seen + 1
        client.delete_cookie("c")
        first = client.get(address)
        later = client.get(address)
        fragment = client.get(address, headers={"HX-Request": "true", "HX-Target": "main"})
        page = check_page(later)
        asked = 1 + len(page.select("link[rel=stylesheet], head script:not([defer]), main script"))
        found = {
            "first paint": (weight(first), FIRST_PAINT),
            "page": (weight(later), PAGE[kind]),
            "fragment": (weight(fragment), FRAGMENT[kind]),
            "requests": (asked, REQUESTS),
        }
        too_heavy += [
            f"{row}: {name} {is_}, not {most}" for name, (is_, most) in found.items() if is_ > most and row not in LONG_TEXTS
        ]
    assert too_heavy == []
    assert seen >= 8
