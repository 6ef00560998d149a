"""The engine as a child process, reached through an inherited pipe.

The pipe has no name and no address: nobody else can connect to it. The child inherits that one handle and nothing
more; what it prints goes to engine.log in the log folder. It watches its end of the pipe and ends itself when this
process is gone, however this process ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from multiprocessing import Pipe
from pathlib import Path
from typing import IO, Any

from workbench.core.settings import logs_folder

from .transport import KILLED, Connection

LOG_NAME = "engine.log"
LAST_WORDS = 20_000  # bytes of the log
LOG_LIMIT = 2_000_000  # bytes; a longer log is moved aside before the next start


class ChildProcess:
    """A running `python -m workbench.engine`. See link.transport.Transport.

    Args:
        give_way: from its first training on it leaves the processor to others first, as a window wants; a command line
            that waits for it does not.
        threads: processor threads it computes with; 0 for all.
    """

    def __init__(self, *, give_way: bool = True, threads: int = 0) -> None:
        ours, theirs = Pipe(duplex=True)
        self.log_file = log_file()
        try:
            with _open_log(self.log_file) as log:
                self._told_before = log.seek(0, os.SEEK_END)
                self._process = _start(theirs, log, give_way, threads)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self._connection = ours

    @property
    def connection(self) -> Connection:
        return self._connection

    @property
    def pid(self) -> int:
        return self._process.pid

    def ended(self, timeout: float) -> str | None:
        """See Transport.ended."""
        limited = _memory_is_limited(self.pid)  # before its number is given to others
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        return _described(code, short=limited or _was_short(self.log_file, self._told_before))

    def kill(self) -> None:
        """See Transport.kill."""
        self._process.kill()


def log_file() -> Path:
    """Where the engine's own log is."""
    return logs_folder() / LOG_NAME


def _open_log(path: Path) -> IO[bytes]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size > LOG_LIMIT:
                os.replace(path, path.with_suffix(".old.log"))
        return open(path, "ab")
    except OSError:  # a full or read-only disk must not keep the engine from starting
        return open(os.devnull, "ab")


def _start(theirs: Any, log: IO[bytes], give_way: bool, threads: int) -> subprocess.Popen[bytes]:
    # -P: a folder that happens to be the current one must not shadow modules. The package itself is found by its path.
    command = [sys.executable, "-P", "-m", "workbench.engine"]
    root = str(Path(__file__).resolve().parents[2])
    inherited = os.environ.get("PYTHONPATH", "")
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(p for p in (root, inherited) if p),
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    handle: int = theirs.fileno()
    command += [str(handle), *(["--give-way"] if give_way else []), *([f"--threads={threads}"] if threads else [])]
    if sys.platform == "win32":
        os.set_handle_inheritable(handle, True)
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=env,
            startupinfo=subprocess.STARTUPINFO(lpAttributeList={"handle_list": [handle]}),
            creationflags=subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP,
        )
    # Its own session: Ctrl+C in a terminal reaches the face alone, which then ends the engine in order.
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env=env,
        pass_fds=(handle,),
        start_new_session=True,
    )


def _memory_is_limited(pid: int) -> bool:
    """Whether a process may only have so much memory (`ulimit -v`, `prlimit`)."""
    if sys.platform != "linux":
        return False
    import resource

    try:
        return any(
            resource.prlimit(pid, kind)[0] != resource.RLIM_INFINITY
            for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA)
        )
    except OSError:  # it is gone already
        return False


def _was_short(log: Path, begin: int) -> bool:
    """Whether an engine that ended badly said that it got no memory. begin: of its own lines in the log."""
    from workbench.core.data.memory import says_shortage

    try:
        with open(log, "rb") as file:
            file.seek(max(begin, file.seek(0, os.SEEK_END) - LAST_WORDS))
            return says_shortage(file.read().decode("utf-8", "replace"))
    except OSError:
        return False


def _described(code: int, *, short: bool = False) -> str:
    """short: memory is what it lacked, as far as can be known."""
    if code == 0:
        return ""
    if code > 0 and short:
        return KILLED
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        if name == "SIGKILL":
            return KILLED
        if name in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGTRAP", "SIGILL") and short:
            return KILLED  # native code that gets no memory has no other way to say so
        if name in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE"):
            return f"a native library crashed ({name})"
        return f"it was ended by {name}"
    return f"exit status {code}"
