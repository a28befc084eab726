"""What cells mean, and that the quick ways of reading them agree with the careful ones."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mygas.domain.folding import fold
from mygas.exchange import values
from mygas.exchange.columns import FILES, REQUIRED
from mygas.exchange.faults import Unfit


@pytest.mark.parametrize(
    "parse, cell, value",
    [
        (values.day, "31.12.2026", "2026-12-31"),
        (values.day, "2024-02-29", "2024-02-29"),
        (values.period, "01.2026", 202601),
        (values.period, "2026-12", 202612),
        (values.any_kopecks, "-1 234,5", -123_450),
        (values.kopecks, "1\u00a0234.56", 123_456),
        (values.decimal(3), "00176.412", 176_412),
        (values.decimal(3), "1 176", 1_176_000),
        (values.area, "54,3", 543_000),
        (values.coefficient, "1,0832", 1_083_200),
        (values.coefficient, "0.000001", 1),
        (values.whole(1, 9), "5", 5),
        (values.pin, " АВ 12-c ", "ab12c"),
    ],
)
def test_a_cell_means(parse, cell: str, value: object) -> None:
    assert parse(cell) == value


@pytest.mark.parametrize(
    "parse", [values.day, values.period, values.kopecks, values.decimal(3), values.area, values.whole(0, 99)]
)
@pytest.mark.parametrize(
    "cell", ["", "x", "1e3", "٣", "0x10", "1_000", "--1", "1,2,3", "9" * 40, "31.02.2026", "12.12.12", "nan"]
)
def test_nonsense_is_unfit(parse, cell: str) -> None:
    with pytest.raises(Unfit):
        parse(cell)


_CELLS = st.lists(
    st.from_regex(r"-?[0-9]{1,12}([.,][0-9]{0,3})?|[а-яА-Яa-z0-9/_. -]{0,45}|\s[0-9]{2}", fullmatch=True), max_size=5
)


@given(cells=_CELLS)
def test_plain_columns_mean_what_their_cells_mean(cells: list[str]) -> None:
    for plain, careful in (
        (values.plain_kopecks, values.kopecks),
        (values.plain_thousandths, values.decimal(3)),
        (values.plain_words, values.text(40)),
    ):
        quick = plain(cells)
        assert quick is None or quick == [careful(cell.strip()) for cell in cells]


def test_plain_columns_are_taken_quickly() -> None:
    assert values.plain_kopecks(["1234,56", "0.07"]) == [123_456, 7]
    assert values.plain_thousandths(["14", "0"]) == [14_000, 0]
    assert values.plain_words(["П-1", "2026/7"]) == ["П-1", "2026/7"]
    assert values.plain_words(["two words"]) is values.plain_kopecks(["-1,00"]) is values.plain_thousandths(["1,5"]) is None


def test_files_fit_their_tables() -> None:
    """Every column of a table is filled by a file or by the importer, and no text is longer than its column."""
    own = {"account_id", "meter_id", "registry_id", "ordinal", "serial"}
    for file in FILES:
        assert set(file.table.c.keys()) - own == set(file.fields) - {"serial"}, file.name
        for column in file.columns:
            if column.field == "serial" or column.field not in file.table.c:
                continue
            stored = file.table.c[column.field]
            if column.default is None:
                assert stored.nullable, column
            if (length := getattr(stored.type, "length", None)) and column.parse.__qualname__.startswith("text."):
                assert column.parse("я" * length)
                with pytest.raises(Unfit):
                    column.parse("я" * (length + 1))
            assert column.default is REQUIRED or column.default is None or column.default == 0 or column.default in ("", 1, 5)
            assert column.latest is None or column.latest(date(2026, 11, 21)) in (202611, "2026-11-21")


@pytest.mark.parametrize("one, other", [("АВ-12 с", "ab12C"), ("№ 0176", "0176"), ("ЕКМНОРТУХ", "ekmhoptyx"), ("１２ab", "12AB")])
def test_folding_forgives_spelling(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_folding_keeps_different_things_apart() -> None:
    assert len({fold(text) for text in ("ж1", "z1", "б1", "61", "з1", "31")}) == 6
