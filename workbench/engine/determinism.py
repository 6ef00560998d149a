"""Operations that give the same sum in the same order each time: asked of all, and done without where one of a model
has no such form on its device."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")
UNLIKE = (
    "An operation of this model has no form on this device that gives the same sum in the same order each time: twice "
    "the same run may differ in the last digits."
)


def require(on: bool) -> None:
    """Let operations give the same result each time, or fail where they have no such form; or let them be."""
    from tensorflow.python.framework import config  # switching it off has no public name

    (config.enable_op_determinism if on else config.disable_op_determinism)()


def refused(error: BaseException) -> bool:
    """Whether an operation refused because no form of it gives the same result twice on this device."""
    return type(error).__module__.startswith("tensorflow.") and "determinis" in str(error).lower()


def tried(compute: Callable[[], Answer]) -> Answer:
    """What is computed, and kept nowhere: once more where an operation refused."""
    try:
        return compute()
    except Exception as error:
        if not refused(error):
            raise
    from tensorflow.python.framework import config  # public TensorFlow neither asks nor switches it off

    before = config.is_op_determinism_enabled()  # a run that began meanwhile may do without
    require(False)
    try:
        return compute()
    finally:
        require(before)
