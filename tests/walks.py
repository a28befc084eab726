"""What tests of journeys share: who walks, and how a code or a link is read from a message."""

import re

PHONE, EMAIL, PASSWORD = "+79123456789", "maria@example.ru", "gaz2026"


def code_in(text: str) -> str:
    found = re.search(r"\b([0-9]{6})\b", text)
    assert found, text
    return found[1]


def link_in(text: str) -> str:
    found = re.search(r"https?://localhost(/confirm/\S+)", text)
    assert found, text
    return found[1]
