"""TensorFlow, imported quietly and set up once: threads, memory growth, deterministic operations; and the devices.

Importing this module is cheap; TensorFlow comes with `setup`.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import platform
import threading
import warnings
from types import ModuleType
from typing import Any

from workbench.core.data.memory import is_shortage
from workbench.core.errors import OutOfMemory, TrainError
from workbench.link.messages import Device

from . import cards, gradients

_lock = threading.Lock()
_tensorflow: ModuleType | None = None
_threads = 0  # of the processor, that TensorFlow computes with; 0 for all
_cluster: Any = None  # the strategy over several machines, when this process was started for one

# Keras draws the seeds of layers without one from Python's global generator: two models built at the same time on two
# threads would take each other's numbers. Whoever builds or checks a model holds this.
BUILDING = threading.RLock()


def quiet() -> None:
    """Keep TensorFlow's native logs off standard error; to be called before its first import."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_ENABLE_DEPRECATION_WARNINGS", "0")
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")


def use_threads(count: int) -> None:
    """Compute with so many threads of the processor, 0 for all; to be called before `setup`, as TensorFlow takes their
    number only before it computes anything. More than there are cores would only be in each other's way."""
    global _threads
    _threads = min(count, os.cpu_count() or 1)


def threads() -> int:
    """Threads of the processor that this engine computes with; 0 for all."""
    return _threads


def threads_note(asked: int) -> str:
    """What is to be said where a run asks for another number of threads than there is."""
    if not asked or asked == _threads:
        return ""
    cores = os.cpu_count() or 1
    if asked > cores:
        return f"{asked} processor threads are asked for; this machine has {cores} cores, and all of them are used."
    used = f"{_threads}" if _threads else f"all {cores}"
    threads = "thread is" if asked == 1 else "threads are"
    return f"{asked} processor {threads} asked for, but this engine was started with {used}."


def setup() -> ModuleType:
    """Import TensorFlow and Keras, once. Safe from any thread; the others wait.

    Raises:
        TrainError: TensorFlow cannot be imported on this machine, or Keras runs on another backend.
    """
    global _tensorflow, _cluster
    with _lock:
        if _tensorflow is not None:
            return _tensorflow
        quiet()
        collects = gc.isenabled()
        gc.disable()  # it would look through what has been loaded so far again and again: a fifth of the time it takes
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import keras
                import tensorflow as tf
                from absl import logging as absl_logging
        except ImportError as error:
            if is_shortage(error):
                raise OutOfMemory(
                    "The memory was not enough to load TensorFlow.",
                    remedy="Close other programs, or allow the program more memory.",
                    of_weights=True,
                ) from error
            raise TrainError(
                f"TensorFlow cannot be loaded ({error}).", remedy="Install the program again on Python 3.11 or newer."
            ) from error
        finally:
            if collects:
                gc.enable()
        if keras.backend.backend() != "tensorflow":
            raise TrainError(
                f"Keras is set to the {keras.backend.backend()} backend.",
                where="KERAS_BACKEND",
                remedy="Start the program without that environment variable.",
            )
        gradients.watch()
        absl_logging.set_verbosity(absl_logging.ERROR)
        tf.get_logger().setLevel(logging.ERROR)
        if _threads:
            tf.config.threading.set_intra_op_parallelism_threads(_threads)
            tf.config.threading.set_inter_op_parallelism_threads(_threads)
        for gpu in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(gpu, True)
        # Twice the same run gives twice the same weights: reductions in a fixed order, no autotuned choice of kernels.
        tf.config.experimental.enable_op_determinism()
        if len(cluster()) > 1:  # TensorFlow wants it made before anything is computed; waits for the other machines
            _cluster = tf.distribute.MultiWorkerMirroredStrategy()
        gc.collect()
        gc.freeze()  # what TensorFlow and Keras are made of stays; looking through it would take `let_go` half a second
        _tensorflow = tf
        return tf


def let_go() -> None:
    """Free the memory of models and traced functions that nothing uses any more: about 15 MB for each small run.

    TensorFlow's functions end in two steps: the first collection takes their graphs apart, the second frees the pieces.
    Left to itself, Python's collector never gets that far.
    """
    gc.collect()
    gc.collect()


def versions() -> dict[str, str]:
    """Versions of what an answer depends on."""
    tf = setup()
    import keras
    import numpy as np

    from workbench import __version__

    return {
        "workbench": __version__,
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
    }


def list_devices() -> tuple[Device, ...]:
    """The CPU, then every GPU that TensorFlow can use, with their memory. Asks another program: not for a moment's
    answer."""
    tf = setup()
    import psutil

    cores = os.cpu_count() or 1
    found = [Device("cpu", f"CPU, {cores} core{'s' if cores > 1 else ''}", psutil.virtual_memory().total)]
    known = cards.of_tensorflow(tf)
    for number, gpu in enumerate(tf.config.list_physical_devices("GPU")):
        card = known[number]
        able = tf.config.experimental.get_device_details(gpu).get("compute_capability") or (0, 0)
        title, memory = cards.name_of(tf, gpu), card.total if card is not None else 0
        found.append(Device(f"gpu:{number}", title, memory, (int(able[0]), int(able[1]))))
    return tuple(found)


def cluster() -> tuple[str, ...]:
    """The machines ("host:port") this process was started to train with, by TensorFlow's own variable TF_CONFIG."""
    text = os.environ.get("TF_CONFIG", "")
    return tuple(json.loads(text).get("cluster", {}).get("worker", ())) if text else ()


def placed(name: str) -> tuple[str, str, Any]:
    """Where a run with that device setting is computed: TensorFlow's device, its name for people, and the strategy
    (None for one device). "all" is every graphics card of this machine; a cluster is what the process was started for.

    Raises:
        TrainError: there is no such device here.
    """
    tf = setup()
    if _cluster is not None:
        return "", f"{len(cluster())} machines", _cluster
    if name.strip().lower() != "all":
        return *resolve(name), None
    gpus = tf.config.list_logical_devices("GPU")
    if not gpus:
        raise TrainError(
            "There is no graphics card on this machine, so there are none to train on together.",
            where="device",
            remedy="Choose auto or cpu.",
        )
    if len(gpus) == 1:
        return *resolve("gpu:0"), None
    return "", f"{len(gpus)} GPUs", tf.distribute.MirroredStrategy([gpu.name for gpu in gpus])


def resolve(name: str) -> tuple[str, str]:
    """TensorFlow's name of a device ("/CPU:0") and ours ("cpu") for a setting "auto", "cpu" or "gpu:N".

    Raises:
        TrainError: there is no such device here.
    """
    tf = setup()
    gpus = len(tf.config.list_physical_devices("GPU"))
    wanted = name.strip().lower()
    if wanted in ("", "auto"):
        wanted = "gpu:0" if gpus else "cpu"
    if wanted == "cpu":
        return "/CPU:0", "cpu"
    kind, _, number = wanted.partition(":")
    if kind == "gpu" and (number or "0").isdecimal() and int(number or "0") < gpus:
        return f"/GPU:{int(number or '0')}", f"gpu:{int(number or '0')}"
    there = ", ".join(("cpu", *(f"gpu:{i}" for i in range(gpus))))
    raise TrainError(
        f"There is no device {name!r} on this machine.",
        where="device",
        remedy=f"Choose one of: auto, {there}.",
    )
