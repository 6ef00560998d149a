"""Starting the program: which face, what is missing, and how quickly the window is there."""

from __future__ import annotations

import locale
import subprocess
import sys
from pathlib import Path

import pytest

from workbench import __main__ as program

ROOT = Path(__file__).resolve().parents[2]


def python(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, timeout=60
    )


def test_the_window_needs_none_of_the_heavy_packages() -> None:
    code = """
import sys
from workbench.ui import app
a = app.make_application()
w = app.make_window(a, None)
w.show(); a.processEvents()
heavy = "pandas pyarrow sklearn PIL pyqtgraph qtawesome tensorflow keras scipy"
print([m for m in heavy.split() if m in sys.modules])
w.close()
"""
    done = python(code)
    assert done.stdout.strip() == "[]", done.stderr


def test_numbers_are_read_with_a_point_whatever_the_locale(qapp) -> None:
    from workbench.ui.app import make_application

    make_application()
    assert locale.localeconv()["decimal_point"] == "."


def test_without_a_screen_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert program.main([]) == 2
    said = capsys.readouterr().err
    assert "no screen" in said
    assert "workbench demo" in said
    assert "QT_QPA_PLATFORM=offscreen" in said
    assert said.count("\n") == 1


def test_a_missing_library_is_named_with_the_line_that_installs_it() -> None:
    error = ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")
    said = program.missing_library(error)
    assert "libEGL.so.1" in said
    assert "apt-get install -y" in said
    assert "libegl1" in said


def test_what_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["/no/such/file.csv"]) == 2
    assert "/no/such/file.csv: there is no such file or folder" in capsys.readouterr().err
    assert program.main(["--bogus"]) == 2
    assert "--bogus" in capsys.readouterr().err


def test_a_command_goes_to_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        program.main(["--version"])
    assert ended.value.code == 0
    assert "workbench" in capsys.readouterr().out


def test_the_dialog_for_data_shows_every_kind_of_file_the_start_page_names() -> None:
    from fnmatch import fnmatch

    from workbench.ui.dialogs import DATA_FILES

    names = "a.csv a.tsv a.txt a.xlsx a.xls a.ods a.parquet a.json a.jsonl a.arff a.npz a.csv.gz a.zip"
    for name in (*names.split(), "train-images-idx3-ubyte", "t10k-labels.idx1-ubyte"):
        assert any(fnmatch(name, kind) for kind in DATA_FILES.split()), name
