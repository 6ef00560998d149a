"""Gradient functions that TensorFlow keeps for ever, forgotten with the work they were made for.

An operation with a gradient of its own (`tf.custom_gradient`: the sum over replicas in every Keras optimizer, swish and
others) enters a function into a global table each time it is traced. It holds the graph it was traced in, and by it
the training data: about 25 MB a run of a small net, in plain Keras too. Once the work is done nobody asks for them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_here = threading.local()
_OWN = "CustomGradient-"  # what tf.custom_gradient calls them, with a number that no other has


class _Table(dict[str, Any]):
    """The table, which remembers what each thread enters while it is asked to."""

    def __setitem__(self, name: str, entry: Any) -> None:
        super().__setitem__(name, entry)
        entered = getattr(_here, "entered", None)
        if entered is not None and name.startswith(_OWN):
            entered.append(name)


def watch() -> None:
    """Put the remembering table in the place of TensorFlow's own; once, after its import."""
    from tensorflow.python.framework import ops  # the table has no public name

    table = ops.gradient_registry
    if not isinstance(table._registry, _Table):
        table._registry = _Table(table._registry)


@contextmanager
def forgotten() -> Iterator[None]:
    """What this thread traces inside is not differentiated after it: its gradient functions go at the end."""
    from tensorflow.python.framework import ops

    before, _here.entered = getattr(_here, "entered", None), []
    try:
        yield
    finally:
        table = ops.gradient_registry._registry
        for name in _here.entered:
            table.pop(name, None)
        _here.entered = before
