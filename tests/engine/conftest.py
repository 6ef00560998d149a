"""What tests of training share."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from workbench.engine.built import Shelf


@pytest.fixture(scope="module", autouse=True)
def _only_what_a_module_makes_is_looked_through() -> None:
    """What survives the last module stays until the end anyway; the collector looks at it no more."""
    gc.collect()
    gc.collect()  # TensorFlow's functions end in two steps
    gc.freeze()


@pytest.fixture(autouse=True)
def _seldom(let_go_seldom: None) -> None:
    """For every test of training."""


@pytest.fixture(scope="module")
def _shelf() -> Shelf:
    """Keeps several, as the tests of a module take turns with a few models. Where a test takes small epochs one by one,
    what was built is another."""
    from workbench.engine import sweep
    from workbench.engine.built import Built, Shelf

    class Wide(Shelf):
        def __init__(self) -> None:
            super().__init__()
            self._kept: dict[tuple[str, str], Built] = {}

        def take(self, key: str) -> Built | None:
            return self._kept.pop((key, sweep.suits.__name__), None)

        def put(self, key: str, built: Built) -> None:
            built.release()
            self._kept[key, sweep.suits.__name__] = built
            if len(self._kept) > 4:
                del self._kept[next(iter(self._kept))]

    return Wide()


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
