"""doorward.yaml: what is wrong is named with file, key, value and what is allowed; the documentation is complete."""

import math
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.config import Config, ConfigError, document, load, parse

ROOT = Path(__file__).parents[2]


def test_an_empty_file_is_the_default() -> None:
    assert parse("", "doorward.yaml") == Config()


def test_values_are_taken() -> None:
    config = parse("camera: {source: 'usb:2', fps: 30}\nstate: /srv/door\n", "doorward.yaml")
    assert (config.camera.source, config.camera.fps, config.state) == ("usb:2", 30, "/srv/door")


@pytest.mark.parametrize(
    ("text", "key", "value", "allowed"),
    [
        ("camera: {fps: 99}", "camera.fps", "99", "from 5 to 30"),
        ("camera: {fps: 4}", "camera.fps", "4", "from 5 to 30"),
        ("camera: {fps: fast}", "camera.fps", "'fast'", "a whole number"),
        ("camera: {fps: 7.5}", "camera.fps", "7.5", "a whole number"),
        ("camera: {source: 'rtsp://x'}", "camera.source", "'rtsp://x'", "`usb:N`"),
        ("camera: {width_px: 1281}", "camera.width_px", "1281", "multiple of 16"),
        ("camera: 3", "camera", "3", "source, width_px, height_px, fps"),
        ("recording: {pre_roll_s: 0}", "recording.pre_roll_s", "0", "from 1 to 15"),
        ("retention: {keep_at_most_days: .nan}", "retention.keep_at_most_days", "nan", "from 1 to 3,650"),
        ("camera: {fpss: 3}", "camera.fpss", "", "source, width_px, height_px, fps"),
        ("colour: red", "colour", "", "state, camera, recording"),
        ("recording: {max_clip_s: 20, pre_roll_s: 15}", "recording.pre_roll_s", "15", "shorten the pre-roll"),
        ("retention: {keep_at_most_days: 2}", "keep_at_least_hours", "72", "at most 24 times"),
    ],
)
def test_a_wrong_value_is_named_with_its_file_key_value_and_what_is_allowed(
    text: str, key: str, value: str, allowed: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "etc/doorward.yaml")
    assert str(caught.value).startswith("etc/doorward.yaml: ")
    assert key in str(caught.value)
    assert value in str(caught.value)
    assert allowed in caught.value.hint


CORNERS = "points: [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]"
CROSSED = "[[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.1, 0.9]]"


@pytest.mark.parametrize(
    ("watch", "key", "value", "allowed"),
    [
        ("zones: [{name: a, points: [[0, 0], [2, 0], [1, 1]]}]", "watch.zones[0].points[1][0]", "2", "from 0"),
        ("masks: [[[0, 0], [1, 0], [1, 1]], [[0, 0], [.nan, 0], [1, 1]]]", "watch.masks[1][1][0]", "nan", "from 0"),
        (f"zones: [{{name: b, {CORNERS}}}, {{name: a, points: {CROSSED}}}]", "watch.zones[1]", "crosses itself", "in order"),
        (f"masks: [{CROSSED}]", "watch.masks[0]", "crosses itself", "in order"),
        ("masks: [[[0, 0], [1, 0]]]", "watch.masks[0]", "2 corners", "between 3 and 64"),
        ("masks: [[[0, 0], [1, 0], [1, 1], [0, 1]]]", "watch.masks", "cover the whole picture", "at least 5%"),
        ("masks: [[[0, 0], [0.98, 0], [0.98, 1], [0, 1]]]", "watch.masks", "% of the picture", "at least 5%"),
        (f"zones: [{{name: a, {CORNERS}, sensitivity: .nan}}]", "watch.zones[0]", "nan", "0.25 (coarse) to 4"),
        (f"zones: [{{name: a, {CORNERS}, sensitivity: 9}}]", "watch.zones[0]", "9", "0.25 (coarse) to 4"),
        (f"zones: [{{name: a, {CORNERS}, sensitivity: fine}}]", "watch.zones[0].sensitivity", "'fine'", "0.25 (coarse) to 4"),
        (
            f"{{zones: [{{name: path, {CORNERS}}}], masks: [[[0, 0], [0.91, 0], [0.91, 1], [0, 1]]]}}",
            "watch.zones", "leave nothing of the zone \"path\"", "make the masks smaller",
        ),
        ("quiet: [{days: [0], from: '25:00', to: '01:00'}]", "watch.quiet[0].from", "'25:00'", "22:30"),
        ("quiet: [{days: [], from: '22:00', to: '01:00'}]", "watch.quiet[0].days", "[]", "0 (Monday) to 6"),
        ("hush: {hours: [{days: [0], from: '25:00', to: '01:00'}]}", "watch.hush.hours[0].from", "'25:00'", "22:30"),
        ("hush: {until_utc: 2030-01-01 00:00:00}", "watch.hush.until_utc", "2030", "with its time zone"),
        ("hush: {hour: []}", "watch.hush.hour", "unknown key", "hours, as under quiet"),
        ("snoozed_until_utc: 2030-01-01 00:00:00", "watch.snoozed_until_utc", "2030", "with its time zone"),
        ("zone: []", "watch.zone", "unknown key", "`zones`, `masks`, `quiet`"),
        (f"zones: [{{name: a, {CORNERS}, colour: red}}]", "watch.zones[0].colour", "unknown key", "name, points"),
    ],
)  # fmt: skip  # one mistake a row
def test_what_cannot_be_watched_so_is_named_with_its_file_key_value_and_what_is_allowed(
    watch: str, key: str, value: str, allowed: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(f"watch: {watch if watch.startswith('{') else '{' + watch + '}'}", "etc/doorward.yaml")
    assert re.match(rf"etc/doorward.yaml: (unknown key )?{re.escape(key)}( is |$)", str(caught.value))
    assert value in str(caught.value)
    assert allowed in caught.value.hint
    assert len(str(caught.value)) < 250


def test_settings_that_no_reader_could_be_shown_are_refused() -> None:
    ring = ", ".join(
        f"[{0.5 + math.cos(turn / 10) / 3}, {0.5 + math.sin(turn / 10) / 3}]" for turn in range(60)
    )
    zones = ", ".join(f"{{name: z{number}, points: [{ring}]}}" for number in range(8))
    with pytest.raises(ConfigError, match=r"480 corners take [\d,]+ bytes, and 11,264 fit") as caught:
        parse(f"watch: {{zones: [{zones}]}}", "doorward.yaml")
    assert "fewer corners" in caught.value.hint


@pytest.mark.parametrize(
    ("door", "sentence", "allowed"),
    [
        ("button: 17", "door.button is 17", "such as `GPIO17`"),
        ("button: /dev/mem", "door.button is '/dev/mem'", "such as `GPIO17`"),
        ("button: GPIO17/../x", "door.button is", "such as `GPIO17`"),
        ("button_pull: sideways", "door.button_pull is 'sideways'", "`up` or `down` or `none`"),
        ("button_pressed: yes", "door.button_pressed is True", "`low` or `high`"),
        ("button_debounce_ms: 200", "door.button_debounce_ms is 200", "from 1 to 40"),
        ("chime: loud", "door.chime is 'loud'", "`two-tone`, `bell`, `gong`"),
        ("chime: own.wav", "door.chime is 'own.wav'", "the path of a WAV file"),
        ("chime_volume_percent: 110", "door.chime_volume_percent is 110", "from 0 to 100"),
        ("relay_ms: 60000", "door.relay_ms is 60000", "from 50 to 1,000"),
        ("{button: GPIO17, relay: GPIO17}", "door.button and door.relay are both GPIO17", "a line of its own"),
        ("bell: GPIO17", "unknown key door.bell", "button"),
    ],
)  # fmt: skip  # one mistake a row
def test_what_cannot_be_mounted_so_is_named_with_what_is_allowed(
    door: str, sentence: str, allowed: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(f"door: {door if door.startswith('{') else '{' + door + '}'}", "t")
    assert sentence in str(caught.value)
    assert allowed in caught.value.hint


def test_what_can_be_mounted_is_taken() -> None:
    door = parse("door: {button: GPIO17, chime: /etc/doorward/own.wav, relay: '/dev/gpiochip0:27'}", "t").door
    assert (door.button, door.chime, door.relay) == ("GPIO17", "/etc/doorward/own.wav", "/dev/gpiochip0:27")


def test_what_can_be_watched_is_taken() -> None:
    config = parse(
        f"watch: {{zones: [{{name: a, {CORNERS}}}], snoozed_until_utc: 2030-01-01T00:00:00Z}}", "t"
    )
    assert config.watch.zones[0].name == "a"


def test_a_configuration_that_watches_nothing_special_loads_no_picture_libraries() -> None:
    code = "import sys; from device.config import parse; parse('', 'x'); sys.exit('cv2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


@pytest.mark.parametrize(
    "text",
    ["- a", "just words", "a: [", "a: b: c", "\tx: 1", "!!python/object:os.system x", "a: &x 1\nb: *y"],
)
def test_what_is_no_configuration_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "doorward.yaml")
    assert str(caught.value).startswith("doorward.yaml")
    assert caught.value.hint


def test_a_missing_or_binary_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere.*No such file"):
        load(tmp_path / "nowhere")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="UTF-8"):
        load(tmp_path / "binary")


@given(st.text(max_size=200))
def test_no_text_does_anything_but_load_or_explain(text: str) -> None:
    try:
        parse(text, "doorward.yaml")
    except ConfigError as error:
        assert error.hint


def test_the_documentation_has_every_key_with_its_default_and_range() -> None:
    text = (ROOT / "docs" / "CONFIG.md").read_text(encoding="utf-8")
    assert document() in text, "run: python -c 'from device.config import document; print(document())'"


@pytest.mark.parametrize(("name", "least"), [("CONFIG.md", 2), ("HARDWARE.md", 1)])
def test_what_the_documentation_shows_is_valid(name: str, least: int) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert len(examples) >= least
    for example in examples:
        parse(example, f"docs/{name}")
