"""A run is followed and asked by files in its folder: nothing told is lost, nothing half-written is believed."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from workbench.core.errors import TrainError
from workbench.core.project import EarlyStopping, Project
from workbench.core.storage import ProjectFolder
from workbench.link import asked, journal
from workbench.link.asked import Inbox, ask
from workbench.link.journal import Journal, Reader, attended, check_free, is_gone, trained_by, whoever
from workbench.link.messages import Adjust, Attended, Batches, Control, RunStateChanged, WishHeard


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "20260101-run"
    made.mkdir()
    return made


def batches(first: int, count: int, name: str = "loss") -> Batches:
    return Batches("r", 0, first, {name: np.arange(first, first + count, dtype=np.float32)}, 10.0, 5.0)


def test_what_is_told_is_read_in_its_order_and_goes_with_the_program(folder: Path) -> None:
    with Journal(folder) as told, Reader(folder) as reader:
        told.tell(RunStateChanged("r", "running"))
        first = reader.read()
        assert isinstance(first[0], Attended)
        assert (first[0].process, first[0].computer) == (os.getpid(), socket.gethostname())
        assert first[1:] == (RunStateChanged("r", "running"),)
        assert reader.read() == ()
        assert not reader.over
        told.tell(RunStateChanged("r", "paused"))
        told.__exit__()
        assert reader.over
        assert reader.read() == (
            RunStateChanged("r", "paused"),
        )  # what was told last is there although the file is not
    assert not attended(folder)


def test_batches_that_follow_each_other_are_one_message(folder: Path) -> None:
    with Journal(folder) as told, Reader(folder) as reader:
        told._flushed = float("inf")  # nothing is due by itself
        for message in (batches(0, 3), batches(3, 2), batches(9, 1), batches(10, 1, "other")):
            told.tell(message)
        told.tell(RunStateChanged("r", "running"))
        found = [m for m in reader.read() if isinstance(m, Batches)]
    assert [(m.step, list(m.values)) for m in found] == [(0, ["loss"]), (9, ["loss"]), (10, ["other"])]
    np.testing.assert_array_equal(found[0].values["loss"], np.arange(5))


def test_half_a_message_waits_for_its_other_half(folder: Path) -> None:
    with Journal(folder) as told:
        told.tell(RunStateChanged("r", "running"))
        whole = (folder / journal.NAME).read_bytes()
    (folder / journal.NAME).write_bytes(whole[:-7])
    with Reader(folder) as reader:
        assert len(reader.read()) == 1
        (folder / journal.NAME).write_bytes(whole)
        assert reader.read() == (RunStateChanged("r", "running"),)


def test_what_is_no_message_is_passed_over_and_never_waited_for(folder: Path) -> None:
    with Journal(folder) as told:
        told.tell(RunStateChanged("r", "running"))
        whole = (folder / journal.NAME).read_bytes()
    deep = ("[" * 100_000).encode()
    frame = b"WBL1" + len(deep).to_bytes(8, "little") + deep
    (folder / journal.NAME).write_bytes(len(frame).to_bytes(8, "little") + frame + whole)
    with Reader(folder) as reader:
        assert reader.read()[1:] == (RunStateChanged("r", "running"),)
    (folder / journal.NAME).write_bytes(whole + (1 << 60).to_bytes(8, "little") + bytes(1000))
    with Reader(folder) as reader:
        assert len(reader.read()) == 2
        with open(folder / journal.NAME, "ab") as file:
            file.write(bytes(1000))
        assert reader.read() == ()
        assert len(reader._rest) == 0


def test_a_disk_that_takes_only_a_part_of_a_message_gets_the_rest(folder: Path) -> None:
    class Slow:
        def __init__(self, file: io.FileIO) -> None:
            self._file = file

        def write(self, data: bytes | memoryview) -> int:
            return self._file.write(data[:5])

        def __getattr__(self, name: str) -> object:
            return getattr(self._file, name)

    with Journal(folder) as told, Reader(folder) as reader:
        told._file = Slow(told._file)  # type: ignore[arg-type, assignment]
        told.tell(RunStateChanged("r", "running"))
        told.tell(RunStateChanged("r", "paused"))
        assert reader.read()[1:] == (RunStateChanged("r", "running"), RunStateChanged("r", "paused"))


def test_a_journal_too_long_leaves_out_batches_and_nothing_else(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MOST_BYTES", 100)
    with Journal(folder) as told, Reader(folder) as reader:
        told.tell(batches(0, 3))
        told.tell(RunStateChanged("r", "running"))
        assert reader.read()[1:] == (RunStateChanged("r", "running"),)


def test_a_disk_that_is_gone_ends_the_journal_and_not_the_run(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Journal(folder / "nowhere") as told:
        told.tell(RunStateChanged("r", "running"))
        told.beat()
    assert "cannot be written" in caplog.text


def test_who_trains_a_run_is_known_until_it_is_gone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert trained_by(folder) is None
    with Journal(folder):
        found = trained_by(folder)
        assert found is not None
        assert found.process == os.getpid()
        with pytest.raises(TrainError, match="trained now, by process"):
            check_free(folder)
        monkeypatch.setattr(socket, "gethostname", lambda: "another")
        assert trained_by(folder, seconds=0.2) is None  # no sign of life from there
    check_free(folder)


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a process cannot be looked for")
def test_a_program_that_was_killed_trains_nothing(folder: Path) -> None:
    text = (
        "import os, sys\nfrom pathlib import Path\nfrom workbench.link.journal import Journal\n"
        "Journal(Path(sys.argv[1])).__enter__()\nos._exit(9)"
    )
    subprocess.run(
        [sys.executable, "-c", text, str(folder)],
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert attended(folder)
    assert trained_by(folder) is None
    with Journal(folder):  # the next one takes its place
        assert trained_by(folder) is not None


def test_another_program_with_its_number_is_not_taken_for_it(folder: Path) -> None:
    with Journal(folder), Reader(folder) as reader:
        reader.read()
        by = reader.by
        assert by is not None
        assert not is_gone(by)
        assert is_gone(replace(by, started=by.started - 60))
        assert not is_gone(replace(by, started=0.0))  # an older version does not say when it began


@pytest.mark.skipif(os.name != "posix", reason="elsewhere everybody's processes are told")
def test_a_program_of_another_person_is_not_taken_to_be_gone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Journal(folder), Reader(folder) as reader:
        reader.read()
        by = reader.by
        assert by is not None

        def hidden(number: int | None = None) -> psutil.Process:
            raise psutil.NoSuchProcess(number or 0)

        def refused(_number: int, _signal: int) -> None:
            raise PermissionError

        monkeypatch.setattr(psutil, "Process", hidden)  # as where each person sees only their own in /proc
        assert whoever("r").started == 0.0
        assert is_gone(replace(by, process=2**22 + 1))
        monkeypatch.setattr(os, "kill", refused)
        assert not is_gone(by)


def test_a_computer_of_the_same_name_is_another(folder: Path) -> None:
    with Journal(folder), Reader(folder) as reader:
        reader.read()
        by = reader.by
        assert by is not None
        assert not is_gone(replace(by, process=2**22 + 1, boot="another"))
        assert is_gone(replace(by, process=2**22 + 1))
        assert not is_gone(replace(by, process=2**22 + 1, space="pid:[1]"))  # in another container of this computer


def test_a_trainer_in_another_container_is_known_by_its_signs_of_life(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Journal(folder) as told:
        monkeypatch.setattr(journal, "_space", lambda: "pid:[1]")  # the same number is another program here
        assert trained_by(folder, seconds=0.2) is None
        monkeypatch.setattr(journal, "BEAT_SECONDS", 0.0)
        beats = threading.Thread(target=lambda: [told.beat() for _ in iter(over.is_set, True)])
        over = threading.Event()
        beats.start()
        try:
            assert trained_by(folder, seconds=30) is not None
        finally:
            over.set()
            beats.join()


def test_sign_of_life_comes_without_news(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "BEAT_SECONDS", 0.0)
    with Journal(folder) as told, Reader(folder) as reader:
        reader.read()
        reader.forget()
        os.utime(folder / journal.NAME, (1, 1))
        told.beat()
        assert reader.read() == ()
        assert reader.moved


# ---- wishes --------------------------------------------------------------------------------------------------


def test_what_was_asked_arrives_once_and_in_its_order(folder: Path) -> None:
    with Journal(folder):
        inbox = Inbox(folder)
        early = EarlyStopping(True, "val_loss", 4, 0.1)
        wishes = [
            Control(folder.name, "pause"),
            Adjust(folder.name, learning_rate=0.01, batch_size=8, epochs=9, early_stopping=early),
            Control(folder.name, "resume"),
        ]
        names = [ask(folder, wish) for wish in wishes]
        taken = inbox.take()
        assert [w.name for w in taken] == names
        assert [w.message for w in taken] == wishes
        assert inbox.take() == ()
        ask(folder, Control(folder.name, "stop"))
        assert [w.message for w in inbox.take()] == [Control(folder.name, "stop")]


def test_those_who_ask_at_once_are_all_heard(folder: Path) -> None:
    with Journal(folder):
        inbox = Inbox(folder)
        threads = [
            threading.Thread(target=lambda: [ask(folder, Control(folder.name, "pause")) for _ in range(25)])
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({wish.name for wish in inbox.take()}) == 100


def test_nobody_is_asked_where_nobody_trains(folder: Path) -> None:
    with pytest.raises(TrainError, match="No program that can be asked"):
        ask(folder, Control(folder.name, "pause"))
    assert list(folder.iterdir()) == []


def test_what_was_asked_of_an_earlier_program_is_forgotten(folder: Path) -> None:
    with Journal(folder):
        ask(folder, Control(folder.name, "stop"))
    assert Inbox(folder).take() == ()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"ask": "dance"}, "cannot be asked"),
        ({}, "cannot be asked"),
        ({"ask": "set"}, "Nothing is to be changed"),
        ({"ask": "set", "rate": 1}, "cannot be changed while"),
        ({"ask": "set", "learning_rate": -1}, "above 0"),
        ({"ask": "set", "learning_rate": True}, "above 0"),
        ({"ask": "set", "learning_rate": 1e999}, "above 0"),
        ({"ask": "set", "batch_size": 2.5}, "whole number"),
        ({"ask": "set", "epochs": 10**9}, "whole number"),
        ({"ask": "set", "early_stopping": {"patience": "x"}}, "whole number"),
        ({"ask": "set", "early_stopping": {"enabled": True, "patience": 0}}, "1 epoch or more"),
        ({"ask": "set", "early_stopping": {"enabled": True, "patience": 10**400}}, "1 epoch or more"),
        ({"ask": "set", "early_stopping": {"enabled": True, "min_delta": 10**400}}, "Expected a number"),
        ({"ask": "set", "early_stopping": {"enabled": True, "min_delta": {"float": "NaN"}}}, "is a number"),
        ({"ask": "set", "learning_rate": 10**400}, "above 0"),
        ({"ask": "set", "batch_size": 10**400}, "whole number"),
    ],
)
def test_what_cannot_be_done_is_told_with_its_reason(folder: Path, said: dict[str, object], why: str) -> None:
    inbox = Inbox(folder)
    (folder / asked.NAME).write_text(json.dumps({"wish": "a", **said}) + "\n")
    (found,) = inbox.take()
    assert (found.name, found.message) == ("a", None)
    assert why in found.why


def test_lines_that_are_no_wish_are_skipped(folder: Path) -> None:
    inbox = Inbox(folder)
    good = json.dumps({"wish": "good", "ask": "pause"})
    long = json.dumps({"wish": "long", "ask": "pause", "more": "x" * asked.LINE})
    deep = "[" * (asked.LINE - 10)
    text = f'{{"wish": "cut\n[]\n17\n{deep}\n{{"ask": "stop"}}\n{long}\n\n{good}\n{{"wish": "half'
    (folder / asked.NAME).write_bytes(b"\xff\xfe\n" + text.encode())
    assert [wish.name for wish in inbox.take()] == ["good"]
    with open(folder / asked.NAME, "a") as file:
        file.write('", "ask": "resume"}\n')
    assert [wish.name for wish in inbox.take()] == ["half"]


def test_a_file_that_is_filled_up_is_looked_through_in_pieces(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "AT_ONCE", 10)
    inbox = Inbox(folder)
    text = json.dumps({"wish": "late", "ask": "stop"}) + "\n"
    (folder / asked.NAME).write_text(text)
    looks = [inbox.take() for _ in range(len(text) // 10)]
    assert not any(looks)
    assert [wish.name for wish in inbox.take()] == ["late"]


def test_an_answer_crosses(folder: Path) -> None:
    with Journal(folder) as told, Reader(folder) as reader:
        told.tell(WishHeard("r", "a", "why not"))
        assert reader.read()[-1] == WishHeard("r", "a", "why not")


def test_a_copy_of_a_project_is_trained_by_nobody(tmp_path: Path) -> None:
    home = ProjectFolder(tmp_path / "home")
    home.save(Project())
    run = home.runs / "run"
    run.mkdir(parents=True)
    with Journal(run):
        ask(run, Control("run", "pause"))
        copy = home.copy_to(tmp_path / "copy").runs / "run"
        with pytest.raises(TrainError, match="is trained now"):
            check_free(run)
        check_free(copy)
        assert list(copy.iterdir()) == []
