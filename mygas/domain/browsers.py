"""Which browser it was, in words that its owner knows it by. What it says of itself proves nothing: it helps to remember."""

import re

from mygas.words import N_

_NAMES = (  # the first that is found: most browsers also name those that they descend from
    ("Opera Mini", r"Opera Mini"),
    ("Opera", r"\bOPR/|\bOPT/|Opera[/ ]"),
    ("Яндекс Браузер", r"YaBrowser|YaApp"),
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Samsung Internet", r"SamsungBrowser"),
    ("Mi Browser", r"MiuiBrowser"),
    ("UC Browser", r"UCBrowser"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Internet Explorer", r"MSIE |Trident/"),
    ("Safari", r"Safari/"),
)
_TEXT = re.compile(r"(lynx|w3m|e?links)\b", re.IGNORECASE)
_SYSTEMS = (
    ("KaiOS", r"KAIOS"),
    ("Windows Phone", r"Windows Phone"),
    ("Android", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("Mac", r"Macintosh"),
    ("Linux", r"Linux|X11"),
)


def named(user_agent: str) -> tuple[str, dict[str, str]]:
    """A sentence and what fills its places: «Chrome на Android», «текстовый браузер lynx», «неизвестный браузер»."""
    if text := _TEXT.match(user_agent):
        return N_("текстовый браузер %(name)s"), {"name": text[1].lower()}
    name, system = _first(_NAMES, user_agent), _first(_SYSTEMS, user_agent)
    if name and system:
        return N_("%(name)s на %(system)s"), {"name": name, "system": system}
    return ("%(name)s", {"name": name}) if name else (N_("неизвестный браузер"), {})


def _first(known: tuple[tuple[str, str], ...], user_agent: str) -> str | None:
    return next((name for name, sign in known if re.search(sign, user_agent)), None)
