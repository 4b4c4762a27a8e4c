"""Capital letters and figures of 5x7 dots, for the words in the picture.

Each of a letter's seven characters is one row of five dots, as a digit in base 32. OpenCV 5 can write too, but loads 8 MB of
typefaces to do so.
"""

from typing import Final

import numpy as np

from device.camera.protocol import Bytes2D

ROWS: Final = 7
COLUMNS: Final = 6
"""Five dots and a gap."""

_LETTERS: Final = {
    "A": "ehhvhhh", "B": "uhhuhhu", "C": "ehggghe", "D": "uhhhhhu", "E": "vgguggv", "F": "vgguggg", "G": "ehgnhhf",
    "H": "hhhvhhh", "I": "e44444e", "J": "72222ic", "K": "hikokih", "L": "ggggggv", "M": "hrllhhh", "N": "hhpljhh",
    "O": "ehhhhhe", "P": "uhhuggg", "Q": "ehhhlid", "R": "uhhukih", "S": "fgge11u", "T": "v444444", "U": "hhhhhhe",
    "V": "hhhhha4", "W": "hhhllla", "X": "hha4ahh", "Y": "hha4444", "Z": "v1248gv", "0": "ehjlphe", "1": "4c4444e",
    "2": "eh1248v", "3": "v2421he", "4": "26aiv22", "5": "vgu11he", "6": "68guhhe", "7": "v124888", "8": "ehhehhe",
    "9": "ehhf12c", ":": "0440440", "-": "000v000", ".": "00000cc", " ": "0000000",
}  # fmt: skip  # a table
_UNKNOWN: Final = "vvvvvvv"


def dots(words: str) -> Bytes2D:
    """Return a line of text: uint8 (7, 6 * letters), 1 where there is ink; small letters become capitals, others blocks."""
    rows = [[int(row, 32) << 1 for row in _LETTERS.get(letter, _UNKNOWN)] for letter in words.upper()]
    return np.array(
        [[row[i] >> bit & 1 for row in rows for bit in (5, 4, 3, 2, 1, 0)] for i in range(ROWS)], np.uint8
    )
