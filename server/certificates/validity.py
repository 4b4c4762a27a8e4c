"""From when to when an X.509 certificate is valid, read from its DER without a certificate library.

The web process must not load code that can handle private keys by hand, and ``ssl`` does not tell this of a
certificate of one's own. Four steps into the structure are enough:

    Certificate ::= SEQUENCE { tbs SEQUENCE { [0] version?, serial, algorithm, issuer, Validity, … }, … }
    Validity    ::= SEQUENCE { UTCTime | GeneralizedTime, UTCTime | GeneralizedTime }

Source: RFC 5280 §4.1.2.5; X.690 §8.1.
"""

from datetime import UTC, datetime
from typing import Final

_SEQUENCE: Final = 0x30
_VERSION: Final = 0xA0
_FORMATS: Final = {0x17: "%y%m%d%H%M%SZ", 0x18: "%Y%m%d%H%M%SZ"}


class NotACertificate(ValueError):
    """The bytes are not an X.509 certificate in DER."""


def validity(der: bytes) -> tuple[datetime, datetime]:
    """Return the first and the last second of a certificate's validity, in UTC.

    Raises:
        NotACertificate: that is not what these bytes are.
    """
    certificate, _ = _element(der, _SEQUENCE)
    rest, _ = _element(certificate, _SEQUENCE)
    if rest[:1] == bytes([_VERSION]):
        _, rest = _element(rest, _VERSION)
    for tag in (0x02, _SEQUENCE, _SEQUENCE):  # serial, algorithm, issuer
        _, rest = _element(rest, tag)
    period, _ = _element(rest, _SEQUENCE)
    not_before_utc, period = _time(period)
    not_after_utc, _ = _time(period)
    return not_before_utc, not_after_utc


def _element(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """Return the content of the first element, which must have this tag, and what follows it."""
    if len(data) < 2 or data[0] != tag:
        raise NotACertificate("not a certificate")
    length, start = data[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start], "big")
    if start > 6 or start + length > len(data):
        raise NotACertificate("a certificate that is cut short")
    return data[start : start + length], data[start + length :]


def _time(data: bytes) -> tuple[datetime, bytes]:
    tag = data[0] if data else 0
    content, rest = _element(data, tag)
    try:
        return datetime.strptime(content.decode("ascii"), _FORMATS[tag]).replace(tzinfo=UTC), rest
    except (KeyError, ValueError) as error:
        raise NotACertificate("a certificate without a validity") from error
