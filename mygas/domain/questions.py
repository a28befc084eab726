"""The steps of asking the support: what is asked, then articles of the help that may answer it already."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from mygas.domain import help as texts
from mygas.domain.addressees import Addressees
from mygas.domain.drafts import Draft
from mygas.domain.help_files import Article
from mygas.domain.ticket_files import Sealed
from mygas.domain.tickets import Question
from mygas.domain.visitors import Visitor
from mygas.suppliers import Supplier

SUGGESTED = 3


def ask(draft: Draft, _visitor: Visitor, *, files: list[Sealed], supplier: Supplier | None, language: str, **typed: Any) -> None:
    """Keep what was typed, and find what of the help fits it. Files sent before stay unless others came.

    `supplier` is in whose words the help speaks, `language` is the one of the page.
    """
    kept = [asdict(one) for one in files] or draft.answers.get("files", [])
    fitting = (texts.search(typed[part], supplier, SUGGESTED, language) for part in ("subject", "text"))
    found = [one.slug for one in next(filter(None, fitting), [])]
    draft.answers = {**typed, "files": kept, "found": found, "decided": not found}


def decide(draft: Draft, _visitor: Visitor) -> None:
    """None of the articles answers the question: it is to be sent."""
    draft.answers = {**draft.answers, "decided": True}


def question_in(answers: Mapping[str, Any], addressees: Addressees) -> Question:
    """What the draft asks."""
    return Question(
        request_key=answers["request_key"],
        subject=answers["subject"],
        text=answers["text"],
        addressee=addressees[answers["to"]],
        account_id=answers["account_id"],
        name=answers["name"],
        contact=answers["contact"],
        files=[Sealed(**one) for one in answers["files"]],
    )


def suggestions(answers: Mapping[str, Any], supplier: Supplier | None, language: str) -> list[Article]:
    """The articles that were found for the draft."""
    return [found for slug in answers["found"] if (found := texts.article(slug, supplier, language))]
