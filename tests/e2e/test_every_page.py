"""Every page of the routes' matrix, as each of PEOPLE is given it, and every page of refusals, before axe in Chromium: in light,
dark, high contrast and large text, on a screen of 320 pixels. The pages come from the app itself, without a server between."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Route

from tests.e2e.eyes import NARROW, faults
from tests.rules.routes import PEOPLE, ROUTES
from tests.rules.test_views import extend, htmx, town  # noqa: F401 - fixtures

pytestmark = pytest.mark.e2e
HOST = "http://localhost"


def drawn(town, person):  # noqa: F811
    """(row, HTML) of all that this person is answered with a page: GETs first, then what a POST refuses."""
    if person == "owner, extended":
        extend(town.app)
    for row in sorted((row for row in ROUTES if "sign_out" not in row), key=lambda row: (row.startswith("POST"), row)):
        answer = town.call(person, row)
        if answer.mimetype == "text/html" and not 300 <= answer.status_code < 400:
            yield row, answer.text
    yield "404", town.clients[person].get("/nowhere").text
    yield "405", town.clients[person].get("/sign-out").text
    yield "a stale page", town.call(person, "POST join.step", token=False).text


@pytest.mark.timeout(600)
@pytest.mark.parametrize("person", [*PEOPLE[:3], PEOPLE[-1]])  # the others see no page that these do not
def test_nothing_is_wrong_with_any_page(town, person, chromium: Browser):  # noqa: F811
    context = chromium.new_context(viewport={"width": NARROW, "height": 640}, locale="ru-RU", service_workers="block")
    page = context.new_page()
    shown: dict[str, str] = {}

    def answer(route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.path in shown:
            route.fulfill(body=shown[address.path], content_type="text/html; charset=utf-8")
        else:
            found = town.clients[person].get(address.path, query_string=address.query)
            route.fulfill(body=found.data, content_type=found.content_type, status=found.status_code)

    page.route("**/*", answer)
    wrong, seen = [], set()
    for number, (row, html) in enumerate(list(drawn(town, person))):
        if (key := _without_tokens(html)) in seen:
            continue
        seen.add(key)
        shown[f"/page/{number}"] = html
        page.goto(f"{HOST}/page/{number}", wait_until="load")
        if page.locator("a[href='tel:104']").count() == 0:
            wrong.append(f"{row}: no telephone of the emergency service")
        wrong += [f"{row}: {fault}" for fault in faults(page)]
    context.close()
    assert wrong == [], "\n".join(wrong)
    assert len(seen) > 10


def _without_tokens(html: str) -> str:
    return html[html.index("<main") :].partition('name="csrf_token"')[0] if "<main" in html else html
