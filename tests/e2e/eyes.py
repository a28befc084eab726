"""What is looked for on a page in Chromium: faults that axe finds, and pages wider than the screen."""

from functools import cache
from importlib import resources

from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = {
    "light": ("light", ""),
    "dark": ("dark", ""),
    "text 175 %, high contrast": ("light", "t2 hc"),
}
"""By name: the scheme of the device, the classes that «Вид» gives to the page."""
COLOURS = ["color-contrast", "link-in-text-block", "target-size"]  # all else is the same in every look
NARROW = 320
_RUN = """async rules => {
    const told = await axe.run(document, {resultTypes: ['violations'], runOnly: rules});
    const why = node => [...node.any, ...node.all, ...node.none].map(one => one.message)[0];
    return told.violations.flatMap(one => one.nodes.map(node => `${one.id}: ${node.target} (${why(node)})`));
}"""
_WIDE = """() => [...document.querySelectorAll('body *')].filter(one => {
    const box = one.getBoundingClientRect();
    return box.right > innerWidth + 1 && box.width && !one.closest('.scroll') && !one.closest('.skip');
}).slice(0, 3).map(one => one.outerHTML.slice(0, 90))"""


def faults(page: Page) -> list[str]:
    """All that is wrong with the page on the screen, in every look, at the narrowest screen."""
    page.evaluate(_axe())
    found = []
    for name, (scheme, classes) in LOOKS.items():
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.evaluate("classes => { document.documentElement.className = classes }", classes)
        rules = {"type": "tag", "values": RULES} if name == "light" else {"type": "rule", "values": COLOURS}
        found += [f"{name}: {fault}" for fault in page.evaluate(_RUN, rules)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{name}: wider than the screen: {page.evaluate(_WIDE)}")
    return found


@cache
def _axe() -> str:
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
