"""docs/THREAT_MODEL.md and the attacks are held to each other."""

import re
from pathlib import Path

HERE = Path(__file__).parent
THREAT_MODEL = HERE.parents[1] / "docs" / "THREAT_MODEL.md"


def test_the_threat_model_names_every_attack_of_a_hijacked_server() -> None:
    named = set(re.findall(r"`(test_\w+)`", THREAT_MODEL.read_text(encoding="utf-8")))
    attacks = set()
    for path in HERE.glob("test_hijacked_*.py"):
        attacks |= set(
            re.findall(r"^(?:async )?def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        )
    assert len(attacks) >= 22
    assert attacks == named


def test_the_threat_model_names_every_other_attack_or_the_file_it_is_in() -> None:
    text = THREAT_MODEL.read_text(encoding="utf-8")
    for path in sorted(HERE.glob("test_*.py")):
        if path.name == Path(__file__).name or f"[{path.stem}]" in text:
            continue
        for attack in re.findall(
            r"^(?:async )?def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            assert attack in text, f"{path.name}: {attack}"


def test_every_test_that_the_threat_model_names_is_there() -> None:
    text = THREAT_MODEL.read_text(encoding="utf-8")
    tests = HERE.parent
    sources = {path.stem: path.read_text(encoding="utf-8") for path in tests.rglob("test_*.py")}
    everything = "\n".join(sources.values())
    for name in re.findall(r"`\[?(?:tests/\w+/)?(test_\w+)\]?`", text):
        assert name in sources or f"def {name}(" in everything, name
