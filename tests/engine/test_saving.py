"""What is written of a run, and where."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from workbench.core.errors import TrainError
from workbench.engine.checkpoints import Place
from workbench.engine.saving import Saver


def test_half_a_run_is_not_written_where_its_folder_was(tmp_path: Path) -> None:
    folder = tmp_path / "moved" / "runs" / "a"
    job: Any = SimpleNamespace()  # is not even looked at
    with pytest.raises(TrainError, match="no longer there") as raised:
        Saver(folder).save(job, Place())
    assert "last checkpoint is there" in raised.value.remedy
    assert Saver(folder).keep_what_fits(job, Place(), raised.value, None).error is raised.value
    assert not (tmp_path / "moved").exists()
