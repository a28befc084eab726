"""QR codes (ISO/IEC 18004, byte mode, level M) made of whole numbers: many times as fast as segno alone, and the same codes.

segno knows the tables and the frame of each version; what is done for every code (error correction, placement, choice of the
mask) is done here with a code as one number of size × size bits, row by row from the upper left: shifts and counts of bits in
place of loops over modules. Pinned to segno 1.6.6; tests/documents/test_qr.py compares the two.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import chain, zip_longest
from operator import itemgetter
from typing import Any

import segno.consts
import segno.encoder

consts: Any = segno.consts  # neither says its types
encoder: Any = segno.encoder
_LEVEL: int = consts.ERROR_LEVEL_M
_MASKS = range(8)
_FREE = 2  # what segno marks modules of its frames with that bits are laid on


def modules(data: bytes) -> str:
    """The modules of their code, row by row: «1» is dark. Raises ValueError where no version has room (over 2,331 bytes)."""
    version = _version(len(data))
    frame = _frame(version)
    placed = int(bytes(frame.order(_bits(version, data) + b"0")), 2)
    best = min(_MASKS, key=lambda mask: _penalty(placed ^ frame.bare[mask], frame.ruler))
    return f"{placed ^ frame.whole[best]:0{frame.ruler.size**2}b}"


def _version(length: int) -> int:
    for version in range(1, 41):
        if _head_bits(version) + 8 * length <= consts.SYMBOL_CAPACITY[version][_LEVEL]:
            return version
    raise ValueError(f"{length} bytes do not fit into a QR code")


def _head_bits(version: int) -> int:
    """Of the mode and the length."""
    return 4 + (8 if version < 10 else 16)


def _bits(version: int, data: bytes) -> bytes:
    """Codewords with their error correction, interleaved, as characters «0» and «1» with the remainder bits of any version."""
    room = consts.SYMBOL_CAPACITY[version][_LEVEL] // 8
    head = (0b0100 << (_head_bits(version) - 4)) | len(data)
    used = _head_bits(version) + 8 * len(data) + 4  # the terminator's four bits are there: no head is a whole number of bytes
    packed = (((head << 8 * len(data)) | int.from_bytes(data)) << 4).to_bytes(used // 8)
    # The word of noughts after the terminator is segno's; no reader minds it, and so the two can be compared.
    words = (packed + b"\0" + b"\xec\x11" * room)[:room]
    blocks, checks, at = [], [], 0
    for kind in consts.ECC[version][_LEVEL]:
        for _ in range(kind.num_blocks):
            blocks.append(words[at : at + kind.num_data])
            checks.append(_correction(blocks[-1], kind.num_total - kind.num_data))
            at += kind.num_data
    woven = bytes(word for word in chain(*zip_longest(*blocks), *zip_longest(*checks)) if word is not None)
    return f"{int.from_bytes(woven):0{8 * len(woven)}b}0000000".encode()


def _correction(block: bytes, length: int) -> bytes:
    """The remainder of the block by the generator of Reed and Solomon."""
    table, top, kept = _multiples(length), 8 * (length - 1), (1 << 8 * length) - 1
    rest = 0
    for word in block:
        rest = ((rest << 8) & kept) ^ table[word ^ (rest >> top)]
    return rest.to_bytes(length)


@cache
def _multiples(length: int) -> list[int]:
    """The generator of that many correction words times each word of the field."""
    powers, logs = consts.GALIOS_EXP, consts.GALIOS_LOG
    generator = consts.GEN_POLY[length]
    return [0, *(int.from_bytes(bytes(powers[logs[word] + power] for power in generator)) for word in range(1, 256))]


@dataclass(frozen=True)
class _Ruler:
    """Of a size: `right[k]` has the bits of modules with at least k others on their right, `left[k]` on their left."""

    size: int
    right: tuple[int, ...]
    left: tuple[int, ...]


@dataclass(frozen=True)
class _Frame:
    """Of a version: `order` picks the bit of each module; by mask, what lies over them while masks are judged, and in the end."""

    order: Callable[[bytes], tuple[int, ...]]
    bare: tuple[int, ...]
    whole: tuple[int, ...]
    ruler: _Ruler


@cache
def _frame(version: int) -> _Frame:
    size = encoder.calc_matrix_size(version)
    free = encoder.make_matrix(size, size)
    encoder.add_finder_patterns(free, size, size)
    encoder.add_alignment_patterns(free, size, size)
    places = {place: bit for bit, place in enumerate(_path(free, size))}
    spare = sum(kind.num_blocks * kind.num_total for kind in consts.ECC[version][_LEVEL]) * 8 + 7
    order = itemgetter(*(places.get((row, column), spare) for row in range(size) for column in range(size)))
    bare, whole = [], []
    for mask, is_flipped in zip(_MASKS, encoder.get_data_mask_functions(is_micro=False), strict=True):
        over = [bytearray(row) for row in free]
        for row, column in places:
            over[row][column] = is_flipped(row, column)
        bare.append(_number(over))
        encoder.add_format_info(over, version, _LEVEL, mask)
        encoder.add_version_info(over, version)
        whole.append(_number(over))
    return _Frame(order, tuple(bare), tuple(whole), _ruler(size))


def _path(free: tuple[bytearray, ...], size: int) -> list[tuple[int, int]]:
    """Free modules (row, column) as bits are laid on them: two columns at a time from the right, up and down in turn."""
    found = []
    columns = [right - (right <= 6) for right in range(size - 1, 0, -2)]  # column 6 is the timing pattern
    for turn, right in enumerate(columns):
        rows = range(size) if turn % 2 else range(size - 1, -1, -1)
        found += [(row, column) for row in rows for column in (right, right - 1) if free[row][column] == _FREE]
    return found


def _number(rows: list[bytearray]) -> int:
    return int("".join(str(module) for row in rows for module in row), 2)


def _ruler(size: int) -> _Ruler:
    def columns(first: int, after: int) -> int:
        return int(("0" * first + "1" * (after - first) + "0" * (size - after)) * size, 2)

    return _Ruler(size, tuple(columns(0, size - k) for k in range(11)), tuple(columns(k, size) for k in range(11)))


def _penalty(code: int, ruler: _Ruler) -> int:
    """How hard a code is to read, by ISO/IEC 18004, 7.8.3.1. `code << 1` has at a module's place what is on its right."""
    size, whole = ruler.size, ruler.right[0]
    like_right = ~(code ^ (code << 1)) & ruler.right[1]
    like_below = ~(code ^ (code << size)) & (whole >> size << size)
    blocks = (like_right & like_below & (like_right << size)).bit_count()
    finders = _finders(code, 1, ruler.right, ruler.left) + _finders(code, size, (whole,) * 11, (whole,) * 11)
    unbalanced = abs(100 * code.bit_count() - 50 * size * size) // (5 * size * size)
    return _runs(like_right, 1) + _runs(like_below, size) + 3 * blocks + 40 * finders + 10 * unbalanced


def _runs(like: int, step: int) -> int:
    """Five modules alike in a line are three points, each one more is another. `like`: modules like their next ones."""
    five = like & (like << step) & (like << 2 * step) & (like << 3 * step)
    return five.bit_count() + 2 * (five & ~(five >> step)).bit_count()


def _finders(code: int, step: int, after: tuple[int, ...], before: tuple[int, ...]) -> int:
    """Dark-light-dark-dark-dark-light-dark with four light modules, or the edge, before or after it: looks like a finder."""
    ahead = [(code << k * step) & after[k] for k in range(11)]
    alike = ahead[0] & ~ahead[1] & ahead[2] & ahead[3] & ahead[4] & ~ahead[5] & ahead[6]
    dark_after = ahead[7] | ahead[8] | ahead[9] | ahead[10]
    dark_before = 0
    for k in range(1, 5):
        dark_before |= (code >> k * step) & before[k]
    found = alike & ~(dark_after & dark_before)
    shared = ((found >> 4 * step) & before[4]) | ((found >> 6 * step) & before[6])  # with one before it: not counted again
    return (found & ~shared).bit_count()
