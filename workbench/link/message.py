"""What every message is."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Message:
    request: int = field(default=0, kw_only=True)
