"""The portal stops while somebody looks at it: the page that says so comes, nothing personal does, and all is well afterwards."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, expect

from tests.e2e.portal import running, start

pytestmark = pytest.mark.e2e
KEPT = "caches.keys().then(names => Promise.all(names.map(name => caches.open(name).then(kept => kept.keys()))))"
ADDRESSES = f"{KEPT}.then(all => all.flat().map(request => new URL(request.url).pathname))"


def test_a_portal_that_is_away(chromium: Browser, tmp_path: Path) -> None:
    with running(tmp_path) as portal:
        context = chromium.new_context(base_url=portal.url, locale="ru-RU")
        page = context.new_page()
        page.goto("/help/")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.wait_for_function(f"{ADDRESSES}.then(found => found.length > 0)")
        page.goto("/join/contact")
        assert page.evaluate(ADDRESSES) == ["/offline"], "no other page is kept"
    heading = page.get_by_role("heading", level=1)
    for address in ("/help/", "/", "/accounts/"):
        page.goto(address)
        expect(heading).to_have_text("Нет связи")
        expect(page.get_by_role("link", name="104")).to_be_visible()
        expect(page.locator("body")).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")
    again = start(tmp_path, portal.port)
    try:
        page.get_by_role("link", name="Попробовать ещё раз").click()
        expect(heading).to_have_text("Вход в личный кабинет")
    finally:
        again.stop()
        context.close()


def test_without_scripts_nothing_is_kept(chromium: Browser, tmp_path: Path) -> None:
    """What shows that the page above comes from the service worker."""
    with running(tmp_path) as portal:
        context = chromium.new_context(base_url=portal.url, java_script_enabled=False)
        page = context.new_page()
        page.goto("/help/")
    with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):
        page.goto("/help/")
    context.close()
