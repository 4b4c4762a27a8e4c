"""The settings of the broker: what makes no sense is told with what to do, and a password that others may read is none."""

from pathlib import Path

import pytest

from server.homeassistant.settings import Broker, MqttUnusable, read_settings
from server.homeassistant.words import discovery, door, ring


def written(tmp_path: Path, text: str, mode: int = 0o600) -> Path:
    path = tmp_path / "mqtt.toml"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_broker_is_spoken_to_with_tls_unless_that_is_said_otherwise(tmp_path: Path) -> None:
    assert read_settings(written(tmp_path, 'broker = "ha.local"')) == Broker("ha.local", 8883, tls=True)
    plain = read_settings(written(tmp_path, 'broker = "192.168.1.5"\ntls = false'))
    assert plain == Broker("192.168.1.5", 1883, tls=False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no broker"),
        ('broker = ""', "names no broker"),
        ("broker = 5", "not of the right kind"),
        ('broker = "x"\nport = 0', "port 0"),
        ('broker = "x"\nport = true', "not of the right kind"),
        ('broker = "x"\ntopic = "a/#"', "topic"),
        ('broker = "x"\npasswort = "y"', "passwort is no setting"),
        ("broker =", "no TOML"),
    ],
)
def test_what_makes_no_sense_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(MqttUnusable, match=said) as caught:
        read_settings(written(tmp_path, text))
    assert caught.value.hint


def test_a_password_that_others_may_read_is_refused_and_never_shown(tmp_path: Path) -> None:
    text = 'broker = "x"\nusername = "door"\npassword = "hunter2"'
    with pytest.raises(MqttUnusable, match="others may read"):
        read_settings(written(tmp_path, text, 0o640))
    assert "hunter2" not in repr(read_settings(written(tmp_path, text)))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MqttUnusable, match="cannot be read"):
        read_settings(tmp_path / "nothing.toml")


def test_the_broker_learns_that_it_rings_and_that_the_door_is_there_and_nothing_else() -> None:
    everything = [ring("doorward"), door("doorward", is_there=True), *discovery("doorward")]
    assert not ring("doorward").retain, "who comes later is called to an empty doorstep"
    assert ring("doorward").payload == '{"event_type": "ring"}'
    told = " ".join(said.topic + said.payload for said in everything)
    for word in ("time", "picture", "image", "reader", "name_of", "clip", "utc"):
        assert word not in told
