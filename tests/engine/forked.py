"""Processes that know nothing of the workbench, without TensorFlow's import for each: forks of one that has only that.

A fork is as fresh as a new process as far as an exported file is concerned: the parent has imported Keras and
TensorFlow and computed nothing, so no thread, no graph and no registered class is there that a new one would lack.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PARENT = """
import json, os, sys, traceback
import numpy, keras, tensorflow
print("ready", flush=True)
for line in sys.stdin:
    script, arguments, folder, environment, said = json.loads(line)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            errors = os.open(said, os.O_WRONLY | os.O_CREAT)
            os.dup2(errors, 2)
            os.dup2(errors, 1)
            os.chdir(folder)
            os.environ.clear()
            os.environ.update(environment)
            sys.argv = ["-c", *arguments]
            exec(compile(script, "<string>", "exec"), {"__name__": "__main__"})
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Forks:
    """`run` stands in for workbench.engine.export.fresh.run; close it at the end."""

    def __init__(self) -> None:
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
        self._parent = subprocess.Popen(
            [sys.executable, "-I", "-B", "-c", PARENT],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._line() == "ready"

    def _line(self) -> str:
        assert self._parent.stdout is not None
        return self._parent.stdout.readline().strip()

    def run(
        self, script: str, arguments: list[str], folder: str, environment: dict[str, str], timeout: float
    ) -> subprocess.CompletedProcess[str]:
        assert self._parent.stdin is not None
        with tempfile.TemporaryDirectory() as place:
            said = Path(place) / "stderr"
            self._parent.stdin.write(json.dumps([script, arguments, folder, environment, str(said)]) + "\n")
            self._parent.stdin.flush()
            code = int(self._line())
            return subprocess.CompletedProcess(arguments, code, "", said.read_text())

    def close(self) -> None:
        self._parent.communicate()
