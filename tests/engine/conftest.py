"""What tests of training share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from workbench.engine.built import Shelf


@pytest.fixture(scope="module")
def _shelf() -> Shelf:
    from workbench.engine.built import Shelf

    return Shelf()


@pytest.fixture
def kept_built(monkeypatch: pytest.MonkeyPatch, _shelf: Shelf) -> None:
    """Runs of a module take what the one before has built and traced, as they do in the engine of a person: most tests
    of a run are not about that second and a half. That it changes no bit is for test_built; `shelf=None` builds anew.
    """
    from workbench.engine import trainer

    train = trainer.train

    def on_the_shelf(*given: Any, **options: Any) -> Any:
        return train(*given, **{"shelf": _shelf, **options})

    monkeypatch.setattr(trainer, "train", on_the_shelf)


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
