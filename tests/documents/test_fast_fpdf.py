"""What fpdf2 is spared must not be seen: the same papers drawn the plain way look and read the same."""

import subprocess
import sys
from io import BytesIO

import pytest
from fpdf import FPDF_VERSION
from PIL import ImageChops
from pypdf import PdfReader

from mygas.documents import payment, receipt
from mygas.documents.fast_fpdf import cast
from mygas.documents.flow import A4
from mygas.documents.fonts.cut import ALPHABETS
from mygas.documents.sheet import Sheet
from tests.documents.papers import METER, PAYMENT, RECEIPT, replace
from tests.documents.plain import PlainSurface
from tests.documents.reading import pictures, text

PAPERS = {
    "ordinary": RECEIPT,
    "of a past month": replace(RECEIPT, current=False, to_pay_kop=0, qr=""),
    "of three pages": replace(RECEIPT, lines=RECEIPT.lines * 9, meters=(METER,) * 6),
    "with rare letters": replace(RECEIPT, holder="Ӵыжӧктыр Ӧӝӥ (Ҥӱҗәң) \\ Ԓӆԯ", address="Кудымкар, Ӧньӧ Лав"),
}


def test_it_is_the_fpdf2_that_this_leans_on():
    assert FPDF_VERSION == "2.8.9"


def test_processes_that_draw_nothing_are_spared_fpdf2():
    code = "import sys, mygas, mygas.documents.print_run; sys.exit('fpdf' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("variant", ["a4", "large"])
@pytest.mark.parametrize("name", PAPERS)
def test_receipts_look_as_if_drawn_the_plain_way(name, variant, monkeypatch):
    monkeypatch.setattr(Sheet, "code", lambda *_: None)  # the same modules at finer places; tests/documents/test_qr.py reads it
    monkeypatch.setattr(PlainSurface, "code", lambda *_: None)
    surface = PlainSurface()
    receipt.write(surface, PAPERS[name], receipt.SCALES[variant])
    plain, ours = bytes(surface.pdf.output()), receipt.draw(PAPERS[name], variant)
    assert text(ours) == text(plain)
    assert_same_looks(ours, plain)


def test_payments_look_as_if_drawn_the_plain_way():
    surface = PlainSurface()
    payment.write(surface, PAYMENT, A4)
    plain, ours = bytes(surface.pdf.output()), payment.draw(PAYMENT)
    assert text(ours) == text(plain)
    assert_same_looks(ours, plain)


def assert_same_looks(one: bytes, other: bytes) -> None:
    first, second = list(pictures(one, 100)), list(pictures(other, 100))
    assert len(first) == len(second)
    assert [ImageChops.difference(*pair).getbbox() for pair in zip(first, second, strict=True)] == [None] * len(first)


def test_widths_are_fpdf2s():
    surface, sheet = PlainSurface(), Sheet()
    surface.page()
    for letters in ALPHABETS.values():
        for bold in (False, True):
            assert sheet.width(letters, 10, bold) == pytest.approx(surface.width(letters, 10, bold))


def test_fonts_hold_every_letter_of_our_regions():
    for face in cast().faces:
        assert set("".join(ALPHABETS.values())) <= set(face.widths)
        assert {ord(letter) for letter in "ӝӟӥӧӵ әөүҗңһ іӧ ₽№«»—\u00a0"} <= set(face.codes)


@pytest.mark.parametrize(
    ("letter", "printed"),
    [
        ("\t", " "),
        ("\u2009", " "),
        ("é", "e"),
        ("\u0301", ""),
        ("\u200b", ""),
        ("‐", "-"),
        ("漢", "?"),
        ("😀", "?"),
        ("\x00", ""),
    ],
)
def test_letters_that_the_fonts_lack_have_stand_ins(letter, printed):
    face = cast().faces[0]
    assert letter.translate(face.codes) == printed.translate(face.codes)
    assert face.widths[letter] == sum(face.widths[other] for other in printed)


def test_fonts_are_embedded_once_whatever_the_pages():
    reader = PdfReader(BytesIO(receipt.draw(RECEIPT, "large")))
    fonts = {id(page["/Resources"]["/Font"].get_object()): page["/Resources"]["/Font"] for page in reader.pages}
    assert len(reader.pages) == 2
    for resources in fonts.values():
        for font in resources.values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            assert "/FontFile2" in inner["/FontDescriptor"].get_object()
            assert "MygasPaper" in font.get_object()["/BaseFont"]
            assert "/ToUnicode" in font.get_object()
    assert str(receipt.draw(RECEIPT, "large")).count("/FontFile2") == 2
