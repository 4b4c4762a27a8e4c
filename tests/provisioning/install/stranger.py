"""An ``ssh`` that the test answers in place of a Pi."""

import json
import sys
from dataclasses import fields
from pathlib import Path

from provisioning.install.survey import Facts

# What it answers is in "answers", a file for each word that a shell program can be known by; how it was called, in "called".
SSH = """#!{python}
import json, pathlib, sys
here = pathlib.Path({here!r})
if "-O" in sys.argv: sys.exit(0)
script = sys.argv[-1]
with (here / "called").open("a") as file: file.write(json.dumps(sys.argv[1:]) + chr(10))
sys.stdin.buffer.read()
known = ["doorward-%s", "systemd-run", "orders.json", "door.tar", "agent.pyz", "sed -n"]
for word in known:
    if word in script and (here / "answers" / word.replace(" ", "")).exists():
        answer = json.loads((here / "answers" / word.replace(" ", "")).read_text())
        print(answer["out"]); print(answer.get("err", ""), file=sys.stderr); sys.exit(answer["code"])
"""


class Stranger:
    """Whoever answers."""

    def __init__(self, here: Path) -> None:
        self.here = here
        (here / "answers").mkdir(parents=True)
        (here / "bin").mkdir()
        (here / "bin" / "ssh").write_text(SSH.format(python=sys.executable, here=str(here)))
        (here / "bin" / "ssh").chmod(0o755)

    def answers(self, word: str, out: str = "", *, code: int = 0, err: str = "") -> None:
        told = json.dumps({"out": out, "code": code, "err": err})
        (self.here / "answers" / word.replace(" ", "")).write_text(told)

    def is_a(self, facts: Facts) -> None:
        told = {each.name: getattr(facts, each.name) for each in fields(facts)}
        told["busy"] = "inactive"
        lines = [
            f"doorward-{name}={int(value) if isinstance(value, bool) else value}"
            for name, value in told.items()
        ]
        self.answers("doorward-%s", "\n".join([*lines, "doorward-end=yes"]))

    def called(self) -> list[list[str]]:
        return [json.loads(line) for line in (self.here / "called").read_text().splitlines()]
