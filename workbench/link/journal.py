"""What a run tells, in a file of its folder, for those who follow it from another program: a window that shows a run
on several machines, a command that asks it to pause. Nothing listens anywhere: whoever sees the folder can read.

`events.live` holds one message after another, each as 8 bytes of length (little endian) and its frame (link.wire). The
first says who trains (Attended). It is there while the run trains and goes with the program that trains it: what it
told is in the record and the history by then. While nothing happens its time is touched every second, so that silence
means that the program is gone, cut off or stuck. Wishes come the other way: see link.asked.
"""

from __future__ import annotations

import contextlib
import functools
import io
import logging
import os
import socket
import threading
import time
from pathlib import Path

import numpy as np

from workbench.core.errors import TrainError

from .messages import Attended, Batches, Message
from .wire import WireError, decode, encode

log = logging.getLogger(__name__)
NAME = "events.live"
BEAT_SECONDS = 1.0
TOGETHER_SECONDS = 0.25
"""Batches of so much time are written as one message."""
SAME_SECONDS = 5.0
"""By which two readings of when a program began may differ: the clock of the computer is set now and then."""
MOST_BYTES = 64_000_000
"""Of a journal; from there on batches are left out, as the history of the run has them at its end."""
MOST_MESSAGE = 256_000_000
"""Bytes; what says it is longer is no message."""
_LENGTH = 8


class Journal:
    """Writes; to be used as a context manager by the program that trains the run. Safe from any thread.

    A disk that is full or gone ends the journal, with a line in the log, and never the run.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._run = folder.name
        self._file: io.FileIO | None = None
        self._lock = threading.Lock()
        self._batches: list[Batches] = []
        self._written = 0.0
        self._flushed = 0.0

    def __enter__(self) -> Journal:
        with self._lock:
            try:
                self._path.unlink(missing_ok=True)  # of a program that was killed; who reads it notices
                self._file = io.FileIO(self._path, "x")
            except OSError as error:
                self._give_up(error)
            self._write(whoever(self._run))
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._flush()
            if self._file is not None:
                self._file.close()
                self._file = None
                with contextlib.suppress(OSError):  # a reader holds it, on Windows; the next sitting takes its place
                    self._path.unlink(missing_ok=True)

    def tell(self, message: Message) -> None:
        """Write an event of the run."""
        with self._lock:
            if isinstance(message, Batches):
                self._batches.append(message)
                if time.monotonic() - self._flushed >= TOGETHER_SECONDS:
                    self._flush()
                return
            self._flush()
            self._write(message)

    def beat(self) -> None:
        """To be called often: write what waits, and show that the program is there."""
        with self._lock:
            now = time.monotonic()
            if self._batches and now - self._flushed >= TOGETHER_SECONDS:
                self._flush()
            elif self._file is not None and now - self._written >= BEAT_SECONDS:
                self._written = now
                try:
                    os.utime(self._path)
                except OSError as error:
                    self._give_up(error)

    def _flush(self) -> None:
        waiting, self._batches = self._batches, []
        self._flushed = time.monotonic()
        if not waiting or self._file is None or self._file.tell() > MOST_BYTES:
            return
        for group in _in_one_piece(waiting):
            self._write(group)

    def _write(self, message: Message) -> None:
        if self._file is None:
            return
        frame = encode(message)
        self._written = time.monotonic()
        left = memoryview(len(frame).to_bytes(_LENGTH, "little") + frame)
        try:
            while left:  # a disk that is nearly full takes a part of it
                left = left[self._file.write(left) :]
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        log.warning("the journal of %s cannot be written: %s", self._run, error)
        if self._file is not None:
            self._file.close()
            self._file = None


def _in_one_piece(waiting: list[Batches]) -> list[Batches]:
    """As few messages as say the same: those that follow each other are one."""
    groups: list[list[Batches]] = []
    for message in waiting:
        before = groups[-1][-1] if groups else None
        follows = (
            before is not None
            and before.values.keys() == message.values.keys()
            and before.step + _count(before) == message.step
        )
        if follows:
            groups[-1].append(message)
        else:
            groups.append([message])
    return [
        Batches(
            group[-1].run,
            group[-1].epoch,
            group[0].step,
            {name: np.concatenate([np.atleast_1d(m.values[name]) for m in group]) for name in group[0].values},
            group[-1].samples_per_second,
            group[-1].seconds_left,
        )
        for group in groups
    ]


def _count(message: Batches) -> int:
    return max((len(np.atleast_1d(v)) for v in message.values.values()), default=0)


def attended(folder: Path) -> bool:
    """Whether a program that follows wishes trains the run, or did until it was killed."""
    return (folder / NAME).is_file()


def trained_by(folder: Path, seconds: float = 2.5 * BEAT_SECONDS) -> Attended | None:
    """The program that trains the run at this moment and can be followed and asked; None when there is none.

    seconds: of another computer only its sign of life tells, for which so long is waited. Raises OSError.
    """
    with Reader(folder) as reader:
        reader.read()
        by = reader.by
        if by is None or reader.over or is_gone(by):
            return None
        if _here(by):
            return by
        end = time.monotonic() + seconds
        reader.forget()
        while time.monotonic() < end:
            time.sleep(BEAT_SECONDS / 10)
            reader.read()
            if reader.moved:
                return by
    return None


def check_free(folder: Path) -> None:
    """Raises TrainError when a program trains the run now: two would write over each other. What begins between this
    look and the next is told by the engine (link.sole); this one says it before anything is read or started."""
    try:
        by = trained_by(folder)
    except OSError as error:
        raise TrainError(f"The run cannot be read ({error.strerror or error}).", where=str(folder)) from error
    if by is not None:
        raise taken(folder)


def taken(folder: Path) -> TrainError:
    """That another program trains the run, and which, where its journal says so."""
    by: Attended | None = None
    with contextlib.suppress(OSError), Reader(folder) as reader:
        reader.read()
        by = reader.by
    return TrainError(
        f"This run is trained now, by {f'process {by.process} on {by.computer}' if by else 'another program'}.",
        where=folder.name,
        remedy="Pause or stop it by: workbench control PROJECT pause|stop, or follow it in the window.",
    )


class Reader:
    """Follows a run by its journal, from the first message on. Used by one thread."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._file: io.FileIO | None = None
        self._rest = b""
        self._damaged = False
        self._seen: tuple[int, int] = (0, 0)
        self._heard = time.monotonic()
        self.by: Attended | None = None
        self.moved = False

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Read no more."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def forget(self) -> None:
        """Wait for the next sign of life; see `moved`."""
        self.moved = False

    @property
    def quiet(self) -> float:
        """Seconds since the program that trains it showed itself, by this machine's clock alone."""
        return time.monotonic() - self._heard

    def read(self) -> tuple[Message, ...]:
        """What was told since the last time. Raises OSError when the folder cannot be reached."""
        if self._file is None:
            try:
                self._file = io.FileIO(self._path)
            except FileNotFoundError:
                return ()
        found = os.fstat(self._file.fileno())
        seen = (found.st_size, found.st_mtime_ns)
        if seen != self._seen:
            self._seen, self._heard, self.moved = seen, time.monotonic(), True
        said = self._rest + self._file.read() if not self._damaged else b""
        messages: list[Message] = []
        at = 0  # not cut off message by message: a journal of an hour would be copied thousands of times
        while len(said) - at >= _LENGTH:
            begin = at + _LENGTH
            end = begin + int.from_bytes(said[at:begin], "little")
            if end - begin > MOST_MESSAGE:
                log.warning("what follows in the journal of %s is damaged", self._path.parent.name)
                at, self._damaged = len(said), True
                break
            if len(said) < end:
                break
            try:
                messages.append(decode(said[begin:end]))
            except (WireError, RecursionError):
                log.warning("an event of %s cannot be read: another version trains it", self._path.parent.name)
            at = end
        self._rest = said[at:]
        self.by = next((m for m in messages if isinstance(m, Attended)), self.by)
        return tuple(messages)

    @property
    def over(self) -> bool:
        """Whether the program that wrote it has ended in order, or another has begun; `read` has all that it told."""
        if self._file is None:
            return not self._path.is_file()
        try:
            return not os.path.samestat(os.stat(self._path), os.fstat(self._file.fileno()))
        except FileNotFoundError:
            return True


def whoever(run: str) -> Attended:
    """This program, as the one that trains the run."""
    import psutil

    try:
        started = psutil.Process().create_time()
    except psutil.Error:  # a system that does not tell; the journal must not end the run
        started = 0.0
    return Attended(run, socket.gethostname(), os.getpid(), started, _boot(), _space())


def is_gone(by: Attended) -> bool:
    """Whether the program is known to be gone, which only its own computer can say."""
    if not _here(by):
        return False
    import psutil

    try:
        found = psutil.Process(by.process)
        if found.status() == psutil.STATUS_ZOMBIE:
            return True
        # Another program may have its number by now.
        return bool(by.started) and abs(found.create_time() - by.started) > SAME_SECONDS
    except psutil.NoSuchProcess:
        return not _hidden(by.process)
    except psutil.AccessDenied:
        return False


def _hidden(process: int) -> bool:
    """Whether it is there, though what is told of it is kept from this person: it is another's."""
    if os.name != "posix":
        return False
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        pass
    return False


def _here(by: Attended) -> bool:
    """Whether it runs on this computer, since the computer was started, and its number means the same here: in another
    container of this computer it is as far away as on another."""
    return by.computer == socket.gethostname() and by.boot in ("", _boot()) and by.space in ("", _space())


@functools.cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except (OSError, ValueError):  # of other systems only the name of the computer is known
        return ""


@functools.cache
def _space() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:  # of other systems, and where it is kept from this person
        return ""
