"""Logs that TensorBoard reads: the curves of a run by epoch and by batch, and its settings.

Folders and tags are those of `keras.callbacks.TensorBoard`, so that runs of scripts lie beside ours. The files are
TFRecords of TensorFlow's own Event messages, written without the tensorboard package, which need not be there.

`epochs.jsonl` beside them says after each epoch how long the files were: a run that is resumed cuts them where it goes
on, so that no epoch is there twice, and writes what was trained of an epoch before it was left.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.core.framework import summary_pb2, tensor_pb2, types_pb2
from tensorflow.core.util import event_pb2

from workbench.core.codec import encode

from .job import Job

log = logging.getLogger(__name__)
FOLDER = "tensorboard"
INDEX = "epochs.jsonl"
PARTS = ("train", "validation")


class Board:
    """Writes <run>/tensorboard/train and validation. What cannot be written is for the log: the run goes on."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._home = job.folder / FOLDER
        self._writers: dict[str, Any] = {}
        self._step = 0
        self._quietly(self._begin)

    def _begin(self) -> None:
        """Cut off what the run does anew, and write what is missing of what it has done."""
        place, history = self._job.place, self._job.history
        kept = [line for line in _read_lines(self._home / INDEX) if line["epochs"] <= place.epoch]
        last = kept[-1] if kept else {"epochs": 0, "batches": 0, "files": {}}
        self._home.mkdir(parents=True, exist_ok=True)
        for path in self._files():
            size = last["files"].get(path.relative_to(self._home).as_posix(), 0)
            if not size:
                path.unlink()
            elif path.stat().st_size > size:
                os.truncate(path, size)
        text = "".join(json.dumps(line) + "\n" for line in kept)
        (self._home / INDEX).write_text(text, encoding="utf-8")
        self._step = last["batches"]
        if not kept:
            settings = json.dumps(encode(self._job.settings), indent=2, ensure_ascii=False)
            self._write("train", [_text("settings", f"```json\n{settings}\n```")])
        for epoch in range(last["epochs"], place.epoch):
            self.epoch(epoch, {name: float(history.epochs[name][epoch]) for name in history.epochs.names})

    def _files(self) -> list[Path]:
        return sorted(path for part in PARTS for path in (self._home / part).glob("events.*"))

    def epoch(self, epoch: int, logs: Mapping[str, float]) -> None:
        """The figures of an epoch, and the losses of its batches."""
        held_out = [
            _scalar(f"epoch_{name.removeprefix('val_')}", value, epoch)
            for name, value in logs.items()
            if name.startswith("val_")
        ]
        trained = [_scalar(f"epoch_{n}", v, epoch) for n, v in logs.items() if not n.startswith("val_")]
        losses = self._job.history.batches["loss"][self._step :].tolist()
        trained += [_scalar("batch_loss", value, self._step + i) for i, value in enumerate(losses)]
        self._step += len(losses)
        self._write("train", trained)
        if held_out:
            self._write("validation", held_out)
        self._quietly(lambda: self._note(epoch + 1))

    def _note(self, epochs: int) -> None:
        files = {path.relative_to(self._home).as_posix(): path.stat().st_size for path in self._files()}
        line = json.dumps({"epochs": epochs, "batches": self._step, "files": files})
        with open(self._home / INDEX, "a", encoding="utf-8") as index:
            index.write(line + "\n")

    def close(self) -> None:
        """End the files."""
        for writer in self._writers.values():
            self._quietly(writer.close)

    def _write(self, part: str, events: list[event_pb2.Event]) -> None:
        def write() -> None:
            writer = self._writers.get(part)
            if writer is None:
                (self._home / part).mkdir(parents=True, exist_ok=True)
                number = len(list((self._home / part).iterdir()))  # two in a second must not be one
                name = f"events.out.tfevents.{int(time.time())}.{socket.gethostname()}.{os.getpid()}.{number}.v2"
                writer = self._writers[part] = tf.io.TFRecordWriter(str(self._home / part / name))
                head = event_pb2.Event(wall_time=time.time(), file_version="brain.Event:2")
                writer.write(head.SerializeToString())
            for event in events:
                writer.write(event.SerializeToString())
            writer.flush()

        self._quietly(write)

    def _quietly(self, what: Any) -> None:
        try:
            what()
        except (
            tf.errors.OpError,
            OSError,
            ValueError,
            KeyError,
            TypeError,
        ):  # an index of another program's making too
            log.exception("the TensorBoard logs of %s are not complete", self._job.folder.name)


def _read_lines(path: Path) -> list[dict[str, Any]]:
    """What the index says; a last line that was cut off by a kill is none."""
    found = []
    with contextlib.suppress(FileNotFoundError):
        for line in path.read_text(encoding="utf-8").splitlines():
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
    return found


def _scalar(tag: str, value: float, step: int) -> event_pb2.Event:
    summary = summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, simple_value=value)])
    return event_pb2.Event(wall_time=time.time(), step=step, summary=summary)


def _text(tag: str, text: str) -> event_pb2.Event:
    tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, string_val=[text.encode()])
    kind = summary_pb2.SummaryMetadata(plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="text"))
    value = summary_pb2.Summary.Value(tag=tag, tensor=tensor, metadata=kind)
    return event_pb2.Event(wall_time=time.time(), step=0, summary=summary_pb2.Summary(value=[value]))
