"""From older formats to the current one, dict to dict. A frozen sample of each version is in tests/core/samples."""

from __future__ import annotations

from collections.abc import Callable

from .project import Json

VERSION = 1

# version -> the function that makes the next version of it
MIGRATIONS: dict[int, Callable[[Json], Json]] = {}


def migrate(project: Json, version: int) -> Json:
    """The project dict of `version` as one of the current VERSION."""
    for step in range(version, VERSION):
        project = MIGRATIONS[step](project)
    return project
