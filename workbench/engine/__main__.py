"""The engine process: `python -m workbench.engine HANDLE [--give-way] [--threads=N]`, started by link.spawn."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys

GIVE_WAY, THREADS = "--give-way", "--threads="


def main() -> int:
    """Serve the inherited pipe; ends with it."""
    if len(sys.argv) < 2 or not sys.argv[1].isdecimal():
        print("This is the engine; it is started by the workbench itself.", file=sys.stderr)
        return 2
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    from .devices import quiet, use_threads

    quiet()
    use_threads(next((int(word.removeprefix(THREADS)) for word in sys.argv if word.startswith(THREADS)), 0))
    handle = int(sys.argv[1])
    if sys.platform == "win32":
        from multiprocessing.connection import PipeConnection

        connection = PipeConnection(handle)
    else:
        from multiprocessing.connection import Connection

        connection = Connection(handle)
    from .main import serve
    from .priority import give_way

    logging.info("engine %s begins", os.getpid())
    serve(connection, give_way if GIVE_WAY in sys.argv else None)
    logging.info("engine %s ends", os.getpid())
    logging.shutdown()
    # Threads inside TensorFlow may still compute; everything of worth is on disk by now.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
