"""totals.csv: how many rows and what sum each file must have, said by the one who made the registry."""

from mygas.exchange import reading, values
from mygas.exchange.faults import Findings, Unfit, wrong_width
from mygas.exchange.reading import TOTALS
from mygas.exchange.staging import Stage
from mygas.words import N_

_COLUMNS = ("file", "rows", "sum")


def check(source: reading.Source, stages: dict[str, Stage], findings: Findings) -> None:
    """Every file present must be listed, with its true count; an empty `sum` is not compared."""
    readable = reading.opened(source, _COLUMNS, frozenset(("file", "rows")), findings)
    if readable is None:
        return
    listed = set()
    for batch in reading.batches(readable, findings):
        for line, row in enumerate(batch.rows(), batch.line):
            if len(row) != len(readable.places):
                findings.add(TOTALS, line, *wrong_width(row, list(readable.places)))
                continue
            cells = {name: row[place].strip() for name, place in readable.places.items()}
            name = cells["file"].lower().removesuffix(".csv")
            if name not in stages or name in listed:
                findings.add(TOTALS, line, "file", Unfit(N_("файла «%(file)s» нет или он уже назван"), file=cells["file"][:40]))
                continue
            listed.add(name)
            _compare(line, cells, stages[name], findings)
    for name in stages.keys() - listed:
        findings.add(TOTALS, 0, "file", Unfit(N_("не назван файл %(file)s.csv"), file=name))


def _compare(line: int, cells: dict[str, str], stage: Stage, findings: Findings) -> None:
    for column, parse, found, reason in (
        ("rows", values.whole(0, 999_999_999), stage.rows, N_("названо строк %(said)s, а их %(found)s")),
        ("sum", values.any_kopecks, stage.summed, N_("названо %(said)s коп., а выходит %(found)s коп.")),
    ):
        if column == "sum" and not cells.get("sum"):
            continue
        try:
            said = parse(cells[column])
            if said != found:
                raise Unfit(reason, said=said, found=found)
        except Unfit as unfit:
            findings.add(TOTALS, line, column, unfit)
