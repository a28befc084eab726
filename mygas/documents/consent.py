"""согласие: the text that was consented to, and who did so, when, known by what."""

from datetime import datetime
from zoneinfo import ZoneInfo

from mygas.documents.figures import in_words
from mygas.documents.flow import A4, Flow, Scale
from mygas.documents.sheet import Sheet, Surface
from mygas.money import NBSP
from mygas.papers import ConsentPaper

MOSCOW = ZoneInfo("Europe/Moscow")


def draw(paper: ConsentPaper) -> bytes:
    """The paper as a PDF with tags for reading aloud. The same paper gives the same bytes."""
    sheet = Sheet()
    write(sheet, paper, A4)
    return sheet.file(paper.title, (paper.withdrawn_at or paper.given_at).date())


def write(surface: Surface, paper: ConsentPaper, scale: Scale) -> None:
    """Draw the paper on any surface."""
    surface.page()
    flow = Flow(surface)
    flow.text(paper.title, scale.title, True, "H1")
    flow.text(f"Редакция от {in_words(paper.edition)}", scale.body)
    flow.rule(1.2, 5)
    for paragraph in paper.paragraphs:
        flow.prose(paragraph, scale.body)
        flow.gap(scale.body * 0.6)
    facts = _facts(paper)
    flow.heading("Сведения о подписании", scale, under=len(facts) * scale.body * 2)
    for label, value in facts:
        flow.prose(f"{label}: {value}", scale.body)


def _facts(paper: ConsentPaper) -> list[tuple[str, str]]:
    facts = [
        ("Кто", paper.login),
        ("Когда", _moment(paper.given_at)),
        ("Чем подтверждено", paper.proof),
        ("Сетевой адрес", paper.ip),
        ("Браузер", paper.user_agent),
        ("SHA-256 текста", paper.sha256),
    ]
    if paper.withdrawn_at is not None:
        facts.append(("Отозвано", _moment(paper.withdrawn_at)))
    return [(label, value) for label, value in facts if value]


def _moment(value: datetime) -> str:
    there = value.astimezone(MOSCOW)
    return f"{in_words(there.date())} в{NBSP}{there:%H:%M:%S} (московское время)"
