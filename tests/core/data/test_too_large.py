"""A table that does not fit into memory is refused in words, before or while it is read; its first rows can be read."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.core.data import csv_source, memory
from workbench.core.data.sources import load
from workbench.core.project import DataSpec

ROOT = Path(__file__).resolve().parents[3]
CHILD = """
import resource, sys
import workbench.core.data, pandas, pyarrow.csv, pyarrow.compute
from workbench.core.data.sources import load
from workbench.core.errors import DataError
from workbench.core.project import DataSpec

now = int(next(l for l in open("/proc/self/status") if l.startswith("VmData")).split()[1]) * 1024
headroom = int(sys.argv[2]) << 20
resource.setrlimit(resource.RLIMIT_DATA, (now + headroom, now + headroom))
try:
    print(load(DataSpec(sys.argv[3], sys.argv[1])).frame.shape)
except DataError as error:
    print("refused:", error)
"""


def write(place: Path, rows: int) -> Path:
    line = b"12345,some words of text,0.25,another word,67890,0.125\n"
    place.write_bytes(b"a,b,c,d,e,f\n" + line * rows)
    return place


@pytest.mark.skipif(sys.platform != "linux", reason="the ceiling is set as Linux counts memory")
@pytest.mark.parametrize("headroom", [8, 90])
def test_a_ceiling_on_memory_is_no_crash(tmp_path: Path, headroom: int):
    place = write(tmp_path / "t.csv", 900_000)  # 49 MB
    command = [sys.executable, "-c", CHILD, str(place), str(headroom), "csv"]
    environment = {**os.environ, "MALLOC_ARENA_MAX": "1", "OMP_NUM_THREADS": "1", "WORKBENCH_HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith("refused: t.csv: The data does not fit into memory."), done.stdout


def test_memory_that_runs_out_all_the_same_is_told(tmp_path: Path, monkeypatch):
    spec = DataSpec("csv", str(write(tmp_path / "t.csv", 20_000)))

    def no_room(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(csv_source, "typed_frame", no_room)
    with pytest.raises(memory.TooLarge, match="does not fit into memory") as caught:
        load(spec)
    assert caught.value.fits > 0
    assert "first" in caught.value.remedy


def test_what_would_not_fit_is_refused_before_it_is_read(tmp_path: Path, monkeypatch):
    spec = DataSpec("csv", str(write(tmp_path / "t.csv", 20_000)))
    monkeypatch.setattr(memory, "available", lambda: 2 << 20)
    with pytest.raises(memory.TooLarge) as caught:
        load(spec)
    assert "about 4 MB" in caught.value.what
    assert 0 < caught.value.fits < 20_000
    part = load(replace(spec, params={"rows": caught.value.fits}))
    assert len(part) == caught.value.fits - 1  # the header is a line too
    assert "Only the first" in part.report.notes[0]
    monkeypatch.setattr(memory, "available", lambda: 1 << 40)
    whole = load(spec)
    assert len(whole) == 20_000
    assert len(load(replace(spec, params={"rows": 10**9}))) == 20_000
    assert not any("Only the first" in note for note in whole.report.notes)
