"""A sound server without a sound card: PulseAudio, as Debian has it, with one sink that plays nothing, at a sound card's pace."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = "pulseaudio"
START_S = 20


def is_there() -> bool:
    """Return whether it is installed."""
    return shutil.which(PROGRAM) is not None


@contextmanager
def sound_server(place: Path, sink: str) -> Iterator[str]:
    """Yield a server's address, for PULSE_SERVER; its socket lies in ``place``."""
    modules = [
        f"module-native-protocol-unix socket={place}/p auth-anonymous=1",
        f"module-null-sink sink_name={sink} rate=48000 channels=1",
    ]
    command = [
        PROGRAM,
        "-n",
        "--daemonize=no",
        "--exit-idle-time=-1",
        "--use-pid-file=no",
        "--log-level=error",
    ]
    env = {**os.environ, "PULSE_RUNTIME_PATH": f"{place}/run", "PULSE_STATE_PATH": f"{place}/state"}
    arguments = [part for module in modules for part in ("-L", module)]
    with subprocess.Popen([*command, *arguments], env=env) as running:
        try:
            ends_s = time.monotonic() + START_S
            while not (place / "p").exists():
                if time.monotonic() > ends_s or running.poll() is not None:
                    raise RuntimeError("the sound server does not start")
                time.sleep(0.05)
            yield f"unix:{place}/p"
        finally:
            running.terminate()
