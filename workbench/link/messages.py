"""Everything that crosses between a face (window or command line) and the engine.

Frozen dataclasses. `request` is the number the asker gave; an answer carries the same. `run` names the run an
event belongs to (the name of its folder). Arrays are numpy and travel as raw buffers; large data never crosses,
only the path of a run folder or of prepared arrays.
"""

from __future__ import annotations

from .answers import (
    Batches,
    Device,
    EpochEnded,
    Evaluated,
    Exported,
    Failed,
    Forecasted,
    GraphChecked,
    ModelDescribed,
    ModelImported,
    Predicted,
    Probed,
    Progress,
    Ready,
    RunAdjusted,
    RunEnded,
    RunStarted,
    RunStateChanged,
    Varied,
    Vitals,
)
from .message import Message
from .requests import (
    Adjust,
    Cancel,
    CheckGraph,
    Control,
    Evaluate,
    Export,
    Forecast,
    ImportModel,
    InspectModel,
    MakeNetwork,
    Predict,
    PredictFile,
    Shutdown,
    Train,
    Vary,
    Warm,
)

PROTOCOL = 1

__all__ = [
    "PROTOCOL",
    "Adjust",
    "Batches",
    "Cancel",
    "CheckGraph",
    "Control",
    "Device",
    "EpochEnded",
    "Evaluate",
    "Evaluated",
    "Export",
    "Exported",
    "Failed",
    "Forecast",
    "Forecasted",
    "GraphChecked",
    "ImportModel",
    "InspectModel",
    "MakeNetwork",
    "Message",
    "ModelDescribed",
    "ModelImported",
    "Predict",
    "PredictFile",
    "Predicted",
    "Probed",
    "Progress",
    "Ready",
    "RunAdjusted",
    "RunEnded",
    "RunStarted",
    "RunStateChanged",
    "Shutdown",
    "Train",
    "Varied",
    "Vary",
    "Vitals",
    "Warm",
]
