"""Draws a picture anew: an image on standard input, a bare JPEG on standard output. Run as a script, alone in its process.

Exit status: 0, or 3 when the picture has too many pixels, anything else when it cannot be read. It imports nothing of the
portal, so that it starts in a tenth of a second and knows no secret.
"""

import io
import resource
import sys
import warnings

from PIL import Image
from PIL.Image import Transpose

MEMORY = 512 * 1024 * 1024  # bytes of address space
SECONDS = 15  # of processor
PIXELS = 40_000_000
SIDE = 2500  # px
STRIP = 2_000_000  # pixels flattened at a time
TOO_LARGE = 3
ORIENTATION = 0x0112  # the EXIF tag, and how each of its values is put right
TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT, 3: Transpose.ROTATE_180, 4: Transpose.FLIP_TOP_BOTTOM, 5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270, 7: Transpose.TRANSVERSE, 8: Transpose.ROTATE_90,
}  # fmt: skip


def main() -> int:
    """Read, draw, write."""
    _confine()
    try:
        with Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=("JPEG", "PNG")) as image:
            if image.width * image.height > PIXELS:
                return TOO_LARGE
            _redrawn(image).save(sys.stdout.buffer, "JPEG", quality=85)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return TOO_LARGE
    return 0


def _confine() -> None:
    """Little memory, little time, no files, and no core dump with somebody's passport in it."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    Image.MAX_IMAGE_PIXELS = PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def _redrawn(image: Image.Image) -> Image.Image:
    """The pixels alone, upright, on white, no side over SIDE. A JPEG is decoded small at once where its size allows it."""
    turn = TURNS.get(image.getexif().get(ORIENTATION, 1))
    image.draft("RGB", (SIDE, SIDE))
    drawn = _flattened(image)
    drawn.thumbnail((SIDE, SIDE))
    return drawn if turn is None else drawn.transpose(turn)


def _flattened(image: Image.Image) -> Image.Image:
    """RGB on white, reduced by a whole factor, strip by strip: a whole second copy of 40 million pixels would not fit."""
    factor = max(1, max(image.size) // SIDE)
    drawn = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)), "white")
    rows = max(1, STRIP // image.width // factor) * factor
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        if strip.mode.startswith("I"):  # 16 bits a pixel, as some scanners write greys
            strip = strip.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
        if strip.has_transparency_data:
            sheet = Image.new("RGBA", strip.size, "white")
            sheet.alpha_composite(strip.convert("RGBA"))
            strip = sheet
        drawn.paste(strip.convert("RGB").reduce(factor), (0, top // factor))
    return drawn


if __name__ == "__main__":
    sys.exit(main())
