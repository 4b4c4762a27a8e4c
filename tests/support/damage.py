"""Ways to destroy, swap or cut what a door recorded, for whoever holds the card and no key that counts."""

import os
import shutil
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from device.disk.epochs import EPOCHS, read_epochs
from device.sealing.age import seal
from device.sealing.age_reader import open_bytes, read_header, unwrap_file_key
from device.sealing.identities import HybridIdentity
from device.sealing.key_schedule import payload_key
from device.sealing.sframe_header import encode_header
from device.sealing.stream import SEALED_CHUNK_BYTES, chunk_nonce
from tests.support.epoch_files import write_epochs
from tests.support.past import BEGUN, Past

NOISE = encode_header(999_999, 0) + bytes(range(200))


def header_bytes(path: Path) -> int:
    with path.open("rb") as file:
        read_header(file)
        return file.tell()


def flip(path: Path, share: float) -> None:
    data = bytearray(path.read_bytes())
    data[int(len(data) * share)] ^= 1
    path.write_bytes(data)


def the_directory_is_gone(past: Past) -> None:
    shutil.rmtree(past.clip(3))


def the_whole_day_is_gone(past: Past) -> None:
    shutil.rmtree(past.clip(3).parent)


def the_whole_spool_is_gone(past: Past) -> None:
    shutil.rmtree(past.state / "spool")


def an_empty_directory_among_the_running(past: Past) -> None:
    home = past.clip(3)
    shutil.rmtree(home)
    (past.state / "spool" / "recording" / home.name).mkdir(parents=True)


def an_empty_directory_at_its_day(past: Past) -> None:
    home = past.clip(3)
    shutil.rmtree(home)
    home.mkdir()


def only_its_begun_among_the_running(past: Past) -> None:
    """Move a finished clip's place among the running ones, with the word on another beginning."""
    begun = next(past.state.glob(f"spool/recording/*/{BEGUN}")).read_bytes()
    an_empty_directory_among_the_running(past)
    (past.clip(3) / BEGUN).write_bytes(begun)


def the_film_is_gone(past: Past) -> None:
    past.film(3).unlink()


def the_film_is_gone_and_the_event_is_noise(past: Past) -> None:
    past.film(3).unlink()
    past.event(3).write_bytes(NOISE)


def the_film_is_gone_and_the_event_is_of_before_alice(past: Past) -> None:
    past.film(3).unlink()
    past.event(3).write_bytes(past.event(1).read_bytes())


def the_event_is_noise_of_another_epoch(past: Past) -> None:
    past.event(3).write_bytes(NOISE)


def the_event_is_noise_of_an_epoch_before_alice(past: Past) -> None:
    past.event(3).write_bytes(encode_header(1, 9) + os.urandom(300))


def the_event_is_noise_of_its_epoch(past: Past) -> None:
    data = past.event(3).read_bytes()
    past.event(3).write_bytes(data[:3] + os.urandom(len(data) - 3))


def the_event_is_gone(past: Past) -> None:
    past.event(3).unlink()


def the_event_is_empty(past: Past) -> None:
    past.event(3).write_bytes(b"")


def the_event_is_another_clips(past: Past) -> None:
    past.event(3).write_bytes(past.event(5).read_bytes())


def one_bit_of_the_event_is_another(past: Past) -> None:
    flip(past.event(3), 0.5)


def one_bit_of_the_film_is_another(past: Past) -> None:
    flip(past.film(3), 0.999)


def one_bit_of_the_header_is_another(past: Past) -> None:
    flip(past.film(3), 0.002)


def the_film_is_empty(past: Past) -> None:
    past.film(3).write_bytes(b"")


def the_film_is_cut_within_its_header(past: Past) -> None:
    past.film(3).write_bytes(past.film(3).read_bytes()[:500])


def the_film_is_cut_after_its_header(past: Past) -> None:
    data = past.film(3).read_bytes()
    past.film(3).write_bytes(data[: header_bytes(past.film(3))])


def the_film_is_cut_after_a_chunk(past: Past) -> None:
    data, start = past.film(3).read_bytes(), header_bytes(past.film(3))
    past.film(3).write_bytes(data[: start + 65_552])


def the_film_lost_its_last_byte(past: Past) -> None:
    past.film(3).write_bytes(past.film(3).read_bytes()[:-1])


def the_film_has_a_byte_more(past: Past) -> None:
    past.film(3).write_bytes(past.film(3).read_bytes() + b"\0")


def the_film_is_zeros_of_its_size(past: Past) -> None:
    past.film(3).write_bytes(bytes(past.film(3).stat().st_size))


def the_chunks_are_zeros_behind_the_header(past: Past) -> None:
    size, start = past.film(3).stat().st_size, header_bytes(past.film(3))
    past.film(3).write_bytes(past.film(3).read_bytes()[:start] + bytes(size - start))


def two_films_changed_places(past: Past) -> None:
    one, other = past.film(3), past.film(5)
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(kept)


def two_clips_changed_places(past: Past) -> None:
    one, other = past.clip(3), past.clip(5)
    one.rename(one.with_name("aside"))
    other.rename(one)
    one.with_name("aside").rename(other)


def chunks_of_another_film_behind_the_header(past: Past) -> None:
    start = header_bytes(past.film(3))
    past.film(3).write_bytes(past.film(3).read_bytes()[:start] + past.film(5).read_bytes()[start:])


def another_film_to_the_right_recipients(past: Past) -> None:
    recipients = [past.alice.open.recipient(), past.household.card.open.recipient()]
    past.film(3).write_bytes(seal(os.urandom(200_000), recipients))


def the_same_film_to_a_ghost_too(past: Past) -> None:
    plain = open_bytes(past.film(3).read_bytes(), [past.household.card.open])
    keys = [past.alice.open, past.household.card.open, HybridIdentity.generate()]
    past.film(3).write_bytes(seal(plain, [key.recipient() for key in keys]))


def another_film_and_the_event_is_noise(past: Past) -> None:
    another_film_to_the_right_recipients(past)
    past.event(3).write_bytes(NOISE)


def an_interrupted_film_is_cut_shorter(past: Past) -> None:
    """What the power cut and what somebody cut look alike: both end at a whole chunk."""
    data, start = past.film(2).read_bytes(), header_bytes(past.film(2))
    chunks = (len(data) - start) // 65_552
    past.film(2).write_bytes(data[: start + (chunks - 1) * 65_552])


def an_interrupted_film_is_cut_to_its_header(past: Past) -> None:
    past.film(2).write_bytes(past.film(2).read_bytes()[: header_bytes(past.film(2))])


def a_member_sealed_another_interrupted_film(past: Past) -> None:
    """Who can open can seal: header, size and every tag hold, and the hash on the sealed line alone tells."""
    path = past.film(2)
    with path.open("rb") as file:
        header = read_header(file)
        start, chunk = file.tell(), file.read(SEALED_CHUNK_BYTES)
    key = payload_key(unwrap_file_key(header, [past.alice.open]), header.payload_nonce)
    aead, nonce = ChaCha20Poly1305(key), chunk_nonce(0, final=False)
    other = aead.encrypt(nonce, bytes(len(aead.decrypt(nonce, chunk, None))), None)
    data = path.read_bytes()
    path.write_bytes(data[:start] + other + data[start + len(other) :])


def an_interrupted_film_is_gone(past: Past) -> None:
    past.film(2).unlink()


def the_word_on_an_interrupted_beginning_is_gone(past: Past) -> None:
    (past.clip(2) / BEGUN).unlink()


def the_word_on_an_interrupted_beginning_is_noise(past: Past) -> None:
    (past.clip(2) / BEGUN).write_bytes(NOISE)


def an_interrupted_event_is_gone(past: Past) -> None:
    """As it was before the start that finished it: and the ledger knows that it was finished."""
    past.event(2).unlink()
    past.clip(2).rename(past.state / "spool" / "recording" / "000002")


def the_word_on_an_unrecorded_ring_is_gone(past: Past) -> None:
    shutil.rmtree(past.clip(4))


def the_word_on_an_unrecorded_ring_is_noise(past: Past) -> None:
    past.event(4).write_bytes(NOISE)


def a_running_clip_is_gone(past: Past) -> None:
    shutil.rmtree(past.clip(6))


def a_running_clip_is_an_empty_directory(past: Past) -> None:
    home = past.clip(6)
    shutil.rmtree(home)
    home.mkdir()


def a_running_film_is_gone(past: Past) -> None:
    past.film(6).unlink()


def a_running_film_is_another(past: Past) -> None:
    past.film(6).write_bytes(seal(os.urandom(200_000), [past.household.card.open.recipient()]))


def the_word_on_a_running_beginning_is_gone(past: Past) -> None:
    (past.clip(6) / BEGUN).unlink()


def a_clip_that_the_ledger_never_began(past: Past) -> None:
    shutil.copytree(past.clip(5), past.clip(5).with_name("000009"))


def a_clip_lies_in_two_places(past: Past) -> None:
    (past.state / "spool" / "recording" / "000003").mkdir(parents=True, exist_ok=True)


def an_epoch_file_is_gone(past: Past) -> None:
    files = read_epochs(past.state)
    del files[4]
    write_epochs(past.state, files)


def an_epoch_file_is_anothers(past: Past) -> None:
    files = read_epochs(past.state)
    write_epochs(past.state, {**files, 4: files[5]})


def all_epoch_files_are_gone(past: Past) -> None:
    (past.state / EPOCHS).unlink()


def the_ledger_lost_its_end(past: Past) -> None:
    lines = (past.state / "ledger").read_bytes().splitlines(keepends=True)
    (past.state / "ledger").write_bytes(b"".join(lines[:-3]))
