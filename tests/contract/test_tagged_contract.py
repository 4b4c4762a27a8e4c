"""The tagged kind of key on both sides: typage writes it, Python and the page open it, and both refuse the same stanzas."""

import base64
import os
from typing import Any

import pytest

from device.sealing import tagged
from device.sealing.age_reader import open_bytes
from device.sealing.header import write_header
from device.sealing.identities import HybridIdentity, TaggedIdentity
from device.sealing.recipients import parse_recipient
from device.sealing.stanza import Stanza, decode_base64, encode_base64


def test_python_opens_what_typage_seals_to_a_tagged_recipient(oracle: Any) -> None:
    identity, plain = TaggedIdentity.generate(), os.urandom(1000)
    recipients = [str(identity.recipient()), str(HybridIdentity.generate().recipient())]
    file = base64.b64decode(oracle.ask("typage_seal", plaintext=plain, recipients=recipients)["file"])
    assert open_bytes(file, [identity]) == plain


@pytest.mark.parametrize("first", [0, 2, 3, 6, 7])
def test_the_page_refuses_a_tagged_stanza_whose_point_is_none_as_python_does(oracle: Any, first: int) -> None:
    made = oracle.ask("new_reader", reader="tagged", native=False, tagged=True)
    recipient = parse_recipient(made["recipient"])
    assert isinstance(recipient, tagged.MLKEM768P256Tag)
    good = recipient.wrap(bytes(16))
    share = decode_base64(good.args[2])
    for point in (bytes([first]) + share[-64:], bytes([4]) + bytes(63) + bytes([first])):
        forged = share[:-65] + point
        tag = encode_base64(tagged.tag(forged, recipient._point))
        header = write_header(
            [Stanza((good.kind, tag, encode_base64(forged)), good.body)], bytes(16), bytes(16)
        )
        with pytest.raises(Exception, match=r"^SealBroken: "):
            oracle.ask("open_age", file=header + bytes(16), reader="tagged", feed="whole")
        with pytest.raises(ValueError, match=r"point|EC key"):
            tagged.point_of(point)
