"""One text for each value: what was signed, or stands on the record, counts only as this house would write it itself.

JSON has many texts for one value (white space, the order of keys, escaped letters, a key twice, base64 with stray bits, ``1.0``
for ``1``), and two readers of such a text can come to two values. A line that one verifier takes and another refuses ends a
door, so whatever is decoded is encoded again and has to come out as the very bytes that came in.

Source: docs/FORMAT.md, "Conventions".
"""

from datetime import datetime, timedelta
from functools import lru_cache
from types import UnionType
from typing import Any, Final, TypeVar, overload

import msgspec

T = TypeVar("T")
_UTC: Final = timedelta()
encode: Final = msgspec.json.Encoder().encode


@overload
def decode(data: bytes, kind: type[T]) -> T: ...
@overload
def decode(data: bytes, kind: UnionType) -> Any: ...  # noqa: ANN401 - one of several, which mypy cannot name
def decode(data: bytes, kind: Any) -> Any:
    """Return the value of type ``kind`` that ``data`` is the one text of.

    Raises:
        one of ``UNREADABLE``: no such value, or another text of one.
    """
    value = _decoder(kind).decode(data)
    if encode(value) != data:
        raise msgspec.ValidationError("it is not written in the one form that counts")
    return value


def in_utc(*moments: datetime) -> None:
    """Check the moments of a message that is being decoded: an offset, or none, would be a second text for them.

    Raises:
        ValueError: one is not in UTC.
    """
    for moment in moments:
        if moment.utcoffset() != _UTC:
            raise ValueError("a moment ends with Z")


@lru_cache(maxsize=128)
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:  # noqa: ANN401 - as above
    return msgspec.json.Decoder(kind)
