"""What tests of training share."""

from __future__ import annotations

import pytest


@pytest.fixture
def untried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No trial of XLA: a run told to take 100,000 epochs looks long, and compiling takes longer than the whole test."""
    from workbench.engine import modes

    monkeypatch.setattr(modes, "may_pay", lambda *_: False)


@pytest.fixture(autouse=True)
def _no_trial_of_hdf5(monkeypatch: pytest.MonkeyPatch) -> None:
    """Model files are read at once: another process for each would take longer than most tests (see test_h5_trial)."""
    from workbench.engine import import_h5

    monkeypatch.setattr(import_h5, "try_first", lambda *_: None)
