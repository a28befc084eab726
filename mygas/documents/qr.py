"""The payment code of a paper or a page: ГОСТ Р 56042-2014 text as a QR code (ISO/IEC 18004, level M).

The text becomes bytes by the codec that the text itself names in its header, and stands in the code as bare bytes: banks'
programs read the header and know no ECI.
"""

from collections.abc import Iterator
from itertools import groupby

import segno

QUIET = 4  # modules of white around the code, by the standard

Matrix = tuple[bytearray, ...]


def matrix(text: str, codec: str) -> Matrix:
    """Rows of modules, 1 is dark, without the quiet zone. Raises UnicodeEncodeError where the codec has no such letter."""
    return tuple(segno.make_qr(text.encode(codec), error="m", mode="byte", boost_error=False).matrix)


def bars(modules: Matrix) -> Iterator[tuple[int, int, int]]:
    """Dark runs of the rows as (column, row, length): together they cover the dark modules once."""
    for y, row in enumerate(modules):
        x = 0
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                yield x, y, length
            x += length


def qr_svg(text: str, codec: str) -> str:
    """An `<svg>` of one path with the quiet zone inside; role, title and size are the page's. No styles, no scripts."""
    modules = matrix(text, codec)
    side = len(modules) + 2 * QUIET
    path = "".join(f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z" for x, y, length in bars(modules))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
    )
