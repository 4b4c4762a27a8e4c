"""Sealing: our writer against pyrage and the age tool, in one run.

All three read one file of 256 MiB, seal it for one X25519 recipient (the one sort that all know) and throw the result
away. CPU time is user and system, of this process and of its children. Rounds are interleaved, so that a change of the
machine's mood hits all alike; medians count.

`hashed_mb_per_cpu_s` is the device's real use: written fragment by fragment, with SHA-256 of plaintext and ciphertext
for its signed statements. `AgeWriter` computes them on its way; for the others, the time that hashlib takes for as many
bytes is added. Hashing dwarfs sealing there, also on processors with SHA instructions.
"""

import argparse
import hashlib
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pyrage

from bench.report import report
from device.sealing.age import AgeWriter, begin, seal
from device.sealing.identities import HybridIdentity, X25519Identity
from device.sealing.stream import CHUNK_BYTES, StreamWriter

BIG_BYTES = 256 << 20
SMALL_BYTES = 8_000
BLOCK_BYTES = 1 << 20
FRAGMENT_BYTES = 16 << 10  # one frame at 2 Mbit/s and 15 frames a second
ROUNDS = 7
SMALL_FILES = 300
SMALL_PROCESSES = 30

PHONE = X25519Identity.generate().recipient()
CARD = HybridIdentity.generate().recipient()
PYRAGE_PHONE = pyrage.x25519.Recipient.from_str(str(PHONE))

Rows = dict[str, dict[str, float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    json_path = parser.parse_args().json
    age_tool = shutil.which("age")
    notes = [
        "MB is 10^6 bytes of plaintext; CPU is user and system time; one X25519 recipient unless it says hybrid"
    ]
    if age_tool is None:
        notes.append("the age tool is not installed (apt install age): its row is missing")
    else:
        notes.append("small_file_ms of age is a whole process; of the others, one call in a warm process")
    with tempfile.TemporaryDirectory() as directory:
        rows = throughput(Path(directory) / "plain", age_tool)
    rows["doorward"]["small_file_ms"] = median_ms(lambda data: seal(data, [PHONE]), SMALL_FILES)
    rows["doorward"]["hybrid_small_file_ms"] = median_ms(lambda data: seal(data, [CARD]), SMALL_FILES)
    rows["pyrage"]["small_file_ms"] = median_ms(
        lambda data: pyrage.encrypt(data, [PYRAGE_PHONE]), SMALL_FILES
    )
    if age_tool is not None:
        command = [age_tool, "-r", str(PHONE), "-o", os.devnull]
        rows["age"]["small_file_ms"] = median_ms(
            lambda data: subprocess.run(command, input=data, check=True), SMALL_PROCESSES
        )
    for peer in [name for name in rows if name != "doorward"]:
        ratios = [
            f"{rows['doorward'][metric] / rows[peer][metric]:.2f} × its {metric}"
            for metric in ("mb_per_cpu_s", "hashed_mb_per_cpu_s")
        ]
        notes.append(f"doorward against {peer}: {', '.join(ratios)}")
    report(f"Sealing {BIG_BYTES >> 20} MiB, and files of {SMALL_BYTES} bytes", rows, json_path, notes)


def throughput(plain: Path, age_tool: str | None) -> Rows:
    with plain.open("wb") as out:
        for _ in range(BIG_BYTES >> 20):
            out.write(os.urandom(1 << 20))
    runs: dict[str, Callable[[], object]] = {
        "doorward": lambda: seal_bare(plain),
        "doorward hashed": lambda: seal_hashed(plain),
        "pyrage": lambda: pyrage.encrypt_file(str(plain), os.devnull, [PYRAGE_PHONE]),
        "hashing": hash_twice,
    }
    if age_tool is not None:
        command = [age_tool, "-r", str(PHONE), "-o", os.devnull, str(plain)]
        runs["age"] = lambda: subprocess.run(command, check=True)
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            before = cpu_seconds()
            run()
            seconds[name].append(cpu_seconds() - before)
    cost = {name: statistics.median(values) for name, values in seconds.items()}
    hashing = cost.pop("hashing")
    hashed = {"doorward": cost.pop("doorward hashed")}
    return {
        name: {
            "mb_per_cpu_s": BIG_BYTES / 1e6 / bare,
            "hashed_mb_per_cpu_s": BIG_BYTES / 1e6 / hashed.get(name, bare + hashing),
        }
        for name, bare in cost.items()
    }


def seal_bare(plain: Path) -> None:
    with plain.open("rb", 0) as source, Path(os.devnull).open("wb", 0) as out:
        header, payload_key = begin([PHONE])
        out.write(header)
        writer = StreamWriter(out, payload_key)
        copy(source, writer, BLOCK_BYTES)
        writer.close()


def seal_hashed(plain: Path) -> None:
    with plain.open("rb", 0) as source, Path(os.devnull).open("wb", 0) as out:
        writer = AgeWriter(out, [PHONE])
        copy(source, writer, FRAGMENT_BYTES)
        writer.close()


def hash_twice() -> None:
    block = bytes(CHUNK_BYTES)
    for _ in ("plaintext", "ciphertext"):
        digest = hashlib.sha256()
        for _ in range(BIG_BYTES // CHUNK_BYTES):
            digest.update(block)


def copy(source: BinaryIO, writer: StreamWriter | AgeWriter, step_bytes: int) -> None:
    while block := source.read(step_bytes):
        writer.write(block)


def cpu_seconds() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def median_ms(run: Callable[[bytes], object], times: int) -> float:
    data = os.urandom(SMALL_BYTES)
    elapsed_ms = []
    for _ in range(times):
        start = time.perf_counter()
        run(data)
        elapsed_ms.append((time.perf_counter() - start) * 1e3)
    return statistics.median(elapsed_ms)


if __name__ == "__main__":
    main()
