"""Writes resources/catalog.json from the installed Keras: `python -m workbench.engine.introspect [PATH]`.

Arguments, defaults and order come from signatures; types, choices, bounds and help from docstrings; what neither says
from the table in introspect_rules.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from workbench.core.catalog import GROUPS, Catalog, catalog_path, read_catalog

from . import introspect_arguments as given
from . import introspect_docs as docs
from . import introspect_help as words
from . import introspect_rules as rules

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def make_catalog() -> dict[str, Any]:
    """The catalog of the installed Keras as JSON-able data."""
    import keras

    schedules = keras.optimizers.schedules
    return {
        "keras_version": keras.__version__,
        "layers": _layers(keras),
        "losses": _named_by_function(keras.losses, keras.losses.Loss),
        "optimizers": _optimizers(keras.optimizers),
        "metrics": _metrics(keras.metrics),
        "schedules": _schedules(schedules),
        "initializers": _classes(keras.initializers, keras.initializers.Initializer),
        "regularizers": _classes(keras.regularizers, keras.regularizers.Regularizer),
        "constraints": _classes(keras.constraints, keras.constraints.Constraint),
        "activations": _activations(keras),
    }


def catalog_text() -> str:
    """The catalog as it is stored: one entry a line, so that a new Keras shows as a readable difference."""
    lines = []
    for key, value in make_catalog().items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in value)
            lines.append(f'"{key}": [\n{rows}\n ]')
        else:
            lines.append(f'"{key}": {json.dumps(value, ensure_ascii=False)}')
    return "{\n " + ",\n ".join(lines) + "\n}\n"


def layers_text(catalog: Catalog) -> str:
    """docs/layers.md: which of Keras' layers a canvas can hold, and why the others are left out."""
    usable = [e for e in catalog.layers.values() if e.usable]
    left_out = [e for e in catalog.layers.values() if not e.usable]
    lines = ["# Layers", ""]
    lines += [
        f"Written by `python -m workbench.engine.introspect` from Keras {catalog.keras_version}; do not edit.",
        "",
    ]
    lines += [f"{len(usable)} of {len(catalog.layers)} layers can be put on the canvas.", ""]
    for group in GROUPS:
        names = ", ".join(e.name for e in usable if e.group == group)
        lines += [f"* {group}: {names}"] if names else []
    lines += ["", "## Left out", ""]
    lines += [f"* {e.name}: {e.reason}" for e in sorted(left_out, key=lambda e: e.name)]
    lines += ["", "## Arguments left out", ""]
    lines += [f"* {', '.join(names)}: {why}." for why, names in rules.LEFT_OUT.items()]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write the catalog to the path given, or to its place in the source checkout, there with docs/layers.md."""
    path = Path(arguments[0]) if arguments else catalog_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(catalog_text(), encoding="utf-8")
    print(path)
    folder = path.parent.parent / "docs"
    if not arguments and folder.is_dir():
        (folder / "layers.md").write_text(layers_text(read_catalog(path)), encoding="utf-8")
    return 0


# ---- groups of entries ---------------------------------------------------------------------------------------


def _layers(keras: ModuleType) -> list[dict[str, Any]]:
    found = []
    for name, layer in _members(keras.layers, keras.layers.Layer):
        folder = layer.__module__.removeprefix("keras.src.layers.").split(".")[0]
        group = "Core" if name == "Activation" else rules.GROUP_OF_FOLDER.get(folder, "Core")
        entry = _entry(name, layer)
        entry["group"] = group
        fields = entry["fields"]
        start = {f["name"]: _start(name, f["name"]) for f in fields if f.get("required")}
        start |= {f["name"]: v for f in fields if (v := given.START_AT.get((name, f["name"]))) is not None}
        start |= {f["name"]: v for f in fields if (v := given.START_EVERYWHERE.get(f["name"])) is not None}
        start = {k: v for k, v in start.items() if v is not None}
        if start:
            entry["start"] = start
        if name in rules.MERGES:
            entry |= {"inputs": 2, "many": True}
        elif name in rules.TWO_INPUTS:
            entry["inputs"] = 2
        if name in rules.PORTS:
            entry["ports"] = list(rules.PORTS[name])
        if name in rules.UNUSABLE:
            entry |= {"usable": False, "reason": rules.UNUSABLE[name]}
        if rank := _rank(name, layer):
            entry["rank"] = rank
        found.append(entry)
    return sorted(found, key=lambda e: (GROUPS.index(e["group"]), not e.get("usable", True), e["name"]))


def _start(layer: str, argument: str) -> Any:
    return given.START_AT.get((layer, argument), given.START.get(argument))


def _rank(name: str, layer: type) -> int:
    if name in rules.RANK:
        return rules.RANK[name]
    if "image_preprocessing" in layer.__module__:
        return 3
    if match := re.search(r"([123])D(Transpose)?$", name):
        return int(match.group(1)) + 1 + name.startswith("ConvLSTM")
    return 0


def _classes(module: ModuleType, base: type) -> list[dict[str, Any]]:
    return [_entry(name, found) for name, found in _members(module, base)]


def _optimizers(module: ModuleType) -> list[dict[str, Any]]:
    """A learning rate is a number or a schedule."""
    found = _classes(module, module.Optimizer)
    for entry in found:
        for field in entry["fields"]:
            if field["name"] == "learning_rate":
                field |= {"kind": "object", "choices": ["schedules"]}
    return found


def _schedules(module: ModuleType) -> list[dict[str, Any]]:
    """Their lengths are those of the run where nobody types them: Keras asks for numbers."""
    found = _classes(module, module.LearningRateSchedule)
    for field in (f for entry in found for f in entry["fields"] if f["name"] in given.FOLLOW_THE_RUN):
        field.pop("required", None)
        field |= {"optional": True, "default": None, "unset": "auto"}
    found = [_ready(entry) for entry in found]
    return [{**entry, "title": words.SCHEDULES.get(entry["name"], entry["title"])} for entry in found]


def _ready(entry: dict[str, Any]) -> dict[str, Any]:
    """What a schedule or a metric requires has a start value, so that choosing one by its name is enough to train."""
    for field in entry["fields"]:
        if field.get("required"):
            field["default"] = given.START[field["name"]]
    return entry


def _named_by_function(module: ModuleType, base: type) -> list[dict[str, Any]]:
    """Losses: stored by the snake_case name that compile() takes."""
    found = []
    for name, loss in _members(module, base):
        short = _snake(name)
        if _taken(module, short):
            found.append({**_entry(name, loss), "name": short, "title": _sentence_case(short)})
    return found


def _taken(module: ModuleType, short: str) -> bool:
    """Whether compile() knows a loss by that name; 3.15 forgot one."""
    try:
        return callable(module.get(short))
    except ValueError:
        return False


def _metrics(module: ModuleType) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "title": _sentence_case(name), "help": text} for name, text in rules.METRIC_ALIASES.items()
    ]
    for name, metric in _members(module, module.Metric):
        short = _snake(name)
        found.append({**_ready(_entry(name, metric)), "name": short, "title": _sentence_case(short)})
    return found


def _activations(keras: ModuleType) -> list[str]:
    return sorted(
        name
        for name, value in vars(keras.activations).items()
        if inspect.isfunction(value) and name not in ("get", "serialize", "deserialize", *rules.NOT_OFFERED)
    )


def _members(module: ModuleType, base: type) -> list[tuple[str, type]]:
    """Public classes by the name they are best known under; aliases are left out."""
    found: dict[type, str] = {}
    for name, value in vars(module).items():
        if inspect.isclass(value) and issubclass(value, base) and not name.startswith("_"):
            known = found.get(value)
            if known is None or name == value.__name__ or (known != value.__name__ and len(name) > len(known)):
                found[value] = name
    offered = ((name, value) for value, name in found.items() if name not in rules.NOT_OFFERED)
    return sorted(offered, key=lambda pair: pair[0])


def _entry(name: str, target: type) -> dict[str, Any]:
    doc = inspect.cleandoc(target.__doc__ or "")
    about = docs.arguments(doc) | docs.arguments(inspect.cleandoc(target.__init__.__doc__ or ""))
    fields = []
    for parameter in inspect.signature(target.__init__).parameters.values():
        if parameter.name == "self" or parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        if parameter.name in rules.HIDDEN or (name, parameter.name) in rules.HIDDEN_AT:
            continue
        fields.append(_field(name, parameter, about.get(parameter.name, ""), getattr(target, "_FACTOR_BOUNDS", None)))
    return {
        "name": name,
        "title": name,  # as Keras spells it: what a person looks up elsewhere
        "help": words.LAYERS.get(name) or docs.summary(doc),
        "fields": fields,
        "keras": name,
    }


# ---- one argument --------------------------------------------------------------------------------------------


def _field(
    owner: str, parameter: inspect.Parameter, about: str, bounds: tuple[float, float] | None = None
) -> dict[str, Any]:
    """bounds: of a "factor", where the layer draws it anew from between two numbers; one number reaches down to its
    negative, or to the lower bound."""
    required = parameter.default is parameter.empty
    default = None if required else _plain(parameter.default)
    found: dict[str, Any] = {"name": parameter.name, **_typed(parameter.name, default, about)}
    found |= given.BY_NAME.get(parameter.name, {}) if not _misfit(parameter.name, default) else {}
    if parameter.name == "factor" and bounds is not None:
        found |= {"kind": "floats", "length": 2, "minimum": bounds[0], "maximum": bounds[1]}
    found |= given.BY_PLACE.get((owner, parameter.name), {})
    if required:
        found["required"] = True
    if found["kind"] == "ints" and "length" not in found:
        if isinstance(default, list):
            found["length"] = len(default)
        elif match := re.search(r"([123])D", owner):
            found["length"] = int(match.group(1))
    if found.get("choices") and parameter.name in ("activation", "recurrent_activation"):
        found["optional"] = not required
    if not found.get("required") and "default" not in found:
        found["default"] = default
    if not found.get("required") and found.get("default") is None:
        found["optional"] = True
    if found.get("required"):
        found.pop("optional", None)
    if found["kind"] not in ("ints", "floats"):
        found.pop("length", None)
    if found["kind"] not in ("int", "float", "ints", "floats"):
        found.pop("minimum", None)
        found.pop("maximum", None)
    text = words.AT.get((owner, parameter.name)) or words.ARGUMENTS.get(parameter.name) or docs.help_of(about)
    if text:
        found["help"] = text
    return found


def _misfit(name: str, default: Any) -> bool:
    """Whether the rule by name is about something else of the same name: padding="valid" is no number of pixels."""
    kind = given.BY_NAME.get(name, {}).get("kind")
    return isinstance(default, str) and kind in ("int", "float", "ints", "floats")


def _typed(name: str, default: Any, about: str) -> dict[str, Any]:
    for ending, group in rules.OBJECT_GROUPS.items():
        if name.endswith(ending):
            return {"kind": "object", "choices": [group], "optional": group != "initializers"}
    if name in ("activation", "recurrent_activation"):
        import keras

        return {"kind": "choice", "choices": _activations(keras)}
    if isinstance(default, bool):
        return {"kind": "bool"}
    if isinstance(default, int):
        return {"kind": "int"} if not re.match(r"(a )?float", about, re.I) else {"kind": "float"}
    if isinstance(default, float):
        return {"kind": "float"}
    if isinstance(default, list):
        return {"kind": "ints"}
    choices = _choices(about)
    if isinstance(default, str):
        return {"kind": "choice", "choices": choices} if default in choices and len(choices) > 1 else {"kind": "text"}
    head = about[:60].lower()
    if re.search(r"\b(tuple|list|integers)\b", head):
        return {"kind": "ints"}
    if re.search(r"\bbool", head):
        return {"kind": "bool"}
    if re.search(r"\bfloat|\bscalar|\bnumber\b", head):
        return {"kind": "float"}
    if re.search(r"\bint|\bsize\b|number of|dimension", head):
        return {"kind": "int"}
    return {"kind": "choice", "choices": choices} if len(choices) > 1 else {"kind": "text"}


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_plain(v) for v in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else None


def _choices(about: str) -> list[str]:
    """Quoted words that are offered, not those used in an example such as padding="same"."""
    return list(dict.fromkeys(re.findall(r'(?<![=\w])"([A-Za-z][\w+-]*)"', about)))


def _snake(name: str) -> str:
    parted = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", parted).lower()


def _sentence_case(short: str) -> str:
    fixed = {
        "auc": "AUC",
        "ctc": "CTC",
        "r2_score": "R² score",
        "f1_score": "F1 score",
        "f_beta_score": "F-beta score",
        "mean_io_u": "Mean IoU",
        "kl_divergence": "KL divergence",
    }
    return fixed.get(short, short.replace("_", " ").capitalize())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
