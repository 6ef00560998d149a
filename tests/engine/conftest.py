"""What tests of training share."""

from __future__ import annotations

import pytest


@pytest.fixture
def untried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No trial of XLA: a run told to take 100,000 epochs looks long, and compiling takes longer than the whole test."""
    from workbench.engine import modes

    monkeypatch.setattr(modes, "may_pay", lambda *_: False)
