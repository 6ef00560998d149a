"""The house rules that a machine can check: style, types, and which layer may know which."""

from __future__ import annotations

import re
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


def test_the_map_of_the_code_names_what_is_there():
    """docs/architecture.md names no module that is gone, and all there are but the parts of pages."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    there = {path.relative_to(ROOT / "workbench") for path in (ROOT / "workbench").rglob("*.py")}
    named = set(re.findall(r"(\w+)\.py\b", text))
    assert not named - {path.stem for path in there}
    words = re.findall(r"\w+\*?", text)
    families = tuple(word[:-1] for word in words if word.endswith("_*"))
    pages = [path for path in there if path.parts[0] == "ui" and len(path.parts) > 2]
    missing = {
        str(path)
        for path in there.difference(pages)
        if not path.name.startswith("__") and path.stem not in words and not path.stem.startswith(families)
    }
    assert not missing


def test_the_tests_that_hold_a_lesson_are_there():
    """docs/lessons.md has a row for each lesson, and every test it names exists."""
    text = (ROOT / "docs" / "lessons.md").read_text("utf-8")
    assert re.findall(r"^\| (A\d+):", text, re.MULTILINE) == [f"A{number}" for number in range(1, 18)]
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", text)
    assert len(named) == text.count("::")
    files = {name: ROOT / "tests" / name for name, _ in named}
    assert not [name for name, path in files.items() if not path.is_file()]
    there = {
        name: set(re.findall(r"^def (\w+)\(", path.read_text("utf-8"), re.MULTILINE)) for name, path in files.items()
    }
    assert not [f"{name}::{test}" for name, test in named if test not in there[name]]


def test_no_registry_or_lock_file_is_committed():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    names = listed.stdout.split()
    assert not [n for n in names if n.endswith((".lock", "requirements.txt", "lock.json"))]
    allowed = {"workbench", "resources", "tests", "docs", "benchmarks", ".ci"}
    files = {"pyproject.toml", "README.md", "LICENSE", ".gitignore"}
    assert {n.split("/")[0] for n in names} <= allowed | files
