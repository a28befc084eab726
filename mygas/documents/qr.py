"""The payment code of a paper or a page: ГОСТ Р 56042-2014 text as a QR code (ISO/IEC 18004, level M).

The text becomes bytes by the codec that the text itself names in its header, and stands in the code as bare bytes: banks'
programs read the header and know no ECI.
"""

import math
import re
from collections.abc import Iterator

from mygas.documents.qr_encoding import modules

QUIET = 4  # modules of white around the code, by the standard

Matrix = list[str]
"""Rows of modules, «1» is dark, without the quiet zone."""


def matrix(text: str, codec: str) -> Matrix:
    """The code of the text. Raises UnicodeEncodeError where the codec has no such letter, ValueError beyond 2,331 bytes."""
    code = modules(text.encode(codec))
    side = math.isqrt(len(code))
    return [code[at : at + side] for at in range(0, len(code), side)]


def bars(rows: Matrix) -> Iterator[tuple[int, int, int]]:
    """Dark runs of the rows as (column, row, length): together they cover the dark modules once."""
    for y, row in enumerate(rows):
        for run in re.finditer("1+", row):
            x, end = run.span()
            yield x, y, end - x


def qr_svg(text: str, codec: str) -> str:
    """An `<svg>` of one path with the quiet zone inside; role, title and size are the page's. No styles, no scripts."""
    rows = matrix(text, codec)
    side = len(rows) + 2 * QUIET
    path = "".join(f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z" for x, y, length in bars(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
    )
