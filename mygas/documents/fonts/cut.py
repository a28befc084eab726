"""Cuts the fonts of our papers out of PT Sans; README.md says when and how.

    python -m mygas.documents.fonts.cut FOLDER      # that has PTS55F.ttf and PTS75F.ttf

Papers embed a whole font each, so a font holds only what our papers may say: half of it would not fit the weight of a receipt.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
CUT = {"PTS55F.ttf": ("paper-regular.ttf", "Regular"), "PTS75F.ttf": ("paper-bold.ttf", "Bold")}
NAME = "Mygas Paper"  # PT Sans's licence lets a changed font be given away under another name only
ALPHABETS = {
    "signs": "".join(map(chr, range(0x20, 0x7F))) + "\u00a0«»“”„’–—…•·°±×²³№§©₽−",
    "Russian": "".join(map(chr, range(0x410, 0x450))) + "Ёё",
    "Ukrainian, Belarusian, Kazakh": "ҐЄЇІЎґєїіўҒҚҰҢҮӨӘҺғқұңүөәһ",
    "Udmurt": "ӜӞӤӦӴӝӟӥӧӵ",
    "Komi": "ІӦіӧ",
    "Tatar, Bashkir": "ӘӨҮҖҢҺҒҘҠҪәөүҗңһғҙҡҫ",
    "Chuvash, Mari": "ӐӖҪӲӒҤӰӸӑӗҫӳӓҥӱӹ",
    "Khanty, Mansi, Nenets": "ӇӚӪҲҶӶӼԒӅԮӢӮӬӠӈӛӫҳҷӷӽԓӆԯӣӯӭӡ",
}


def cut(source: Path, target: Path, style: str) -> None:
    """Write `target`: the letters of ALPHABETS, no hints, no layout tables, renamed; the same input gives the same bytes."""
    font = TTFont(source, recalcTimestamp=False)
    options = subset.Options(notdef_outline=True, hinting=False, layout_features=[], name_IDs=[0, 1, 2, 4, 6, 13, 14])
    options.drop_tables += ["DSIG", "GDEF", "GPOS", "GSUB", "LTSH", "VDMX", "gasp", "hdmx", "kern"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(ALPHABETS.values()))
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 4, 6):
            record.string = {1: NAME, 4: f"{NAME} {style}", 6: f"{NAME}-{style}".replace(" ", "")}[record.nameID]
    font.save(target)


if __name__ == "__main__":
    for source, (target, style) in CUT.items():
        cut(Path(sys.argv[1]) / source, HERE / target, style)
