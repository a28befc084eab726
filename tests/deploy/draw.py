"""Draws a photograph anew, as the portal does with one that was sent to it, and says what it has become."""

import io

from PIL import Image

from mygas.documents import scan

photograph = io.BytesIO()
Image.new("RGB", (640, 480), "gray").save(photograph, "JPEG")
photograph.seek(0)
print(scan.clean(photograph).media_type)  # noqa: T201 - for the test that runs this
