"""Writes the table of letters that names may have, for the device and the page; ``--check`` says whether it is written.

The table is pinned: every verifier has to judge a name alike for ever, whatever Unicode its platform knows. It holds scripts
whose look-alikes are told below; whoever adds one tells its look-alikes too. Left out: what joins, marks, formats or is not
seen; emoji; scripts written from right to left, which would turn around the sentence that a name stands in.

A *look* is what a letter could be taken for: two names clash if they look alike as they stand, in small or in capital letters.

Source: UAX #15 (normal forms), UTS #39 (confusables), checked by eye for the letters here.
"""

import sys
import unicodedata
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTHON = ROOT / "device" / "trust" / "letters.py"
TYPESCRIPT = ROOT / "server" / "web" / "src" / "trust" / "letters.ts"

LATIN_OF_THEIR_OWN = "ÆæØøÐðÞþßĐđĦħŁłŊŋŒœŦŧıƏə"
GREEK = (0x386, 0x3CE)
CYRILLIC = (0x400, 0x45F)
CYRILLIC_OF_THEIR_OWN = "ҐґҒғҖҗҚқҢңҮүҰұҲҳҶҷҺһӀӏӘәӨө"
# Ranges that no Unicode since 5.2 has changed; they look like nothing but what is told below.
EAST = [
    (0x3005, 0x3005),
    (0x3041, 0x3096),
    (0x30A1, 0x30FA),
    (0x30FC, 0x30FC),
    (0x4E00, 0x9FCB),
    (0xAC00, 0xD7A3),
]
MARKS = (0x300, 0x36F)

# What letters look like, by the look; letters with accents look like those without.
LOOKS = {
    "l": "I1ıΙΪІЇӀӏ", "i": "ιії", "o": "O0ОоΟοσθΘӨөØøðÐ", "a": "αа", "A": "ΑА", "B": "ΒВ", "c": "CСсς",
    "e": "еεəҽәє", "E": "ΕЕ", "f": "ғ", "F": "Ғ", "H": "ΗНң", "h": "һħ", "j": "JЈј", "k": "KΚκКкҚқĸ", "n": "ηпŋ",
    "N": "ΝИ", "p": "PΡρРрþÞ", "s": "SЅѕ", "t": "тτŧ", "T": "ΤТŦ", "u": "Uυи", "v": "Vν", "x": "XΧχХхҲҳ",
    "y": "YΥγУуҮүҰұ", "z": "ZΖ", "L": "Ł", "b": "ЬьЪъ", "r": "гґ", "Γ": "ГҐ", "Π": "Пπ", "Φ": "Ф", "φ": "ф",
    "3": "Зз", "6": "б", "ə": "Ə", "rn": "MmΜМм", "vv": "WwωѠ", "cl": "dđ", "D": "Đ", "ae": "æ", "AE": "Æ",
    "oe": "œ", "OE": "Œ", "ss": "ßβ", "bl": "Ыы", "lo": "Юю",
    "口": "ロ", "二": "ニ", "八": "ハ", "力": "カ", "工": "エェ", "夕": "タ", "へ": "ヘ", "べ": "ベ", "ぺ": "ペ",
    "り": "リ", "一": "ー", "日": "曰", "己": "已巳", "土": "士", "未": "末", "千": "チ", "三": "ミ",
}  # fmt: skip  # one look a word, read as a table
SMALL_KANA = dict(
    zip("ぁぃぅぇぉっゃゅょゎァィゥォッャュョヮ", "あいうえおつやゆよわアイウオツヤユヨワ", strict=True)
)


def latin() -> str:
    """Return the Latin letters: of the alphabet, with accents or without, and some more."""
    letters = [chr(n) for n in (*range(0x41, 0x250), *range(0x1E00, 0x1F00))]
    return "".join(
        letter for letter in letters if bare(letter).isascii() and bare(letter).isalpha()
    ) + "".join(LATIN_OF_THEIR_OWN)


def inside(limits: tuple[int, int], name: str) -> str:
    """Return the letters within limits whose names begin so."""
    letters = map(chr, range(limits[0], limits[1] + 1))
    return "".join(
        letter for letter in letters if letter.isalpha() and unicodedata.name(letter, "").startswith(name)
    )


def bare(letter: str) -> str:
    """Return a letter without its accents; what is no one letter in both normal forms stays as it is and fits nowhere."""
    if unicodedata.normalize("NFKC", letter) != letter or not unicodedata.category(letter).startswith("L"):
        return "?"
    return "".join(
        part for part in unicodedata.normalize("NFD", letter) if not MARKS[0] <= ord(part) <= MARKS[1]
    )


def tables() -> dict[str, str]:
    """Return each table as a text, by its name."""
    scripts = {
        "LATIN": latin(),
        "GREEK": "".join(letter for letter in inside(GREEK, "GREEK") if bare(letter) != "?"),
        "CYRILLIC": "".join(letter for letter in inside(CYRILLIC, "CYRILLIC")) + CYRILLIC_OF_THEIR_OWN,
    }
    cased = "".join(scripts.values())
    pairs = [
        (letter, letter.lower()) for letter in cased if letter.lower() != letter and letter.lower() in cased
    ]
    pairs.append(("Σ", "ς"))
    looks: dict[str, str] = {}
    for look, letters in LOOKS.items():
        looks |= dict.fromkeys(letters, look)
    looks |= SMALL_KANA
    for letter in cased:
        if letter not in looks and bare(letter) != letter:
            looks[letter] = looks.get(bare(letter), bare(letter))
    seen = {
        letter: look
        for letter, look in looks.items()
        if letter in cased or not bare(letter).isascii() or letter in "01"
    }
    by_look: dict[str, str] = {}
    for letter in sorted(seen):
        by_look[seen[letter]] = by_look.get(seen[letter], "") + letter
    return {
        **{name: "".join(sorted(set(letters))) for name, letters in scripts.items()},
        "EAST": "".join(f"{chr(first)}{chr(last)}" for first, last in EAST),
        "PAIRS": "".join(capital + small for capital, small in sorted(pairs)),
        "LOOKS": " ".join(f"{look}:{letters}" for look, letters in sorted(by_look.items())),
    }


SAID = {
    "LATIN": "Letters of one script; no word has those of two.",
    "GREEK": "",
    "CYRILLIC": "",
    "EAST": "First and last letter of each range of Han, Kana and Hangul, which may stand beside Latin.",
    "PAIRS": "Each capital letter with its small one; of two, the last is what it becomes.",
    "LOOKS": "What letters could be taken for, by the look.",
}
SHORT = 80
WIDTH = 60  # letters of the East are as wide as two


def pieces(text: str) -> list[str]:
    """Return a text in pieces that fit on a line."""
    width = len(text) if len(text) <= SHORT else WIDTH
    return [text[at : at + width] for at in range(0, len(text), width)]


def python(table: dict[str, str]) -> str:
    """Return the module for the device."""
    lines = [
        '"""The letters of names, pinned. Made by ``scripts/build_letters.py``, where the reasons stand: change it there."""',
        "",
        "from typing import Final",
        "",
        "# fmt: off",
    ]
    for name, text in table.items():
        lines += [f"# {SAID[name]}"] * bool(SAID[name])
        lines += [f"{name}: Final = (", *(f'    "{piece}"' for piece in pieces(text)), ")"]
    return "\n".join(lines) + "\n"


def typescript(table: dict[str, str]) -> str:
    """Return the module for the page."""
    lines = [
        "// The letters of names, pinned. Made by scripts/build_letters.py, where the reasons stand: change it there.",
        "",
    ]
    for name, text in table.items():
        lines += [f"/** {SAID[name]} */"] * bool(SAID[name])
        first, *rest = pieces(text)
        if rest:
            lines += [f"export const {name} =", " +\n".join(f'  "{piece}"' for piece in (first, *rest)) + ";"]
        else:
            lines += [f'export const {name} = "{first}";']
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write both modules, or compare them with what is there; return the exit code."""
    table = tables()
    made = {PYTHON: python(table), TYPESCRIPT: typescript(table)}
    if "--check" in sys.argv:
        stale = [path for path, text in made.items() if not path.is_file() or path.read_text("utf-8") != text]
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what scripts/build_letters.py makes: run it")
        return 1 if stale else 0
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
