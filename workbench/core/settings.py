"""Where things live on this machine, and what the person prefers.

Everything is under platformdirs' user folders, or under the folder named by WORKBENCH_HOME when that is set.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs

from .codec import decode, encode
from .errors import ProjectError
from .project import Record
from .storage import atomic_write

log = logging.getLogger(__name__)
RECENT_LIMIT = 12


def home() -> Path:
    """The folder for drafts, settings and logs."""
    named = os.environ.get("WORKBENCH_HOME")
    return Path(named) if named else Path(platformdirs.user_data_dir("workbench", appauthor=False))


def drafts_folder() -> Path:
    """Where projects live that were not yet given a place of their own."""
    return home() / "drafts"


def cache_folder() -> Path:
    """Prepared arrays, by content hash; safe to delete."""
    named = os.environ.get("WORKBENCH_HOME")
    return Path(named) / "cache" if named else Path(platformdirs.user_cache_dir("workbench", appauthor=False))


def logs_folder() -> Path:
    return home() / "logs"


@dataclass(frozen=True)
class Settings(Record):
    """theme: "system" | "light" | "dark". recent: project folders, the newest first. favourites: layers with a star.
    announce: tell the end of a long run by the desktop."""

    theme: str = "system"
    recent: tuple[str, ...] = ()
    window: str = ""  # Qt's saved geometry, base64
    last_folder: str = ""
    favourites: tuple[str, ...] = ()
    announce: bool = True

    def with_recent(self, folder: Path) -> Settings:
        """With `folder` first among the recent projects."""
        path = str(folder)
        kept = tuple(p for p in self.recent if p != path)
        return replace(self, recent=(path, *kept)[:RECENT_LIMIT])


def settings_file() -> Path:
    return home() / "settings.json"


def load_settings() -> Settings:
    """What was saved; the defaults when there is nothing, or when the file cannot be read (said in the log,
    and the unreadable file is kept beside it)."""
    path = settings_file()
    try:
        return decode(Settings, json.loads(path.read_text("utf-8")), "settings")
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError, ProjectError) as error:
        log.info("settings not readable, defaults used: %s", error)
        try:
            path.replace(path.with_suffix(".unreadable.json"))
        except OSError as kept:  # a folder that cannot be written must not keep the program from starting
            log.info("the unreadable settings stay where they are: %s", kept)
        return Settings()


def save_settings(settings: Settings) -> None:
    """Raises ProjectError when the folder cannot be written."""
    atomic_write(settings_file(), json.dumps(encode(settings), indent=1).encode())
