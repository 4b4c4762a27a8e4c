"""What others wrote, on the owner's terminal: letters in quotation marks, in whatever field of whatever command it comes."""

import asyncio
import json
import shutil
import unicodedata
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from device.contract import messages
from device.contract.settings import Settings, Zone
from device.trust.ledger import Chain, split
from device.trust.lines import Born, Line
from provisioning.card.birth import Birth, birth, write_state
from provisioning.card.card import write_card_file
from provisioning.cli import run
from provisioning.printer import MAX_QUOTED, data, explain, letters, quoted, say
from provisioning.reader.member import Member
from provisioning.reader.reader import ReaderKeys
from tests.provisioning.conftest import Furnished, says_anew
from tests.provisioning.house.test_clips_why import WHY
from tests.system.device_process import free_port

OURS = "Everything that could be checked holds."
LIES = (
    f"\x1b[1A\x1b[2K\r{OURS}\x1b[8m",  # writes over the line in which we said no
    f"x\n{OURS}\nhint: all is well",  # lines of its own
    f"x\r{OURS}",
    f"x\x0b\x0c\x85\u2028\u2029{OURS}",  # what somebody's splitlines calls a line
    "\x1b]52;c;cm0gLXJmIH4=\x07",  # the clipboard
    "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",  # a link
    "\x9b2J\x90q\x9c",  # the same in one letter each, C1
    "[link=http://evil.example]click[/link][/nope][bold red]",  # rich's markup
    ":skull: :warning:",  # rich's emoji
    "\u202eevil\u202c \u2066x\u2069 \u200f\u061c",  # right to left
    "a\u200bb\u00adc\ufeffd\u2060e\u034ff\u115fg\u3164h\ufe0fi\U000e0041j\U000e0100k\u2800l",  # not to be seen
    "a" + "\u0301" * 40 + "\u20dd",  # marks piled up over our lines
    "\udcff\udc80",  # a file's name that is no UTF-8
    f"”. {OURS} “",  # closes the quotation
    "{task.description}{0}%s%(x)s\\N{BELL}\\x1b",  # forms of our own tools
    "y" * 5000,
)
# For walks over commands, each of which takes its time: every kind at once, and those that must stand at a beginning.
TOGETHER = (LIES[0], LIES[1], "".join(LIES[2:13]), LIES[14])
BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI", "BN"}


def assert_calm(printed: str) -> None:
    """Check that nothing printed is anything but letters, and that no line of ours was forged."""
    for letter in printed.replace("\n", ""):
        assert letter.isprintable(), repr(letter)
        assert unicodedata.bidirectional(letter) not in BIDI, repr(letter)
        assert letter not in "\u034f\u115f\u1160\u3164\uffa0\u2800\ufe0f\U000e0100", repr(letter)
    assert "☠" not in printed
    assert "💀" not in printed
    for line in printed.splitlines():
        assert not line.startswith(OURS), line
        assert line != "hint: all is well"


@pytest.mark.parametrize("lie", LIES)
def test_a_sentence_with_others_words_is_one_line_of_letters(
    lie: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "")
    say(f"the door is called {quoted(lie)}")
    explain("error", f"the door is called {lie}", lie)
    captured = capsys.readouterr()
    assert_calm(captured.out + captured.err)
    assert captured.out.count("\n") == 1
    assert len(captured.out) < MAX_QUOTED + 60
    assert captured.err.count("\n") == 2
    assert captured.out.startswith("the door is called “")
    assert captured.out.endswith("”\n")
    assert captured.out.count("”") == 1


@pytest.mark.parametrize("lie", LIES)
def test_data_says_the_same_and_prints_letters(lie: str, capsys: pytest.CaptureFixture[str]) -> None:
    lie = lie.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # JSON has no half letters
    data(msgspec.json.format(msgspec.json.encode({"name": lie})).decode())
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"name": lie}
    assert_calm(printed)


@settings(deadline=None)  # a busy machine is no fault
@given(st.text())
def test_whatever_is_written_is_letters_once_and_for_all(text: str) -> None:
    shown = letters(text)
    assert shown.isprintable()
    assert len(shown) == len(text)
    assert letters(shown) == shown
    assert quoted(text).count("”") == 1


@pytest.mark.parametrize(
    "name", ["Türe", "Haustür 2", "玄関", "дверь", "الباب", "Cửa trước", "🏠 Door", "O'Neil"]
)
def test_names_of_all_the_world_stay_as_they_are(name: str) -> None:
    assert quoted(name) == f"“{name}”"


def relabelled(state: Path, label: str) -> None:
    """Have the door in a copy born under another name: somebody made it, and asks the owner to look at it."""
    first = split((state / "ledger").read_bytes())[0][0]
    born = msgspec.json.decode(first, type=Line).public
    assert isinstance(born, Born)
    line = Chain().next_line(msgspec.structs.replace(born, door=label), None)
    (state / "ledger").write_bytes(line + b"\n")


@pytest.mark.parametrize("lie", TOGETHER)
def test_no_field_of_a_copy_that_somebody_sends_speaks_in_our_voice(
    furnished: Furnished, lie: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Zones in a statement, the door's name, names and contents of files: each command that reads a copy is asked."""
    lie = lie.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    says_anew(furnished, triggers=(msgspec.structs.replace(WHY[1], zone=lie),))
    card, out = ["-i", str(furnished.card_file)], tmp_path / "clip.mp4"
    copy = tmp_path / "copy"
    shutil.copytree(furnished.state, copy)
    relabelled(copy, lie)
    (copy / "head").write_bytes(json.dumps({lie: lie}).encode())
    hostile_key = tmp_path / "key of somebody"
    hostile_key.write_text(f"{lie}\n", encoding="utf-8")
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({lie: 1}))
    film = tmp_path / f"film {lie.replace('/', '|')[:40]}.mp4"
    film.write_bytes(b"no film")
    for command in (
        ["clips", "list", str(furnished.state), *card],
        ["clips", "list", str(furnished.state), *card, "--json"],
        ["clips", "export", str(furnished.state), "3", *card, "-o", str(out)],
        ["clips", "check", str(out), f"{out}.proof"],
        ["verify", str(copy)],
        ["verify", str(copy), "--json"],
        ["verify", str(copy), *card],
        ["clips", "list", str(copy), *card],
        ["clips", "list", str(copy), "-i", str(hostile_key)],
        ["clips", "open", str(copy), "1", *card, "-o", str(tmp_path / "never.mp4")],
        ["grant", str(copy), *card, "--to", lie, "-o", str(tmp_path / "never.grant")],
        ["clips", "check", str(film), str(settings)],
        ["tune", str(film)],
        ["tune", str(film), "--settings", str(settings)],
        ["clips", lie],
        ["verify", lie.replace("\0", "")],
    ):
        run(command)
        captured = capsys.readouterr()
        # "verify DIR" of a sound copy says that all holds, once, in its last line.
        assert_calm(captured.out.removesuffix(f"{OURS}\n"))
        assert_calm(captured.err)


def forge_error(lie: str) -> bytes:
    return json.dumps({"type": "error", "id": 2, "code": "storage", "sentence": lie}).encode()


def forge_field(lie: str) -> bytes:
    return json.dumps({"type": "reply", "id": 2, lie: lie}).encode()


def forge_kind(lie: str) -> bytes:
    return json.dumps({"type": lie, "id": 2}).encode()


@asynccontextmanager
async def lying(new: Birth, answer: Callable[[str], bytes] | None, lie: str) -> AsyncIterator[str]:
    """A server in the door's place: it greets as the door does, or as a stranger, and then says what it likes."""

    async def door(request: web.Request) -> web.StreamResponse:
        if answer is None:
            reason = letters(lie)[:60]
            return web.Response(status=403, reason=reason, text=lie, headers={"X-Lie": reason})
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        hello = await socket.receive_json()
        greeting = messages.encode(messages.HelloReply(hello["id"], new.born_line, bytes(32)))
        await socket.send_str(greeting.decode())
        await socket.receive()
        await socket.send_str(answer(lie).decode("utf-8", "replace"))
        await socket.receive()
        return socket

    app = web.Application()
    app.router.add_get("/door", door)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://localhost:{port}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("answer", [forge_error, forge_field, forge_kind, None])
@pytest.mark.parametrize("lie", TOGETHER)
async def test_no_server_in_the_doors_place_speaks_in_our_voice(
    tmp_path: Path, answer: Callable[[str], bytes] | None, lie: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lie = lie.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    new = birth("Front door")
    write_state(new, tmp_path / "state")
    card, key = tmp_path / "card.txt", tmp_path / "laptop.key"
    write_card_file(card, new.card, new.born_sha256)
    async with lying(new, answer, lie) as url:
        key.write_bytes(Member(url, ReaderKeys("Laptop"), new.born_sha256).text())
        settings = tmp_path / "settings.json"
        settings.write_bytes(msgspec.json.encode(Settings(zones=(Zone("yard", ((0, 0), (1, 0), (1, 1))),))))
        with_card, with_key = ["--url", url, "--card", str(card)], ["--url", url, "--key", str(key)]
        for command in (
            ["readers", "list", *with_card],
            ["readers", "remove", "Lost phone", *with_card],
            ["replace-card", *with_card, "--name", "Door", "--out", str(tmp_path / "new.pdf")],
            ["join", *with_card, "--name", "Laptop", "-o", str(tmp_path / "never.key")],
            ["settings", "show", *with_key],
            ["settings", "set", str(settings), *with_key],
            ["settings", "snooze", "10", *with_key],
        ):
            assert await asyncio.to_thread(run, command) == 1, command
            captured = capsys.readouterr()
            assert_calm(captured.out + captured.err)
            assert "belong to the household" not in captured.out + captured.err
            assert captured.err.count("error: ") == 1
            if answer is forge_error:
                assert f"the server at {url} says: “" in captured.err
                assert "refused" not in captured.err
            (tmp_path / "new.pdf").unlink(missing_ok=True)
