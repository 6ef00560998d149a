"""Logs that TensorBoard reads: the curves of a run by epoch and by batch, its model and its settings.

Folders and tags are those of `keras.callbacks.TensorBoard`, so that runs of scripts lie beside ours.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from workbench.core.codec import encode

from .job import Job

log = logging.getLogger(__name__)
FOLDER = "tensorboard"


class Board:
    """Writes <run>/tensorboard/train and validation. What cannot be written is for the log: the run goes on."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._home = job.folder / FOLDER
        self._writers: dict[str, Any] = {}
        self._step = job.place.batches
        text = json.dumps(encode(job.settings), indent=2, ensure_ascii=False)
        self._write("train", lambda: tf.summary.text("settings", f"```json\n{text}\n```", step=0))

    def epoch(self, epoch: int, logs: Mapping[str, float]) -> None:
        """The figures of an epoch, and the losses of its batches."""
        held_out = {n.removeprefix("val_"): v for n, v in logs.items() if n.startswith("val_")}
        trained = {n: v for n, v in logs.items() if not n.startswith("val_")}
        losses = self._job.history.batches["loss"][self._step :]

        def train() -> None:
            for name, value in trained.items():
                tf.summary.scalar(f"epoch_{name}", value, step=epoch)
            for i, value in enumerate(losses):
                tf.summary.scalar("batch_loss", float(value), step=self._step + i)

        def validation() -> None:
            for name, value in held_out.items():
                tf.summary.scalar(f"epoch_{name}", value, step=epoch)

        self._write("train", train)
        if held_out:
            self._write("validation", validation)
        self._step += len(losses)

    def close(self) -> None:
        """Write what is not written yet."""
        for writer in self._writers.values():
            try:
                writer.close()
            except (tf.errors.OpError, OSError):
                log.exception("the TensorBoard logs of %s are not complete", self._job.folder.name)

    def _write(self, part: str, what: Any) -> None:
        try:
            if part not in self._writers:
                self._writers[part] = tf.summary.create_file_writer(str(self._home / part))
            with self._writers[part].as_default(), tf.device("/CPU:0"):
                what()
        except (tf.errors.OpError, OSError):
            log.exception("the TensorBoard logs of %s are not complete", self._job.folder.name)
