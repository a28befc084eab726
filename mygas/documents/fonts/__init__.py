"""The two fonts of our papers; README.md says where they are from."""

from pathlib import Path

FOLDER = Path(__file__).parent
