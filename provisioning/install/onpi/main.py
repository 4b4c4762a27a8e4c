"""``agent.pyz DIRECTORY``, as root on the Pi: works off the orders in DIRECTORY, or undoes them, whatever becomes of the network.

What it does stands in ``/run/doorward-install/progress``, a line of JSON for each step, and one for how it ended:

    {"run": …, "step": "packages"}
    {"run": …, "end": "done", "restart_wanted": false}
    {"run": …, "end": "failed", "step": "up", "why": …, "is_undone": true}
"""

import errno
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from provisioning.install.onpi import running, steps, undo
from provisioning.install.onpi.orders import SAME, Orders
from provisioning.install.onpi.system import Failed, page_is_served, run
from provisioning.install.onpi.where import PROGRESS, Places
from provisioning.install.onpi.work import Work

STEPS: Final[dict[str, Callable[[Work], None]]] = {
    "packages": steps.packages,
    "release": steps.release,
    "users": steps.users,
    "door": steps.door,
    "memory": steps.memory,
    "switch": running.switch,
    "up": running.up,
    "ring": running.ring,
    "tidy": running.tidy,
    "remove": lambda work: undo.remove(work, keep_state=work.orders.keep_state),
}
Tell = Callable[[dict[str, object]], None]


def work_off(work: Work, tell: Tell) -> bool:
    """Do every step; undo all of it if one fails. Return whether it was done."""
    step = "claim"
    try:
        steps.claim(work)
        for step in work.orders.steps:
            tell({"step": step})
            STEPS[step](work)
    except (Failed, OSError) as error:
        tell({"end": "failed", "step": step, "why": _said(error), **_undone(work, step)})
        return False
    tell({"end": "done", "restart_wanted": work.restart_wanted})
    return True


def _undone(work: Work, step: str) -> dict[str, object]:
    """Undo, and return whether that worked."""
    if step == "claim" or work.orders.steps == SAME:
        return {"is_undone": True}  # nothing was changed
    if step in ("remove", "tidy"):
        return {"is_undone": False}
    try:
        undo.undo(work, brought_door="ring" in work.orders.steps)
    except (Failed, OSError) as error:
        return {"is_undone": False, "why_not": _said(error)}
    return {"is_undone": True}


def _said(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the card is full"
    return str(error)


def main() -> None:
    """Work off the orders."""
    carried = Path(sys.argv[1])
    orders = Orders.read((carried / "orders.json").read_text())
    os.umask(0o022)

    def tell(what: dict[str, object]) -> None:
        with PROGRESS.open("a") as file:
            file.write(json.dumps({"run": orders.run, **what}) + "\n")

    done = False
    try:
        done = work_off(Work(orders, carried, Places(), run, page_is_served), tell)
    finally:
        shutil.rmtree(carried, ignore_errors=True)
    sys.exit(not done)
