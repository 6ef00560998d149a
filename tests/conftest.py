"""Isolation: no test sees or changes the person's home, settings or projects; real data is found or the test skips.

The whole suite runs in two processes or more (pyproject.toml), file by file; anything less than all of it in one.
"""

from __future__ import annotations

import gc
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# The nets of the tests are so small that a second thread costs more than it brings, and there is a second process.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")

import pytest

TESTS = Path(__file__).resolve().parent
MOST_PROCESSES = 4
"""Each may have an engine beside it, and both have TensorFlow in memory."""

LONGEST = ("flows", "engine", "test_benchmarks.py", "test_house.py")
"""What is begun with, so that no process is left alone with it at the end."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """A process for each processor, for the whole suite; for a part of it the start of processes is not worth while."""
    whole = all(Path(arg).resolve() == TESTS for arg in config.args)
    return min(MOST_PROCESSES, os.cpu_count() or 1) if whole and not config.option.collectonly else 0


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first; what belongs together stays together."""

    def rank(item: pytest.Item) -> int:
        top = item.path.relative_to(TESTS).parts[0]
        return LONGEST.index(top) if top in LONGEST else len(LONGEST)

    items.sort(key=rank)


def pytest_collection() -> None:
    """The collector would look through all that the tests import again and again: 6 of 15 seconds in each process."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What was imported stays, and is looked through no more."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_the_disk() -> Iterator[None]:
    """No test cuts the power: what is written need not have reached the disk, which is waited for at every small file.
    The processes that a test starts do wait."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: None)
        yield


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the next home belongs. pytest would look through all there are, for the first number that is free."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def _own_home(_homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh home for each test: settings, recent projects, drafts and caches stay inside it."""
    home = next(_homes)
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    monkeypatch.setenv("WORKBENCH_HOME", str(home / "workbench"))
    return home


RUNS_TO_COLLECT = 6
"""Each leaves some 15 MB."""
_runs = itertools.count(1)


@pytest.fixture
def let_go_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs have left is not collected before each of them, in two looks through all there is, which was a tenth
    of the tests of training."""
    from workbench.engine import devices

    let_go = devices.let_go
    monkeypatch.setattr(devices, "let_go", lambda: let_go() if next(_runs) % RUNS_TO_COLLECT == 0 else None)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data sets, from WORKBENCH_DATA or beside the repository; skips where it is absent."""
    named = os.environ.get("WORKBENCH_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data sets are not on this machine (set WORKBENCH_DATA)")
    return folder
