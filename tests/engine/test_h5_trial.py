"""HDF5 files are read by a process of its own first: what would end or hold the engine is said in words."""

from __future__ import annotations

import io
import os
from pathlib import Path

import h5py
import numpy as np
import pytest

from workbench.core.importing.config import ModelFileError
from workbench.engine import h5_reader, import_h5
from workbench.engine.import_h5 import H5, try_first


@pytest.fixture
def sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(import_h5, "try_first", try_first)  # which other tests of model files go without
    path = tmp_path / "net.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = "{}"
        group = file.create_group("model_weights/dense")
        group.attrs["weight_names"] = [b"kernel:0"]
        group["kernel:0"] = np.ones((4, 3), np.float32)
        file["elsewhere"] = h5py.ExternalLink("other.h5", "/x")
        file["round"] = file["model_weights"]
        file["model_weights/dense/again"] = file["model_weights"]  # never ends, for whoever follows it
    return path


def test_a_sound_file_is_opened_by_its_path_and_by_its_bytes(sound: Path) -> None:
    for file in (str(sound), io.BytesIO(sound.read_bytes())):
        with H5(file, "net.h5") as opened:
            assert opened.config() == {}
            assert opened.read("model_weights/dense/kernel:0").shape == (4, 3)
    h5_reader.read_all(str(sound))  # comes to an end, and nowhere else


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import os, signal; os.kill(os.getpid(), getattr(signal, 'SIGKILL', signal.SIGTERM))", "crashes"),
        ("import time; time.sleep(600)", "never comes to an end"),
    ],
)
def test_a_file_that_ends_or_holds_its_reader_is_refused_in_words(
    sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, said: str
) -> None:
    reader = tmp_path / "reader.py"
    reader.write_text(program, "utf-8")
    monkeypatch.setattr(import_h5, "READER", (str(reader),))
    monkeypatch.setattr(import_h5, "PATIENCE", 60.0 if said == "crashes" else 0.2)
    with pytest.raises(ModelFileError, match=said) as raised:
        H5(str(sound), "net.h5")
    assert raised.value.where == "net.h5"
    assert "fetch or save it once more" in raised.value.remedy


def test_what_is_no_hdf5_is_left_to_be_told_when_it_is_opened(sound: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.h5"
    broken.write_bytes(sound.read_bytes()[:200])
    with pytest.raises(ModelFileError, match="cannot be read"):
        H5(str(broken), "broken.h5")


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such limits")
@pytest.mark.parametrize("most", [-1, 1 << 30])
def test_a_limit_that_the_system_does_not_take_says_nothing_of_the_file(
    sound: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    import resource

    asked: list[tuple[int, int]] = []

    def refuse(_: int, limits: tuple[int, int]) -> None:
        asked.append(limits)
        raise ValueError("current limit exceeds maximum limit")

    monkeypatch.setattr(resource, "getrlimit", lambda _: (most, most))
    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert h5_reader.main([str(sound), str(4 << 30)]) == 0
    assert asked == [(4 << 30 if most < 0 else most, most)]
