"""Hypothesis for wire forms: any value that a msgspec type allows, and valid bytes with something done to them.

A message that is added to the contract is tried without another line here.
"""

from datetime import UTC

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

DEEP = 3_000  # deeper than any decoder follows
TOKENS = [
    b"null", b"-1", b"0.5", b"1e999", b"9" * 400, b"true", b'""', b'"\xff"', b'"\\ud800"', b'"\\u0000"', b"{}", b"[]",
    b"[" * DEEP, b'{"a":' * DEEP, b"\x00", b"\n", b"\xc1", b"\xdc\xff\xff", b"\xdd\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff",
    b"-> ", b"--- ", b"AAAA", b"=",
]  # fmt: skip  # what parsers trip over, read as a table


def form(kind: object) -> st.SearchStrategy:
    """Return a strategy for values of a type that msgspec decodes."""
    return _of(inspect.type_info(kind))


def _of(info: inspect.Type) -> st.SearchStrategy:  # noqa: C901 - a table, one kind of type a row
    match info:
        case inspect.NoneType():
            return st.none()
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType(ge=least, le=most):
            return st.integers(-(2**63) if least is None else least, 2**63 - 1 if most is None else most)
        case inspect.FloatType(ge=least, le=most):
            return st.floats(least, most, allow_nan=False, allow_infinity=False)
        case inspect.StrType(pattern=None, min_length=least, max_length=most):
            return st.text(st.characters(codec="utf-8"), min_size=least or 0, max_size=most or 30)
        case inspect.StrType(pattern=pattern):
            return st.from_regex(pattern.replace(r"\d", "[0-9]"))
        case inspect.BytesType(min_length=least, max_length=most):
            return st.binary(min_size=least or 0, max_size=min(most or 200, 200))
        case inspect.DateTimeType():
            return st.datetimes(timezones=st.just(UTC))
        case inspect.LiteralType(values=values):
            return st.sampled_from(values)
        case inspect.UnionType(types=types):
            return st.one_of(map(_of, types))
        case inspect.ListType(item_type=item, min_length=least):
            return st.lists(_of(item), min_size=least or 0, max_size=3)
        case inspect.VarTupleType(item_type=item, min_length=least, max_length=most):
            return st.lists(_of(item), min_size=least or 0, max_size=min(most or 3, 3)).map(tuple)
        case inspect.TupleType(item_types=items):
            return st.tuples(*map(_of, items))
        case inspect.RawType():
            return st.sampled_from([msgspec.Raw(b"{}"), msgspec.Raw(b'[null,"a"]')])
        case inspect.StructType(cls=cls, fields=fields):
            return st.builds(cls, **{field.name: _of(field.type) for field in fields})
        case _:
            raise NotImplementedError(f"no values for {info}")


@st.composite
def mutated(draw: st.DrawFn, valid: bytes) -> bytes:
    """Return valid bytes after one to four accidents."""
    data = valid
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 40))
        match draw(st.integers(0, 4)):
            case 0:
                data = data[:at] + draw(st.binary(min_size=1, max_size=4)) + data[at + 1 :]
            case 1:
                data = data[:at] + data[at + length :]
            case 2:
                data = data[:at] + draw(st.sampled_from(TOKENS)) + data[at + length :]
            case 3:
                data = data[:at] + data[at : at + length] * 2 + data[at + length :]
            case _:
                data = data[:at]
    return data


def damaged(valid: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Return arbitrary bytes, and valid ones with accidents."""
    return st.binary(max_size=400) | valid.flatmap(mutated)
