"""The house rules that a machine can check: style, types, and which layer may know which."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "ruff", "check", "."],
        ["-m", "ruff", "format", "--check", "."],
        ["-m", "mypy"],
        ["-c", "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())"],
    ],
    ids=["ruff check", "ruff format", "mypy", "import-linter"],
)
def test_rule(command: list[str], monkeypatch: pytest.MonkeyPatch):
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_registry_or_lock_file_is_committed():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    names = listed.stdout.split()
    assert not [n for n in names if n.endswith((".lock", "requirements.txt", "lock.json"))]
    allowed = {"workbench", "resources", "tests", "docs", "benchmarks", ".ci"}
    files = {"pyproject.toml", "README.md", "LICENSE", ".gitignore"}
    assert {n.split("/")[0] for n in names} <= allowed | files
