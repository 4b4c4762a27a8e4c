"""doorward.yaml → a typed, validated configuration, or one sentence that says which key is wrong and what is allowed.

Every key has a default, so an empty file is a valid one. The same tables make docs/CONFIG.md, and a test keeps the two equal.
"""

from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin

import msgspec
import yaml
from msgspec import Meta

from device.contract.misfit import misfit
from device.contract.settings import Settings
from device.errors import DeviceError
from device.watch.config import ALLOWED, explained, refused

_LINE: Final = r"^(|[A-Za-z0-9_.-]{1,31}|/dev/gpiochip[0-9]{1,3}:[0-9]{1,4})\Z"
_LINES: Final = "such as `GPIO17` or `/dev/gpiochip0:17`; empty: none"


class ConfigError(DeviceError, ValueError):
    """The configuration cannot be used."""


class Camera(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What sees."""

    source: Annotated[
        str,
        Meta(
            pattern=r"^(scene|pi(:[0-9])?|usb(:\d+)?|replay:.+)$",
            description="`scene`, `pi`, `pi:N`, `usb`, `usb:N` or `replay:FILE`",
        ),
    ] = "scene"
    width_px: Annotated[int, Meta(ge=320, le=1920, multiple_of=16, description="picture width")] = 1280
    height_px: Annotated[int, Meta(ge=180, le=1088, multiple_of=2, description="picture height")] = 720
    fps: Annotated[int, Meta(ge=5, le=30, description="pictures a second")] = 15
    rotation: Annotated[
        int,
        Meta(ge=0, le=180, multiple_of=180, description="degrees by which the Pi's own camera hangs turned"),
    ] = 0


class Recording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a clip begins and ends."""

    pre_roll_s: Annotated[float, Meta(ge=1, le=15, description="what is kept from before the trigger")] = 4.0
    post_roll_s: Annotated[float, Meta(ge=1, le=60, description="quiet time after which a clip ends")] = 2.5
    max_clip_s: Annotated[
        float, Meta(ge=20, le=600, description="a longer visit goes on in the next clip")
    ] = 120.0
    pre_roll_bytes: Annotated[
        int, Meta(ge=1_000_000, le=64_000_000, description="memory for the pre-roll, at most")
    ] = 8_000_000


class Retention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What gives way, and when."""

    keep_at_least_hours: Annotated[
        float, Meta(ge=0, le=720, description="of running time; nothing younger gives way, whatever happens")
    ] = 72.0
    keep_at_most_days: Annotated[
        float, Meta(ge=1, le=3650, description="of running time; older clips go")
    ] = 30.0
    spool_bytes: Annotated[int, Meta(ge=50_000_000, le=10**13, description="all clips together, at most")] = (
        16_000_000_000
    )
    free_bytes: Annotated[int, Meta(ge=8_000_000, le=10**12, description="what stays free on the card")] = (
        256_000_000
    )


class Door(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is mounted at the door."""

    light: Annotated[
        str,
        Meta(
            max_length=255,
            description="brightness file of the LED that is on while somebody watches, below `/sys/class/leds`; empty: none",
        ),
    ] = ""
    button: Annotated[str, Meta(pattern=_LINE, description=f"line of the button, {_LINES}")] = ""
    button_pull: Annotated[
        Literal["up", "down", "none"],
        Meta(description="resistor that the Pi itself puts on the button's line"),
    ] = "up"
    button_pressed: Annotated[
        Literal["low", "high"], Meta(description="level of the line while the button is pressed")
    ] = "low"
    button_debounce_ms: Annotated[
        int, Meta(ge=1, le=40, description="how long the line must hold still to count")
    ] = 10
    chime: Annotated[
        str,
        Meta(
            pattern=r"^(|two-tone|bell|gong|/.{1,250}\.wav)\Z",
            description="`two-tone`, `bell`, `gong`, or the path of a WAV file of 10 s at most; empty: no sound",
        ),
    ] = ""
    chime_device: Annotated[
        str, Meta(min_length=1, max_length=100, description="the sound card, as `aplay -L` calls it")
    ] = "default"
    chime_volume_percent: Annotated[int, Meta(ge=0, le=100, description="how loud the sound is")] = 70
    loudspeaker: Annotated[
        str,
        Meta(
            max_length=100,
            description="the sound card by which readers speak at the door, as `aplay -L` calls it; empty: nobody does",
        ),
    ] = ""
    loudspeaker_volume_percent: Annotated[int, Meta(ge=0, le=100, description="how loud they are")] = 100
    microphone: Annotated[
        str, Meta(max_length=100, description="sound card that hears, as `arecord -L` calls it; empty: none")
    ] = ""
    relay: Annotated[
        str, Meta(pattern=_LINE, description=f"line of the relay that strikes a mechanical chime, {_LINES}")
    ] = ""
    relay_on: Annotated[
        Literal["low", "high"], Meta(description="level of the line that switches the relay on")
    ] = "high"
    relay_ms: Annotated[
        int,
        Meta(ge=50, le=1000, description="how long the relay is on, at most; it rests four times as long"),
    ] = 300


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may speak to the device."""

    socket: Annotated[str, Meta(min_length=1, max_length=107, description="path of the unix socket")] = (
        "/run/doorward/link"
    )
    server_user: Annotated[
        str, Meta(max_length=32, description="the user that the server runs as; empty: only the device's own")
    ] = ""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    state: Annotated[str, Meta(min_length=1, description="directory of keys, ledger and clips")] = (
        "/var/lib/doorward"
    )
    camera: Camera = Camera()
    recording: Recording = Recording()
    retention: Retention = Retention()
    watch: Settings = Settings()
    door: Door = Door()
    link: Link = Link()


def load(path: Path) -> Config:
    """Return the configuration in ``path``.

    Raises:
        ConfigError: the file cannot be read, is not YAML, or a key or value is wrong; the sentence names file, key, value and
            what is allowed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(
            f"{path}: cannot be read: {reason}", hint="give the file's path, or leave --config out"
        ) from error
    return parse(text, str(path))


def parse(text: str, name: str) -> Config:
    """Return the configuration in ``text``; ``name`` is what errors call it.

    Raises:
        ConfigError: as for ``load``.
    """
    try:
        tree = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it is not YAML"
        raise ConfigError(
            f"{name}{where}: {problem}", hint="write 'key: value', nested keys indented by spaces"
        ) from error
    return check({} if tree is None else tree, name)


def check(tree: Any, name: str) -> Config:  # noqa: ANN401 - whatever YAML held
    """Return the configuration that a tree of maps and values says; ``name`` is what errors call it.

    Raises:
        ConfigError: as for ``load``.
    """
    try:
        config = msgspec.convert(tree, Config)
    except msgspec.ValidationError as error:
        raise _explain(error, tree, name) from error
    _check_together(config, name)
    return config


def _check_together(config: Config, name: str) -> None:
    if config.retention.keep_at_least_hours > config.retention.keep_at_most_days * 24:
        raise ConfigError(
            f"{name}: retention.keep_at_least_hours is {config.retention.keep_at_least_hours:g}, longer than "
            f"retention.keep_at_most_days, which is {config.retention.keep_at_most_days:g}",
            hint="keep_at_least_hours must be at most 24 times keep_at_most_days",
        )
    if config.recording.pre_roll_s > config.recording.max_clip_s / 2:
        raise ConfigError(
            f"{name}: recording.pre_roll_s is {config.recording.pre_roll_s:g}, more than half of "
            f"recording.max_clip_s, which is {config.recording.max_clip_s:g}",
            hint="shorten the pre-roll or lengthen the clips",
        )
    lines = [line for line in (config.door.button, config.door.relay) if line]
    if len(set(lines)) < len(lines):
        raise ConfigError(
            f"{name}: door.button and door.relay are both {lines[0]}", hint="each needs a line of its own"
        )
    camera = config.camera
    if camera.rotation and not camera.source.startswith("pi"):
        raise ConfigError(
            f"{name}: camera.rotation is {camera.rotation}, and camera.source is {camera.source}",
            hint="only the Pi's own camera turns its pictures; leave camera.rotation out",
        )
    if trouble := refused(config.watch, camera.width_px, camera.height_px):
        sentence, hint = trouble
        raise ConfigError(f"{name}: {sentence}", hint=hint)


def _explain(error: msgspec.ValidationError, tree: Any, name: str) -> ConfigError:  # noqa: ANN401 - whatever YAML held
    """Return the error with its path, the value that stands there, and what would be allowed."""
    sentence, place = misfit(error)
    keys = [key for key in place.split(".") if key]
    if keys[:1] == ["watch"]:
        said, hint = explained(place, f"it {sentence}", tree)
        return ConfigError(f"{name}: {said}", hint=hint)
    if "unknown field" in str(error):
        unknown = str(error).split("`")[1]
        allowed = ", ".join(field.name for field in msgspec.structs.fields(_section(keys)))
        return ConfigError(
            f"{name}: unknown key {'.'.join([*keys, unknown])}", hint=f"allowed here: {allowed}"
        )
    value = tree
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    where = ".".join(keys) or "the file"
    allowed = describe(keys) if keys else "keys with values, such as 'camera: {source: usb}'"
    return ConfigError(f"{name}: {where} is {value!r}: it {sentence}", hint=f"allowed: {allowed}")


def _section(keys: list[str]) -> Any:  # noqa: ANN401 - a struct class
    section: Any = Config
    for key in keys:
        section = next(field.type for field in msgspec.structs.fields(section) if field.name == key)
    return section


def describe(keys: list[str]) -> str:
    """Return what the key at this path may be, in words: meaning, type, range."""
    *parents, last = keys
    field = next(field for field in msgspec.structs.fields(_section(parents)) if field.name == last)
    meta = next((part for part in getattr(field.type, "__metadata__", ()) if isinstance(part, Meta)), None)
    if meta is None:
        return "a section: " + ", ".join(inner.name for inner in msgspec.structs.fields(field.type))
    origin = field.type.__origin__
    if get_origin(origin) is Literal:
        return " or ".join(f"`{word}`" for word in get_args(origin)) + f" ({meta.description})"
    kind = {int: "a whole number", float: "a number", str: "text"}[origin]
    limits = [
        f"from {meta.ge:,}" if meta.ge is not None else "",
        f"to {meta.le:,}" if meta.le is not None else "",
    ]
    multiple = f", a multiple of {meta.multiple_of}" if meta.multiple_of and meta.multiple_of > 1 else ""
    return " ".join(part for part in (kind, *limits) if part) + multiple + f" ({meta.description})"


def document() -> str:
    """Return the Markdown tables of docs/CONFIG.md."""
    rows = ["| key | default | allowed |", "|---|---|---|"]

    def walk(section: Any, path: list[str]) -> None:  # noqa: ANN401 - a struct class
        for field in msgspec.structs.fields(section):
            keys = [*path, field.name]
            if field.type is Settings:
                rows.append(f"| `{'.'.join(keys)}` | `{{}}` | {ALLOWED} |")
            elif hasattr(field.type, "__struct_fields__"):
                walk(field.type, keys)
            else:
                default = msgspec.json.encode(field.default).decode()
                rows.append(f"| `{'.'.join(keys)}` | `{default}` | {describe(keys)} |")

    walk(Config, [])
    return "\n".join(rows) + "\n"
