"""doorward.yaml: what is wrong is named with file, key, value and what is allowed; the documentation is complete."""

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
