"""What is not as it was when a run is resumed, and may change the last digits of its numbers."""

from __future__ import annotations

from workbench.core.runs import RunRecord

from . import devices


def resumed_note(record: RunRecord, device: str) -> str:
    """That a run goes on under other versions, or on another kind of device, for people; "" where neither is so."""
    now = devices.versions()
    other = [
        f"{name} {record.versions[name]} → {now[name]}"
        for name in now
        if record.versions.get(name, now[name]) != now[name]
    ]
    told = [f"under other versions ({', '.join(other)})"] if other else []
    if record.device and _kind(record.device) != _kind(device):
        told.append(f"on {device}, not {record.device}")
    if not told:
        return ""
    return f"Resumed {' and '.join(told)}: the last digits may differ from those of a run that was never left."


def _kind(device: str) -> str:
    """ "gpu" of "gpu:1"; several together are a kind of their own."""
    return device.partition(":")[0].strip().lower()
