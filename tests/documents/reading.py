"""What others see on our papers: rendered by PDFium, payment codes read by ZXing, texts and structure by pypdf."""

from collections.abc import Iterator
from io import BytesIO

import pypdfium2
import zxingcpp
from PIL import Image
from pypdf import PdfReader

INCH = 72


def pictures(pdf: bytes, dpi: int = 200, grayscale: bool = True) -> Iterator[Image.Image]:
    """Each page."""
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        yield page.render(scale=dpi / INCH, grayscale=grayscale).to_pil()


def codes(pdf: bytes, dpi: int = 200) -> list[bytes]:
    """The bytes of each QR code, in the order of the pages."""
    return [
        found.bytes for picture in pictures(pdf, dpi) for found in zxingcpp.read_barcodes(picture, zxingcpp.BarcodeFormat.QRCode)
    ]


def text(pdf: bytes) -> str:
    """Of all pages, in the order in which it was written; no-break spaces as they are."""
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
