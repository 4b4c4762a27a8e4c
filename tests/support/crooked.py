"""Texts that say almost what they should: every way that we know in which two readers of JSON could read one text differently.

A text is canonical JSON as the device writes it. What comes out may by chance be canonical as well, and say something else: the
question is never whether it is refused, but whether everybody judges it alike.
"""

import base64
import random
import re
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.sealing import bech32
from tests.support.unfit import LOW_ORDER_X25519

_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_P: Final = 2**255 - 19
_ORDER_8: Final = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
CROOKED_KEYS: Final = [
    *(y.to_bytes(32, "little") for y in (0, 1, 2, 3, _P - 1, _P, _P + 1, 2**255 - 1, 2**255, 2**255 + 1, 2**256 - 1)),
    bytes.fromhex(_ORDER_8), bytes.fromhex(_ORDER_8[:-2] + "85"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
]  # fmt: skip  # of low order, off the curve, or written in a second way
LABELS: Final = [
    "You", "YOU", "you", "The card", "THE CARD", "Nobody", "Phone", "PHONE", "Ph0ne", "Рhone", "Phоne", "phone.", "Küche",
    "Ku\u0308che", "K\u00fcche", "妈妈的手机", "TVリビング", "ТV", "Мама", "МАМА", "Mum’s", "Mum's", "a\u034fb",
    "\u3164", "\u2800",
    "x" * 40, "x" * 41, "😀", "a\u200bb", "a\ufe0fb", "a\U000e0100b", "\u05d0\u05d1", "a\u00a0b", " a", "a ", "a  b",
    "", "1", "12", "a1", "Ａ",
    "ﬁ", "a\u0301", "\u00e1", "\u1ea1", "I", "l", "ll", "II", "Il", "modern", "modem", "0", "O2", "o2", "İ", "i\u0307",
    "ı", "ß", "ẞ", "ss",
    "Σας", "ΣΑΣ", "\ud7ff", "\ue000", "\uffff", "\U0010ffff", "a\x7fb", "a\x00b", "a\nb", "a\u2028b", '"', "\\", "<b>", "[b]",
]  # fmt: skip  # read as a list


def mixed_order_key() -> bytes:
    """Return a key with a part of order eight beside an honest one: some verifiers take of it what others refuse."""
    from device.trust import keys

    honest = keys._decode(Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    crooked = keys._decode(bytes.fromhex(_ORDER_8))
    assert honest is not None
    assert crooked is not None
    x, y, z, _ = keys._add(honest, crooked)
    inverse = pow(z, -1, _P)
    return (y * inverse % _P | (x * inverse % _P & 1) << 255).to_bytes(32, "little")


def crooked(text: str, dice: random.Random) -> str:
    """Return a text with one accident."""
    return dice.choice(_ACCIDENTS)(text, dice)


def crooked_value(name: str, value: object, dice: random.Random) -> object:
    """Return another value for a field of a statement: of the same kind, and one that a verifier may stumble over."""
    if name == "label":
        return dice.choice(LABELS)
    if name in ("recipient", "open"):
        return _crooked_recipient(str(value), dice)
    if name in ("sign", "key", "admit", "reader", "by", "device"):
        key = mixed_order_key() if dice.random() < 0.2 else dice.choice(CROOKED_KEYS)
        return base64.b64encode(key).decode()
    return dice.choice([None, 0, "", [], {}, str(value) + "="])


def _crooked_recipient(text: str, dice: random.Random) -> str:
    hrp, data = bech32.decode(text)
    low = data[:-32] + dice.choice(LOW_ORDER_X25519)
    return dice.choice(
        [
            text.upper(),
            text[:9] + text[9:].upper(),
            text.capitalize(),
            text[:-1] + ("q" if text[-1] != "q" else "p"),
            text + "q",
            " " + text,
            bech32.encode(hrp, low),
            bech32.encode(hrp, data[:-1]),
            bech32.encode(hrp, data + b"\0"),
            bech32.encode(hrp, b"\xff" * len(data)),
            bech32.encode("age", data[:32]),
            bech32.encode("age1new", data),
            bech32.encode("agenew", data),
            bech32.encode("bge1pq", data),
            bech32.encode("age1pq", b""),
            text.replace("1", "\u0661", 1),
            "",
        ]
    )


def _space(text: str, dice: random.Random) -> str:
    at = dice.choice([0, len(text), *(match.end() for match in re.finditer(r"[:,{}\[\]]", text))])
    return text[:at] + dice.choice([" ", "\t", "\n", "\r", "\ufeff", "\u00a0"]) + text[at:]


def _escape(text: str, dice: random.Random) -> str:
    places = [match.start() for match in re.finditer(r"[A-Za-z0-9=/+]", text)]
    at = dice.choice(places)
    spelled = dice.choice([f"\\u{ord(text[at]):04x}", f"\\u{ord(text[at]):04X}"])
    return text[:at] + spelled + text[at + 1 :]


def _slash(text: str, _: random.Random) -> str:
    return text.replace("/", "\\/", 1)


def _stray_bits(text: str, dice: random.Random) -> str:
    ends = list(re.finditer(r'([A-Za-z0-9+/])(={1,2})"', text))
    if not ends:
        return text
    end = dice.choice(ends)
    last = _ALPHABET[_ALPHABET.index(end[1]) ^ 1 << dice.randrange(2 * len(end[2]))]
    return text[: end.start()] + last + text[end.start() + 1 :]


def _padding(text: str, dice: random.Random) -> str:
    return dice.choice(
        [
            text.replace('="', '"', 1),
            text.replace('="', '=="', 1),
            text.replace("+", "-", 1),
            text.replace("/", "_", 1),
        ]
    )


def _twice(text: str, dice: random.Random) -> str:
    pairs = list(re.finditer(r'"[a-z_0-9]+":(?:"[^"]*"|\d+|null)', text))
    if not pairs:
        return text
    pair, other = dice.choice(pairs), dice.choice(pairs)
    return text[: pair.start()] + dice.choice([pair[0], other[0]]) + "," + text[pair.start() :]


def _order(text: str, dice: random.Random) -> str:
    pairs = list(
        re.finditer(r'("[a-z_0-9]+":(?:"[^"]*"|\d+|null)),("[a-z_0-9]+":(?:"[^"]*"|\d+|null))', text)
    )
    if not pairs:
        return text
    pair = dice.choice(pairs)
    return text[: pair.start()] + pair[2] + "," + pair[1] + text[pair.end() :]


def _missing(text: str, dice: random.Random) -> str:
    pairs = list(re.finditer(r',"[a-z_0-9]+":(?:"[^"]*"|\d+|null|\[\])', text))
    if not pairs:
        return text
    pair = dice.choice(pairs)
    return text[: pair.start()] + dice.choice(["", ',"more":1', ',"":null']) + text[pair.end() :]


def _number(text: str, dice: random.Random) -> str:
    numbers = list(re.finditer(r"(?<=[:\[,])\d+(\.\d+)?(?=[,}\]])", text))
    if not numbers:
        return text
    number = dice.choice(numbers)
    forms = [
        "{}.0",
        "{}e0",
        "{}E0",
        "0{}",
        "-{}",
        "+{}",
        "{}00e-2",
        '"{}"',
        "9007199254740991",
        "9007199254740992",
        "1e400",
        "-0",
        "null",
    ]
    return text[: number.start()] + dice.choice(forms).format(number[0]) + text[number.end() :]


def _moment(text: str, dice: random.Random) -> str:
    moments = list(re.finditer(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?Z", text))
    if not moments:
        return text
    moment = dice.choice(moments)
    day, time = moment[1], moment[2]
    other = dice.choice(
        [
            f"{day}T{time}+00:00", f"{day}T{time}-00:00", f"{day}T{time}+01:00", f"{day}T{time}", f"{day} {time}Z",
            f"{day}t{time}z",
            f"{day}T{time}.0Z", f"{day}T{time}.000000Z", f"{day}T{time}.5Z", f"{day}T{time}.500000Z", f"{day}T{time}.1234567Z",
            f"{day}T{time[:5]}Z", f"{day}T24:00:00Z", f"{day}T23:59:60Z", f"2026-02-30T{time}Z", f"2024-02-29T{time}Z",
            f"2023-02-29T{time}Z",
            f"0000-01-01T{time}Z", f"0001-01-01T{time}Z", f"9999-12-31T{time}Z", f"10000-01-01T{time}Z",
            f"2026-00-10T{time}Z", f"1900-02-29T{time}Z",
        ]
    )  # fmt: skip  # read as a table
    return text[: moment.start()] + other + text[moment.end() :]


def _day(text: str, dice: random.Random) -> str:
    days = [
        "2026-02-30", "2026-99-99", "0000-00-00", "2024-02-29", "2023-02-29", "2000-02-29", "1900-02-29", "0000-02-29",
        "0004-02-29",
        "9999-12-31", "2026-04-31", "2026-4-1", "2026-01-01 ", "2026-01-01\\n", "٢٠٢٦-01-01", "20260101",
    ]  # fmt: skip  # read as a list
    return re.sub(r'(?<="day":")[^"]*', lambda _: dice.choice(days), text, count=1)


def _surrogate(text: str, dice: random.Random) -> str:
    return re.sub(
        r'(?<=":")(?=[A-Za-z])',
        lambda _: dice.choice(["\\ud800", "\\udc00\\ud800", "\\ud83d\\ude00"]),
        text,
        count=1,
    )


def _same(text: str, _: random.Random) -> str:
    return text


_ACCIDENTS: Final = [
    _space, _space, _escape, _escape, _slash, _stray_bits, _stray_bits, _padding, _twice, _order, _missing, _number,
    _moment, _day,
    _surrogate, _same,
]  # fmt: skip
