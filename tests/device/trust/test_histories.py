"""Random histories of a household: readers come and go, cards are replaced, the device restarts, time passes.

Whoever asks, member, guest, removed reader or old card, the desk grants exactly what the model grants; and after any history a
removed reader opens no later clip, nobody was admitted by one reader alone, no spent key is back, and a verifier that has
nothing but the file comes to the same household.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.effort import cases
from tests.support.histories import Histories

HISTORIES = cases(60, 1_000)
STEPS = cases(25, 50)


@pytest.mark.timeout(600)  # a history that fails takes its time to shrink
def test_in_any_history_only_who_belongs_is_let_in_and_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sync in ("fsync", "fdatasync"):  # nobody cuts the power here
        monkeypatch.setattr(os, sync, lambda _: None)
    machine = type("Here", (Histories,), {"home": tmp_path})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
