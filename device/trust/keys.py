"""Which 32 bytes are an Ed25519 key here: the one encoding of a point of the prime-order group.

Of points of low order some verifiers take one constant signature for every message, others none, and of points that carry such
a part along some take what others refuse. So nothing of that kind becomes a reader's, an invite's, a card's or a door's key,
and what is left every verifier judges alike.

Source: RFC 8032, sections 5.1.3 and 5.1.7; Chalkias, Garillot, Nikolaenko, "Taming the many EdDSAs" (2020).
"""

from functools import lru_cache
from typing import Final

from device.trust.errors import TrustError

KEY_BYTES: Final = 32
_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_ONE: Final = pow(2, (_P - 1) // 4, _P)
ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_ORDER_8: Final = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
# The y of every point whose order divides eight, also where it is written as y + p; the sign of x is the top bit.
_LOW_ORDER: Final = frozenset(
    {0, 1, _P - 1, _P, _P + 1, int.from_bytes(_ORDER_8, "little"), _P - int.from_bytes(_ORDER_8, "little")}
)

Point = tuple[int, int, int, int]  # extended homogeneous coordinates, RFC 8032, section 5.1.4
_NEUTRAL: Final[Point] = (0, 1, 1, 0)


def has_low_order(encoded: bytes) -> bool:
    """Return whether 32 bytes stand, in whatever encoding, for a point whose order divides eight."""
    return int.from_bytes(encoded, "little") % 2**255 in _LOW_ORDER


def is_well_formed(signature: bytes) -> bool:
    """Return whether 64 bytes are of the one form that every verifier takes.

    That is: a scalar below the group's order, and a point that is not of low order.
    """
    point, scalar = signature[:KEY_BYTES], signature[KEY_BYTES:]
    return len(scalar) == KEY_BYTES and int.from_bytes(scalar, "little") < ORDER and not has_low_order(point)


@lru_cache(maxsize=256)
def check_key(encoded: bytes) -> None:
    """Check a public key that is to become somebody's.

    Raises:
        TrustError: it is not the one encoding of a point of the prime-order group.
    """
    point = _decode(encoded)
    if point is None or _is_neutral(point) or not _is_neutral(_times(ORDER, point)):
        raise TrustError("this is no Ed25519 key that every verifier would judge alike")


def _decode(encoded: bytes) -> Point | None:
    """Return the point of a canonical encoding, or None."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number % 2**255
    if len(encoded) != KEY_BYTES or y >= _P:
        return None
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if v * x * x % _P != u:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if v * x * x % _P != u or (x == 0 and sign):
        return None
    if x % 2 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _add(a: Point, b: Point) -> Point:
    e = (a[1] - a[0]) * (b[1] - b[0]) % _P
    f = (a[1] + a[0]) * (b[1] + b[0]) % _P
    g, h = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(factor: int, point: Point) -> Point:
    """Return a multiple of a public point; not for secrets, its time tells the factor."""
    total = _NEUTRAL
    while factor:
        if factor & 1:
            total = _add(total, point)
        point = _add(point, point)
        factor >>= 1
    return total


def _is_neutral(point: Point) -> bool:
    return point[0] % _P == 0 and (point[1] - point[2]) % _P == 0
