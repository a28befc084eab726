"""Payment codes: the same as segno's, read by another's eye, and drawn without a style."""

import random
import re

import pytest

from mygas.documents import qr, qr_encoding
from mygas.documents.receipt import draw
from tests.documents.papers import RECEIPT, another, replace
from tests.documents.plain import segno_alone
from tests.documents.reading import codes

LENGTHS = (1, 13, 40, 90, 150, 260, 400, 620, 800)
DICE = random.Random(7)  # noqa: S311 - it guards nothing
TEXTS = [another(number).qr for number in range(4)] + [
    "".join(DICE.choices("абвгдеж ЁЫ|=.0123456789№«»ӧӝ", k=length)) for length in LENGTHS
]


@pytest.mark.parametrize("text", TEXTS, ids=len)
def test_the_same_as_segno(text):
    assert qr.matrix(text, "utf-8") == segno_alone(text, "utf-8")


def test_every_version_holds_what_it_is_said_to_hold():
    """The longest text of each version up to 25, against segno with its mask."""
    for version in range(1, 26, 4):
        room = qr_encoding.consts.SYMBOL_CAPACITY[version][qr_encoding._LEVEL] - qr_encoding._head_bits(version)
        text = "x" * (room // 8)
        rows = qr.matrix(text, "ascii")
        assert len(rows) == 17 + 4 * version
        assert len(qr.matrix(text + "x", "ascii")) == 17 + 4 * (version + 1)
        assert rows in [segno_alone(text, "ascii", mask) for mask in range(8)]


def test_too_long_and_unspeakable_texts():
    assert len(qr.matrix("x" * 2331, "ascii")) == 177
    with pytest.raises(ValueError, match="2332 bytes"):
        qr.matrix("x" * 2332, "ascii")
    with pytest.raises(UnicodeEncodeError):
        qr.matrix("ӧ", "cp1251")


def test_bars_cover_the_dark_modules_once():
    rows = qr.matrix(RECEIPT.qr, "utf-8")
    covered = [["0"] * len(rows) for _ in rows]
    for x, y, length in qr.bars(rows):
        for column in range(x, x + length):
            assert covered[y][column] == "0"
            covered[y][column] = "1"
    assert ["".join(row) for row in covered] == rows


@pytest.mark.parametrize("variant", ["a4", "large"])
@pytest.mark.parametrize("codec", ["utf-8", "cp1251"])
def test_a_code_on_paper_is_read_as_it_was_meant(variant, codec):
    paper = replace(RECEIPT, qr_codec=codec)
    assert codes(draw(paper, variant)) == [paper.qr.encode(codec)]


def test_many_codes_on_paper():
    for number in range(0, 400, 40):
        paper = another(number)
        assert codes(draw(paper, "a4"), dpi=150) == [paper.qr.encode()]


def test_svg_is_the_same_code_with_its_quiet_zone_and_no_styles():
    svg = qr.qr_svg(RECEIPT.qr, "utf-8")
    rows = qr.matrix(RECEIPT.qr, "utf-8")
    side = len(rows) + 2 * qr.QUIET
    assert f'viewBox="0 0 {side} {side}"' in svg
    assert not re.search(r"style|script|\bwidth=|\bheight=|class=", svg)
    drawn = [["0"] * side for _ in range(side)]
    for x, y, length in re.findall(r"M([0-9]+) ([0-9]+)h([0-9]+)v1h-\3z", svg):
        drawn[int(y)][int(x) : int(x) + int(length)] = "1" * int(length)
    inner = ["".join(row[qr.QUIET : -qr.QUIET]) for row in drawn[qr.QUIET : -qr.QUIET]]
    assert inner == rows
    assert sum(row.count("1") for row in drawn) == sum(row.count("1") for row in rows)
