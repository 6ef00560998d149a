"""The base of everything that is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Any  # None | bool | int | float | str | list | dict, as the json module reads them


@dataclass(frozen=True)
class Record:
    """A frozen dataclass that keeps fields it does not know in `extra`, see `project`."""

    extra: Mapping[str, Json] = field(default_factory=dict, kw_only=True, repr=False)
