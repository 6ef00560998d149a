"""Picks a face: the window, or the command line. Imports nothing heavy before it must.

This is the one place that knows both the faces and the engine: it hands the window the way to start one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

COMMANDS = ("new", "source", "clean", "train", "control", "evaluate", "predict", "export", "info", "demo", "check")
IN_PROCESS = "--in-process"
QT_LINE = "apt-get install -y libglib2.0-0 libgl1 libegl1 libxkbcommon0 libfontconfig1 libdbus-1-3"
X_LINE = (
    "apt-get install -y libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1 "
    "libxcb-randr0"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program. Returns the exit status: 0, or 2 with one line on standard error."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given and (given[0] in COMMANDS or given[0] in ("-h", "--help", "--version")):
        from workbench import cli

        return cli.main(given, demo)
    in_process = IN_PROCESS in given
    rest = [a for a in given if a != IN_PROCESS]
    if len(rest) > 1 or (rest and rest[0].startswith("-")):
        return fail(f"expected one file, folder or command, found: {' '.join(rest)}; try: workbench --help")
    path = Path(rest[0]).expanduser() if rest else None
    if path is not None and not path.exists():
        return fail(f"{path}: there is no such file or folder, and no command of that name; try: workbench --help")
    return window(path, in_process=in_process)


def window(path: Path | None, *, in_process: bool = False) -> int:
    """Open the window. What is missing on this machine is said in one line."""
    problem = no_screen()
    if problem:
        return fail(problem)
    try:
        from workbench.ui.app import run
    except ImportError as error:
        return fail(missing_library(error))
    return run(path, transport(in_process))


def transport(in_process: bool = False) -> object:
    """How an engine is started: as a child process, or on threads of this one."""
    if in_process:
        from workbench.engine.main import in_process_transport

        return in_process_transport
    from workbench.link.spawn import ChildProcess

    return ChildProcess


def demo(out: Path) -> int:
    """The whole journey on a sample, with pictures of every page."""
    from workbench.demo import demo as journey

    return journey(out)


def no_screen() -> str:
    """Why there can be no window here, as one line; "" when there can."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return missing_xcb() if os.environ.get("QT_QPA_PLATFORM", "xcb") == "xcb" and sys.platform == "linux" else ""
    if os.environ.get("WAYLAND_DISPLAY"):
        return ""
    if not os.environ.get("DISPLAY"):
        return (
            "there is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set); try: workbench demo, "
            "which needs none, or set QT_QPA_PLATFORM=offscreen"
        )
    return missing_xcb()


def missing_xcb() -> str:
    """Qt ends the program when a library of its X plugin is missing, so they are looked for first."""
    import ctypes

    names = (
        "libxcb-cursor.so.0 libxkbcommon-x11.so.0 libxcb-icccm.so.4 libxcb-keysyms.so.1 libxcb-shape.so.0 "
        "libxcb-xkb.so.1 libxcb-randr.so.0"
    )
    missing = []
    for name in names.split():
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    return f"this machine lacks {', '.join(missing)}, which a window needs; try: {X_LINE}" if missing else ""


def missing_library(error: ImportError) -> str:
    """Which system library Qt misses and the line that installs it, or what could not be imported."""
    text = str(error)
    if ".so" in text and "cannot open shared object" in text:
        return f"this machine lacks {text.split(':')[0]}, which Qt needs; try: {QT_LINE}"
    return f"the window cannot be opened ({text}); try: workbench check"


def fail(line: str) -> int:
    """One line on standard error; the exit status of a person's mistake."""
    print(f"workbench: {line}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    raise SystemExit(main())
