"""Recipients to whom nothing can be sealed, each in a way of its own."""

from device.sealing import bech32
from device.sealing.identities import HybridIdentity, TaggedIdentity, X25519Identity

_MLKEM_BYTES = 1184
_P = 2**255 - 19
# RFC 7748, section 6.1, and cr.yp.to/ecdh.html: what X25519 makes zeros of, in every encoding that it takes.
LOW_ORDER_X25519 = [
    *(y.to_bytes(32, "little") for y in (0, 1, _P - 1, _P, _P + 1, 2**255, 2**255 + 1, 2**255 + _P)),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
]


def unfit_recipients(good: HybridIdentity) -> dict[str, str]:
    """Return recipients by what is wrong with them, in the canonical text of their bytes."""
    hrp, data = bech32.decode(str(good.recipient()))
    mlkem, x25519 = data[:_MLKEM_BYTES], data[_MLKEM_BYTES:]
    raws = {f"X25519 half of low order {n}": mlkem + point for n, point in enumerate(LOW_ORDER_X25519)}
    raws["ML-KEM half out of range everywhere"] = b"\xff" * _MLKEM_BYTES + x25519
    raws["one ML-KEM coefficient of 3329"] = bytes([0x01, 0x0D]) + mlkem[2:] + x25519
    raws["a byte short"] = data[:-1]
    raws["a byte long"] = data + b"\0"
    raws["empty"] = b""
    texts = {name: bech32.encode(hrp, raw) for name, raw in raws.items()}
    texts |= _tagged(mlkem)
    texts["not post-quantum"] = str(X25519Identity.generate().recipient())
    texts["of a kind that nobody knows"] = bech32.encode("age1new", data)
    return texts


def _tagged(mlkem: bytes) -> dict[str, str]:
    """Return tagged recipients whose P-256 half is no point in its uncompressed form, and others in wrong lengths."""
    point = bech32.decode(str(TaggedIdentity.generate().recipient()))[1][_MLKEM_BYTES:]
    halves = {
        "zeros": bytes(65),
        "the identity": b"\x00",
        "compressed": bytes([2 + (point[-1] & 1)]) + point[1:33],
        "the hybrid form of SEC 1": bytes([6 + (point[-1] & 1)]) + point[1:],
        "beside the curve": point[:-1] + bytes([point[-1] ^ 1]),
        "x out of range": b"\x04" + b"\xff" * 32 + point[33:],
        "a byte short": point[:-1],
        "a byte long": point + b"\0",
        "an X25519 half": bytes(31) + b"\x09",
    }
    texts = {f"P-256 half: {name}": bech32.encode("age1tagpq", mlkem + half) for name, half in halves.items()}
    texts["ML-KEM half out of range beside P-256"] = bech32.encode(
        "age1tagpq", b"\xff" * _MLKEM_BYTES + point
    )
    texts["P-256 half under the other hybrid's name"] = bech32.encode("age1pq", mlkem + point)
    return texts
