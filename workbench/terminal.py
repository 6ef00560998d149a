"""A line of the terminal that rewrites itself, on standard error, so that what is piped on stays clean."""

from __future__ import annotations

import os
import shutil
import sys


def is_terminal() -> bool:
    """Whether somebody looks at it."""
    return sys.stderr.isatty()


def columns() -> int:
    """Of the terminal, also while the output goes elsewhere."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return shutil.get_terminal_size().columns


def rewrite(text: str) -> None:
    """Let the line be this, as far as there is room."""
    print(f"\r\x1b[K{text[: columns() - 1]}", end="", file=sys.stderr, flush=True)


def clear() -> None:
    """Empty the line, before something else is printed."""
    if is_terminal():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def bar(share: float, width: int = 24) -> str:
    """How much of something is done, 0 to 1."""
    filled = round(min(max(share, 0.0), 1.0) * width)
    return "█" * filled + "░" * (width - filled)
