"""What a person types and mistypes: exit status 0, or 2 and one line that says what, where and what to try."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench import cli, headless
from workbench.core import storage
from workbench.core.errors import ProjectError
from workbench.core.project import Step
from workbench.core.storage import ProjectFolder


class Terminal:
    """Runs commands that need no engine."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def works(self, *words: object) -> tuple[str, str]:
        status, out, err = self._run(*words)
        assert status == 0, err
        return out, err

    def fails(self, *words: object) -> str:
        """The one line on standard error."""
        status, out, err = self._run(*words)
        assert status == 2, out
        assert err.endswith("\n")
        assert len(err.splitlines()) == 1, err
        assert err.startswith("workbench: ")
        return err

    def _run(self, *words: object) -> tuple[int, str, str]:
        self._capsys.readouterr()
        try:
            status = cli.main([str(word) for word in words], demo=lambda out: 0)
        except SystemExit as ended:
            status = int(str(ended.code))
        out, err = self._capsys.readouterr()
        return status, out, err


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


@pytest.fixture
def project(terminal: Terminal, tmp_path: Path) -> Path:
    terminal.works("new", tmp_path / "project", "--data", "iris")
    return tmp_path / "project"


TABLE = "a,b,c\n" + "\n".join(f"{i},{i * 7 % 11},{'xy'[i % 2]}" for i in range(40)) + "\n"
LONG = "\n".join(",".join(f"c{j}" if i < 0 else str(i * j % 7) for j in range(1000)) for i in range(-1, 30))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("random.csv", np.random.default_rng(0).bytes(3000), "binary"),
        ("paper.pdf", b"%PDF-1.4 \n", "PDF"),
        ("empty.csv", b"", "empty"),
        ("blank.csv", b"\n\n \n", "empty"),
        ("header.csv", b"a,b,c\n", "header"),
        ("one.csv", b"a\n1\n2\n3\n", "one column"),
        ("row.csv", b"a,b\n1,2\n", "--target"),
        ("broken.npz", b"PK\x03\x04 no more", "broken.npz"),
        ("cut-idx3-ubyte", struct.pack(">IIII", 0x803, 1000, 28, 28) + b"\0" * 50, "cut"),
    ],
)
def test_what_is_no_table_is_refused(terminal: Terminal, tmp_path: Path, name: str, content: bytes, says: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    assert says in terminal.fails("new", tmp_path / "p", "--data", file)
    assert not (tmp_path / "p").exists(), "a refused project leaves nothing behind"


@pytest.mark.parametrize(
    ("last", "words", "says"),
    [
        (["k"] * 40, ["--target", "c"], "only one value"),
        ([""] * 40, ["--target", "c"], "with a target"),
        (["x", "y"] * 20, ["--target", "nowhere"], "The columns are: a, b, c"),
        (["x", "y"] * 20, ["--target", "C"], 'Did you mean "c"?'),
        (["x", "y"] * 20, ["--target", "c", "--task", "regression"], "not a number"),
        ([f"n{i}" for i in range(40)], ["--target", "c"], "no classes to learn"),
        (["x", "y"] * 20, ["--template", "nowhere"], "Choose one of"),
        (["x", "y"] * 20, ["--template", "cnn"], "needs pictures"),
        (["x", "y"] * 20, ["--template", "autoencoder", "--task", "classification"], "rebuilds its input"),
        (["x", "y"] * 20, ["--template", "line"], "Try dense"),
    ],
)
def test_a_target_or_template_that_does_not_fit(
    terminal: Terminal, tmp_path: Path, last: list[str], words: list[str], says: str
) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a,b,c\n" + "\n".join(f"{i},{i * 7 % 11},{cell}" for i, cell in enumerate(last)) + "\n")
    assert says in terminal.fails("new", tmp_path / "p", "--data", file, *words)


def test_folders_that_are_no_pictures_by_class(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "nothing here" in terminal.fails("new", tmp_path / "p", "--data", tmp_path / "empty")
    for name in ("bad/a", "bad/b", "flat", "one/a"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "bad/a/x.png").write_bytes(b"not a picture")
    (tmp_path / "bad/b/y.jpg").write_bytes(b"")
    assert "None of the 2 pictures" in terminal.fails("new", tmp_path / "p", "--data", tmp_path / "bad")
    for place in ("flat/1.png", "one/a/1.png", "one/a/2.png"):
        Image.new("RGB", (9, 9)).save(tmp_path / place)
    assert "rebuild its input" in terminal.fails("new", tmp_path / "p", "--data", tmp_path / "flat")
    assert "single picture" in terminal.fails("new", tmp_path / "p", "--data", tmp_path / "flat/1.png")
    assert "one class" in terminal.fails("new", tmp_path / "p", "--data", tmp_path / "one")
    assert "--target" in terminal.fails("new", tmp_path / "p", "--data", "digits", "--target", "x")
    assert "--task" in terminal.fails("new", tmp_path / "p", "--data", "digits", "--task", "regression")


def test_a_picture_that_cannot_be_decoded_is_said_and_the_others_are_used(terminal: Terminal, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / "d" / name).mkdir(parents=True)
        for i in range(6):
            Image.new("RGB", (9, 9), (i, 9, 9)).save(tmp_path / "d" / name / f"{i}.png")
    (tmp_path / "d/a/bad.png").write_bytes(b"\x89PNG\r\n\x1a\nno")
    _, err = terminal.works("new", tmp_path / "p", "--data", tmp_path / "d")
    assert "1 picture" in err


def test_data_that_is_not_there(terminal: Terminal, tmp_path: Path) -> None:
    assert "nope.csv" in terminal.fails("new", tmp_path / "p", "--data", tmp_path / "nope.csv")
    assert "The samples are: line, digits" in terminal.fails("new", tmp_path / "p", "--data", "nosuchsample")


def test_odd_tables_work(terminal: Terminal, tmp_path: Path) -> None:
    for number, content in enumerate(
        (
            b"a,b\n1,2\n2,3\n",
            b"a,b\n1,x\n2,y\n",
            b"a,b,c\n1,2,3\n1,2\n1,2,3,4\n4,5,6\n7,8,9\n1,1,2\n",
            TABLE.encode("utf-16"),
            "größe,länge,maß\n1,2,a\n2,3,b\n3,4,a\n4,4,b\n".encode("latin-1"),
            b"class,def,None,CLASS,c\n"
            + b"\n".join(b"%d,%d,%d,%d,%s" % (i, i, i, i, b"xy"[i % 2 :][:1]) for i in range(9)),
            LONG.encode(),
        )
    ):
        file = tmp_path / f"{number}.csv"
        file.write_bytes(content)
        terminal.works("new", tmp_path / f"p{number}", "--data", file)


def test_a_table_that_must_be_cleaned_first_gets_its_model_then(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "money.csv"
    file.write_text("size,price\n" + "\n".join(f'{i},"${i * 13 + 1000:,}.50"' for i in range(40)))
    out, err = terminal.works("new", tmp_path / "p", "--data", file, "--target", "price")
    assert "no model yet" in err
    assert "clean" in out
    home = ProjectFolder(tmp_path / "p")
    assert not home.load().graph.nodes
    out, _ = terminal.works("clean", tmp_path / "p", "--accept-suggestions")
    assert "Read price as numbers" in out
    assert home.load().graph.nodes


@pytest.mark.parametrize("name", ["we ird", "new\nline", "größe 学习", "-dash", "'quote\"", "a" * 200])
def test_names_of_every_kind(terminal: Terminal, tmp_path: Path, name: str) -> None:
    file = tmp_path / f"{name}.csv"
    file.write_text(TABLE)
    terminal.works("new", tmp_path / name, "--data", file)
    assert "Nothing to clean" in terminal.works("clean", tmp_path / name)[0]


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    name = os.fsdecode(b"odd-\xff")
    (tmp_path / f"{name}.csv").write_text(TABLE)
    for words in (
        ["new", name, "--data", f"{name}.csv"],
        ["clean", name],
        ["info", name],
        ["new", name, "--data", name],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "workbench", *words], cwd=tmp_path, capture_output=True, check=False
        )
        assert done.returncode == (2 if words[-1] == name and len(words) == 4 else 0), done.stderr
        assert b"Traceback" not in done.stderr
    spec = ProjectFolder(tmp_path / name).load().data
    assert spec is not None
    assert spec.path.endswith(f"{name}.csv")


def test_a_place_that_is_taken(terminal: Terminal, tmp_path: Path, project: Path) -> None:
    before = (project / "project.json").read_bytes()
    assert "not empty" in terminal.fails("new", project, "--data", "wine")
    assert (project / "project.json").read_bytes() == before
    (tmp_path / "file").write_text("x")
    assert "file" in terminal.fails("new", tmp_path / "file", "--data", "iris")
    assert "written" in terminal.fails("new", tmp_path / "file" / "below", "--data", "iris")


def test_a_full_disk_keeps_what_was_there(terminal: Terminal, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (project / "project.json").read_bytes()

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)
    assert "No space left" in terminal.fails("clean", project, "--accept-suggestions")
    assert (project / "project.json").read_bytes() == before
    assert [file.name for file in project.iterdir()] == ["project.json"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"format": "workbench-project", "version": 99, "project": {}}', "newer"),
        ('{"format": "workbench-project", "version": 1}', "incomplete"),
        ('{"format": "workbench-project", "version": 1, "project": {"name": 5}}', "project.name"),
        ('{"format": "workbench-proj', "not valid JSON"),
        ("[]", "not a workbench project"),
        ("\0\0\0", "not valid JSON"),
    ],
)
def test_a_damaged_or_newer_project(terminal: Terminal, tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "project.json").write_text(text)
    for words in (
        ("clean", tmp_path),
        ("train", tmp_path),
        ("evaluate", tmp_path),
        ("predict", tmp_path, "--data", "iris"),
        ("export", tmp_path, "--to", "keras", "--out", tmp_path / "m.keras"),
        ("info", tmp_path),
    ):
        assert says in terminal.fails(*words)
    assert (tmp_path / "project.json").read_text() == text


@pytest.mark.parametrize(
    "words",
    [
        ["--epochs", "0"],
        ["--epochs", "-3"],
        ["--epochs", "many"],
        ["--epochs", "1e9"],
        ["--batch-size", "0"],
        ["--batch-size", str(10**9)],
        ["--seed", "-1"],
        ["--seed", str(10**30)],
        ["--device", "tpu"],
        ["--nowhere"],
    ],
)
def test_absurd_settings(terminal: Terminal, project: Path, words: list[str]) -> None:
    assert words[0] in terminal.fails("train", project, *words)
    assert not (project / "runs").exists()


def test_what_is_not_trained_cannot_answer(terminal: Terminal, tmp_path: Path, project: Path) -> None:
    assert "no trained run" in terminal.fails("evaluate", project)
    assert "no trained run" in terminal.fails("export", project, "--to", "onnx", "--out", tmp_path / "m.onnx")
    assert "no project" in terminal.fails("train", tmp_path / "nowhere")


def test_a_step_that_fails_is_named(terminal: Terminal, project: Path) -> None:
    home = ProjectFolder(project)
    steps = (
        Step("a", "trim_text", {"columns": ["species"]}),
        Step("b", "rename_column", {"column": "no", "name": "x"}),
    )
    home.save(headless.replace(home.load(), recipe=steps))
    assert "cleaning step 2" in terminal.fails("train", project)
    steps = (Step("a", "drop_column", {"columns": ["species"]}),)
    home.save(headless.replace(home.load(), recipe=steps))
    assert 'column "species"' in terminal.fails("train", project)


def test_help_and_mistyped_commands(terminal: Terminal) -> None:
    assert "invalid choice" in terminal.fails("bogus")
    assert "--data" in terminal.fails("new", "somewhere")
    out, _ = terminal.works("--help")
    for command in ("new", "clean", "train", "control", "evaluate", "predict", "export", "info", "demo", "check"):
        assert command in out


def test_clean_as_lines_of_json(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a,b,empty,c\n" + "\n".join(f"{i},{'xy'[i % 2]} ,,{i % 3}" for i in range(30)))
    terminal.works("new", tmp_path / "p", "--data", file, "--target", "c", "--task", "classification")
    out, _ = terminal.works("clean", tmp_path / "p", "--json")
    steps = [json.loads(line) for line in out.splitlines()]
    assert steps[0]["kind"] == "drop_column"
    assert not steps[0]["accepted"]
    assert set(steps[0]) == {"kind", "params", "summary", "reason", "accepted"}


def test_the_target_is_never_suggested_away(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a,b,c\n" + "\n".join(f"{i},{i % 5},{'xy'[i % 2] if i % 4 == 0 else ''}" for i in range(90)))
    with pytest.raises(ProjectError):
        ProjectFolder(tmp_path / "p").load()
    file.write_text("a,b,c\n" + "\n".join(f"{i},{i % 5},{'xy'[i % 8 // 4] if i % 4 == 0 else ''}" for i in range(90)))
    terminal.works("new", tmp_path / "p", "--data", file, "--target", "c")
    out, _ = terminal.works("clean", tmp_path / "p")
    assert "Drop column c" not in out


def test_info_of_a_table_is_laid_out(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text(
        "size;kind\n" + "\n".join(f"{i * 1000};{'' if i == 3 else 'xy'[i % 2]}" for i in range(20)) + "\n1;2;3\n"
    )
    out, _ = terminal.works("info", file)
    lines = out.splitlines()
    assert lines[0] == "t.csv: a table, 20 rows, 2 columns (utf-8, semicolon)"
    assert any("set aside: line 22" in line for line in lines)
    at = next(i for i, line in enumerate(lines) if line.split()[:1] == ["column"])
    assert lines[at].split() == ["column", "type", "missing", "distinct", "values"]
    assert "0 to 19,000" in lines[at + 1]
    assert "x (10)" in lines[at + 2]
    found = json.loads(terminal.works("info", file, "--json")[0])
    assert found["kind"] == "table"
    assert [column["name"] for column in found["columns"]] == ["size", "kind"]
    assert found["set_aside"][0]["where"] == "line 22"


def test_info_of_pictures_and_of_a_project(terminal: Terminal, project: Path) -> None:
    out, _ = terminal.works("info", "digits")
    assert out.startswith("digits: 1,797 pictures in 10 classes")
    assert "█" in out
    out, _ = terminal.works("info", project)
    assert "Input → Dense" in out
    assert "runs      none yet" in out
    assert "iris" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--cluster", "10.0.0.1", "--worker", "0"), "no address of a machine"),
        (("--cluster", "10.0.0.1:2222", "--worker", "0"), "at least two different"),
        (("--cluster", "10.0.0.1:2222,10.0.0.2:2222"), "--worker 0 on the first"),
        (("--cluster", "10.0.0.1:2222,10.0.0.2:2222", "--worker", "2"), "which of the 2 it is"),
        (("--cluster", "a:1,b:2", "--worker", "0", "--folds", "3"), "Folds are trained on one machine"),
        (("--resume", "--seed", "8"), "keeps the settings"),
        (("--resume", "--from", "run 1"), "keeps the settings"),
        (("--folds", "1"), "from 2 to"),
    ],
)
def test_what_cannot_be_trained_so_is_said_before_anything_starts(
    terminal: Terminal, project: Path, words: tuple[str, ...], says: str
) -> None:
    assert says in terminal.fails("train", project, *words)
    assert "TF_CONFIG" not in os.environ


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("pause",), "No run of this project is trained"),
        (("pause", "--run", "run 7"), 'no run "run 7"'),
        (("dance",), "invalid choice"),
        (("pause", "--wait", "0"), "expected seconds"),
    ],
)
def test_a_run_that_nobody_trains_cannot_be_asked(
    terminal: Terminal, project: Path, words: tuple[str, ...], says: str
) -> None:
    assert says in terminal.fails("control", project, *words)
