"""One sealed film by itself, without the door's record: what can be known of it, and no more.

That it opens with the household's key says that it was sealed to the household, not who sealed it: the public halves are no
secret. That every chunk is authentic and the last one marked says that it is whole. Only a proof beside it, or the directory in
which it lies, says that a door recorded it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from device.disk.durable import read_file
from device.disk.ledger_file import LEDGER
from device.sealing.age_reader import open_stream
from device.sealing.errors import NotARecipientError, SealError, Truncated
from device.sealing.header import Identity
from device.trust.errors import TrustError
from provisioning.house.extract import Measured, NotOpened
from provisioning.house.house import MAX_SMALL_BYTES
from provisioning.house.proof import NoProof, Proof, check_proof

SUFFIX = ".age"


@dataclass(frozen=True, slots=True)
class Lone:
    """A film that was written.

    Attributes:
        plaintext_bytes: how much opened.
        film_sha256: of that.
        reason: why it is not whole, or not what the proof beside it is of; empty if nothing speaks against it.
        proof: the one that holds for it, if one lies beside it.
    """

    plaintext_bytes: int
    film_sha256: bytes
    reason: str
    proof: Proof | None


def home_of(film: Path) -> tuple[Path, int] | None:
    """Return the door's directory in which a sealed film lies, and its number there; None if it lies by itself."""
    home = film.resolve().parent
    state = home.parent.parent.parent
    return (
        (state, int(home.name))
        if re.fullmatch(r"\d{6,12}", home.name) and (state / LEDGER).is_file()
        else None
    )


def open_lone(
    film: Path,
    identities: Sequence[Identity],
    sink: BinaryIO,
    *,
    anyway: bool = False,
    progress: Callable[[int], object] = lambda _: None,
) -> Lone:
    """Write what a sealed film holds.

    Args:
        film: an age file.
        identities: the keys at hand.
        sink: takes the film; its owner keeps it only if nothing is raised.
        anyway: write what opens even if it is cut or damaged.
        progress: told how many more bytes were opened.

    Raises:
        NotOpened: it does not open with these keys, is not whole, or is not what its proof is of.
        OSError: it cannot be read, or the sink not written.
    """
    measured, opened_bytes, reason = Measured(sink), 0, ""
    with film.open("rb") as sealed:
        try:
            for chunk in open_stream(sealed, identities):
                measured.write(chunk)
                opened_bytes += len(chunk)
                progress(len(chunk))
        except NotARecipientError as error:
            raise NotOpened(
                f"{film} does not open: {error}", hint="the card's Open half opens every clip"
            ) from error
        except Truncated:
            reason = "it is cut short: the end is missing"
        except SealError as error:
            reason = str(error)
    proof, doubt = _proof_beside(film, measured.sha256) if not reason else (None, "")
    reason = reason or doubt
    if not opened_bytes:
        raise NotOpened(f"{film} has no film that opens" + (f": {reason}" if reason else ""))
    if reason and not anyway:
        raise NotOpened(f"{film}: {reason}", hint="--anyway writes as much of it as opens")
    return Lone(opened_bytes, measured.sha256, reason, proof)


def _proof_beside(film: Path, film_sha256: bytes) -> tuple[Proof | None, str]:
    """Return the proof that lies beside a sealed film and holds for it; or why it does not."""
    plain = film.with_name(film.name.removesuffix(SUFFIX))
    for path in (plain.with_name(f"{plain.name}.proof"), film.with_name(f"{film.name}.proof")):
        try:
            return check_proof(read_file(path, MAX_SMALL_BYTES), film_sha256)[0], ""
        except FileNotFoundError:
            continue
        except (NoProof, TrustError) as error:
            return None, f"{path.name}: {error}"
    return None, ""
