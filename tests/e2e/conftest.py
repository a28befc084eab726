"""A running portal with its demo region, and Chromium in front of it, with scripts and without."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, sync_playwright

from tests.e2e.person import Person
from tests.e2e.portal import Portal, running

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_addresses = itertools.count(1)

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One portal for all these tests; each browser comes from an address of its own."""
    folder = tmp_path_factory.mktemp("portal")
    with running(folder, MYGAS_CAPTCHA="off", MYGAS_PROXIES="1", MYGAS_REQUESTS="100000 per minute") as portal:
        yield portal


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip("no Chromium on this machine; .ci/run installs it")
    browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture
def faults() -> list[str]:
    """What a page did against the rules: errors and warnings in the console (the CSP speaks there), questions to other hosts."""
    return []


@pytest.fixture
def open_page(chromium: Browser, portal: Portal, faults: list[str]) -> Iterator[OpenPage]:
    """Open a fresh browser window: `open_page(scripts=True)`. In the end there may be no faults."""
    contexts: list[BrowserContext] = []

    def open_page(*, scripts: bool, width: int = 400) -> Page:
        context = chromium.new_context(
            base_url=portal.url, java_script_enabled=scripts, viewport={"width": width, "height": 800}, locale="ru-RU",
            extra_http_headers={"X-Forwarded-For": f"10.9.{next(_addresses)}.1"},
        )  # fmt: skip
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", lambda message: faults.extend(_wrong(message)))
        page.on("pageerror", lambda error: faults.append(f"an error in a script: {error}"))
        page.on("request", lambda request: faults.extend(_elsewhere(request, portal)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture(params=[True, False], ids=["scripts", "plain"])
def person(request: pytest.FixtureRequest, open_page: OpenPage, portal: Portal) -> Person:
    """Somebody new; tests that use it run twice, with scripts and without."""
    return Person(open_page(scripts=request.param), portal, request.param)


@pytest.fixture
def scripted(open_page: OpenPage, portal: Portal) -> Person:
    """Somebody new whose browser runs scripts."""
    return Person(open_page(scripts=True), portal, scripts=True)


def _wrong(message: ConsoleMessage) -> list[str]:
    """A refusal is a page with status 422 (a dead link: 410, a locked section: 403), which Chromium notes as a failed load; all
    else is a fault."""
    refusal = message.text.startswith("Failed to load resource") and any(code in message.text for code in ("422", "410", "403"))
    return [] if refusal or message.type not in ("error", "warning") else [f"console: {message.text}"]


def _elsewhere(request: Request, portal: Portal) -> list[str]:
    address = urlsplit(request.url)
    return [] if address.port == portal.port and address.hostname == "localhost" else [f"asked another host: {request.url}"]
