"""One engine at a time trains a run, also when two begin in the same instant."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.core.errors import Cancelled, TrainError
from workbench.link import sole as module
from workbench.link.attendance import Attendance
from workbench.link.journal import Journal, attended, trained_by
from workbench.link.messages import RunStateChanged
from workbench.link.sole import sole

PROGRAM = """
import sys
from pathlib import Path
from workbench.core.errors import TrainError
from workbench.link.sole import sole
print("ready", flush=True)
sys.stdin.readline()
try:
    with sole(Path(sys.argv[1]), wait=0.0):
        print("mine", flush=True)
        sys.stdin.readline()
except TrainError as error:
    print(error.what, flush=True)
"""


@pytest.fixture
def two(tmp_path: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Programs that are about to train the run in tmp_path, each as soon as it is written a line."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    made = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for _ in range(2)
    ]
    assert [line(program) for program in made] == ["ready", "ready"]
    yield made
    for program in made:
        program.kill()
        program.communicate()


def line(program: subprocess.Popen[str]) -> str:
    assert program.stdout is not None
    return program.stdout.readline().strip()


def let(program: subprocess.Popen[str]) -> None:
    assert program.stdin is not None
    program.stdin.write("\n")
    program.stdin.flush()


def test_of_two_programs_in_the_same_instant_one_trains(two: list[subprocess.Popen[str]], tmp_path: Path) -> None:
    for program in two:
        let(program)
    said = {line(program): program for program in two}
    assert set(said) == {"mine", "This run is trained now, by another program."}
    with pytest.raises(TrainError, match="trained now"), sole(tmp_path, wait=0.0):
        pass
    said["mine"].kill()  # as the system does when the memory runs out
    with sole(tmp_path):
        pass


def test_one_that_is_about_to_end_is_waited_for_as_long_as_that_is_wanted(tmp_path: Path) -> None:
    looks = []

    def looked() -> None:
        looks.append(1)
        if len(looks) == 3:
            other.close()

    def held() -> Iterator[None]:
        with sole(tmp_path):
            yield

    other = held()
    next(other)
    with sole(tmp_path, looked):
        assert len(looks) == 3

    def given_up() -> None:
        raise Cancelled

    again = held()
    next(again)
    with pytest.raises(Cancelled), sole(tmp_path, given_up):
        pass
    again.close()


def test_who_trains_it_is_named_and_keeps_its_journal(tmp_path: Path) -> None:
    with sole(tmp_path), Journal(tmp_path), Attendance(tmp_path) as late:
        assert list(late.wishes()) == []  # it has been told nothing yet
        with pytest.raises(TrainError, match=f"process {os.getpid()} on"), sole(tmp_path, wait=0.0):
            late.tell(RunStateChanged(tmp_path.name, "preparing"))
        late.tell(RunStateChanged(tmp_path.name, "stopping", request=7))  # a click, while its engine waits
        assert attended(tmp_path)
    assert not attended(tmp_path)
    with Attendance(tmp_path) as others:
        assert trained_by(tmp_path) is None
        others.tell(RunStateChanged(tmp_path.name, "preparing"))
        assert trained_by(tmp_path) is not None
    assert not attended(tmp_path)


def test_a_folder_without_locks_or_not_writable_does_not_keep_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_handle: int) -> bool:
        raise OSError(errno.ENOLCK, "No locks available")

    with sole(tmp_path / "gone"):
        pass
    if os.name == "posix":
        monkeypatch.setattr(module.fcntl, "flock", lambda *_: none(0))
        with sole(tmp_path), sole(tmp_path):
            pass
