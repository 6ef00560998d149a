"""A complete Keras script of a project: the network, how it is trained, and the loading of the prepared arrays.

Every name and text of a person goes through `repr` or is an identifier, so nothing of it can run as code. The script
offers `build_model()` without side effects, and trains from `<script name>.npz` beside it, which holds
`<part>_<input>`, `<part>_y` and, where rows have weights, `<part>_weights` as prepared (pictures as uint8, unscaled).
"""

from __future__ import annotations

import builtins
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from .catalog import (
    Catalog,
    LayerEntry,
    load_catalog,
)
from .errors import GraphError
from .facts import DataFacts, InputFacts
from .groups import path
from .outputs import outputs_in_order
from .project import Graph, Node, Project
from .reconstruction import rebuilds
from .schedule_length import fitted_train, length_of
from .script_augment import varied_inputs, vary_function
from .script_outputs import ends, head_lines, load_lines, names_of, row_weights
from .script_training import callback_lines, error_lines, one_output, several_outputs
from .script_words import WIDTH, arguments, number, quoted, wrapped
from .sharing import owners
from .structure import structure_problems
from .wiring import incoming, input_bindings, topological_order, used_nodes

_TAKEN = {
    "keras",
    "layers",
    "np",
    "Path",
    "build_model",
    "start_from",
    "load",
    "main",
    "with_variation",
    "DATA",
    "SEED",
    "CLASSES",
    "OUTPUTS",
    "inputs",
    *dir(builtins),
}


@dataclass(frozen=True)
class Script:
    """A script and where each node stands in it. lines: {node id: (first line, last line)}, counted from 1. made: the
    same of the lines that make the layer of a node, where it is called several times."""

    text: str
    lines: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    made: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def node_at(self, line: int) -> str:
        """The id of the node that a line (from 1) makes; "" for other lines."""
        return next((node for node, (first, last) in self.lines.items() if first <= line <= last), "")


def keras_script(project: Project, facts: DataFacts | None) -> str:
    """The script as text, PEP 8, at most 88 columns where names allow.

    Raises:
        GraphError: the graph cannot be built, or there is no data or target yet; `where` names the node.
    """
    return written_script(project, facts).text


def written_script(project: Project, facts: DataFacts | None) -> Script:
    """`keras_script` with the place of each node; it raises the same."""
    if facts is None or facts.target is None:
        raise GraphError("There is no data with a target yet.", remedy="Open data and choose a target first.")
    graph, catalog = project.graph, load_catalog()
    names = {n.id: n.name for n in graph.nodes}
    for problem in structure_problems(graph, catalog, facts):
        if problem.severity == "error":
            remedy = f"{problem.repairs[0].title}." if problem.repairs else "Mend it on the canvas."
            raise GraphError(problem.message, where=names.get(problem.node, "model"), remedy=remedy)
    head = _head(project, facts)
    build, places, made = _build(graph, facts, catalog)
    parts = (
        head,
        build,
        *_start(graph),
        _load(project, facts),
        *_vary(project, facts),
        _train(project, facts, catalog),
        'if __name__ == "__main__":\n    main()\n',
    )
    above = head.count("\n") + 2  # two empty lines between the parts
    lines, layers = ({i: (above + a, above + b) for i, (a, b) in found.items()} for found in (places, made))
    return Script("\n\n".join(parts), lines, layers)


# ---- parts of the script -------------------------------------------------------------------------------------


def _head(project: Project, facts: DataFacts) -> str:
    title = "".join(c if c.isprintable() and c not in "\\\"'" else " " for c in project.name).strip() or "Model"
    lines = [f'"""{title[:80]}', "", "A Keras network and its training, written by the workbench.", '"""', ""]
    lines += ["from pathlib import Path", "", "import keras", "import numpy as np", "from keras import layers", ""]
    target = facts.target
    assert target is not None
    lines.append('DATA = Path(__file__).with_suffix(".npz")')
    lines.append(f"SEED = {int(project.train.seed)}")
    if facts.more:
        lines += head_lines(ends(project, facts))
    elif rebuilds(target):
        lines.append("# The network gives back its input, in the scaled numbers that load() makes.")
    elif target.task == "classification":
        lines += wrapped("CLASSES = ", "(", [quoted(c) for c in target.classes], ")", 0, trailing=True)
    else:
        lines.append("# An answer in the units of the target is prediction * TARGET_SCALE + TARGET_OFFSET.")
        lines.append(f"TARGET_SCALE = {number(target.scale)}")
        lines.append(f"TARGET_OFFSET = {number(target.offset)}")
    return "\n".join(lines) + "\n"


_Lines = dict[str, tuple[int, int]]


def _build(graph: Graph, facts: DataFacts, catalog: Catalog) -> tuple[str, _Lines, _Lines]:
    """The function that makes the network, the lines of each node in it, counted from 1, and those that make its layer
    where it is called several times."""
    used = used_nodes(graph)
    sources = _sources(graph, facts)
    variables: dict[str, str] = {}
    every = {n.name for n in graph.nodes}
    inputs: list[str] = []
    outputs: dict[str, str] = {}
    lines = ["def build_model():", '    """The network, not trained; its inputs are scaled arrays."""']
    places: dict[str, tuple[int, int]] = {}
    within = ""
    of = owners(graph)
    places_of = Counter(of[i] for i in used)
    shared: dict[str, str] = {}  # {owner: the variable of a layer that is called several times}
    made: _Lines = {}
    for node_id in topological_order(graph) or []:
        node = graph.node(node_id)
        if node_id not in used:
            continue
        fed = [variables[w.source] for w in incoming(graph, node_id)]
        if node.kind == "Output":
            outputs[node.name] = fed[0]
            continue
        if node.group != within:
            lines += _group_remark(graph, node.group)
            within = node.group
        above = len(lines)
        taken = {*_TAKEN, *variables.values(), *shared.values()}
        name = _free(node.name, taken | (every - {node.name}))
        variables[node_id] = name
        if node.kind == "Input":
            inputs.append(f"{quoted(node.name)}: {name}")
            shape = sources[node.name].shape
            lines += wrapped(f"{name} = ", "keras.Input(", [f"shape={shape!r}", f"name={quoted(node.name)}"], ")", 4)
            places[node_id] = (above + 1, len(lines))
            continue
        entry = catalog.layer(node.kind)
        assert isinstance(entry, LayerEntry)
        layer = graph.node(of[node_id])
        words = [*arguments(entry, node.params, catalog), f"name={quoted(layer.name)}"]
        words += [] if node.trainable or not entry.learns else ["trainable=False"]
        if places_of[layer.id] == 1:
            lines += wrapped(f"{name} = ", f"layers.{node.kind}(", words, f"){_call(node, entry, graph, fed)}", 4)
        else:
            if layer.id not in shared:
                shared[layer.id] = _free(f"{layer.name}_layer", {*taken, *every, name})
                lines += wrapped(f"{shared[layer.id]} = ", f"layers.{node.kind}(", words, ")", 4)
                made[layer.id] = (above + 1, len(lines))
            made[node_id] = made[layer.id]
            lines.append(f"    {name} = {shared[layer.id]}{_call(node, entry, graph, fed)}")
        places[node_id] = (above + 1, len(lines))
    lines += [""] if within else []
    lines += wrapped("inputs = ", "{", inputs, "}", 4)
    above = len(lines)
    answer = next(iter(outputs.values()))
    if facts.more:
        answer = "outputs"
        named = [f"{quoted(e.name)}: {outputs[e.name]}" for e, _ in outputs_in_order(graph, facts)]
        lines += wrapped("outputs = ", "{", named, "}", 4)
    lines += wrapped("return ", "keras.Model(", ["inputs=inputs", f"outputs={answer}", 'name="model"'], ")", 4)
    places.update({n.id: (above + 1, len(lines)) for n in graph.nodes if n.kind == "Output"})
    return "\n".join(lines) + "\n", places, made


def _free(name: str, taken: Collection[str]) -> str:
    """A variable that nothing else is called."""
    while name in taken:
        name += "_"
    return name


def _group_remark(graph: Graph, group_id: str) -> list[str]:
    """An empty line and the name of the group whose layers follow, with those it lies in; they are a person's words."""
    name = " / ".join(g.name for g in path(graph, group_id)) if group_id else ""
    shown = "".join(c if c.isprintable() else " " for c in name).strip()
    if len(shown) > WIDTH - 6:
        shown = shown[: WIDTH - 9] + "..."
    return ["", f"    # {shown}"] if shown else [""]


def _call(node: Node, entry: LayerEntry, graph: Graph, fed: list[str]) -> str:
    if node.kind in ("MultiHeadAttention", "GroupQueryAttention"):
        ports = [w.port for w in incoming(graph, node.id)]
        return f"({', '.join(f'{entry.port_name(p)}={name}' for p, name in zip(ports, fed, strict=True))})"
    return f"([{', '.join(fed)}])" if entry.inputs > 1 else f"({fed[0]})"


def _start(graph: Graph) -> tuple[str, ...]:
    """Putting the weights some layers start from into them; nothing where all start from random ones."""
    used = used_nodes(graph)
    of = owners(graph)
    layers = dict.fromkeys(of[n.id] for n in graph.nodes if n.weights is not None and n.id in used)
    names = [quoted(graph.node(i).name) for i in layers]
    if not names:
        return ()
    lines = ["def start_from(model, path):", '    """Weights for the layers that do not start from random ones."""']
    lines += wrapped("names = ", "(", names, ")", 4, trailing=True)
    lines += ["    with np.load(path) as arrays:", "        for name in names:"]
    lines += ["            layer = model.get_layer(name)", "            count = len(layer.weights)"]
    lines += ['            layer.set_weights([arrays[f"{name}.{i}"] for i in range(count)])']
    return ("\n".join(lines) + "\n",)


def _load(project: Project, facts: DataFacts) -> str:
    sources = _sources(project.graph, facts)
    what = ", targets and weights of rows" if facts.weight else " and targets"
    same = rebuilds(facts.target)
    if same:
        what = ", the same to rebuild, weights of rows," if facts.weight else ", and the same to rebuild,"
    words = f"Inputs{'' if same else ' by name'}{what}"
    lines = ["def load(part):", f'    """{words} of "train", "validation" or "test"."""']
    lines += ["    with np.load(DATA) as data:"]
    if facts.more:
        lines += load_lines(ends(project, facts))
    elif not same:
        lines += ['        y = data[part + "_y"]']
        one_hot = any(end.one_hot for end in ends(project, facts))
        lines += ["        y = keras.utils.to_categorical(y, len(CLASSES))"] if one_hot else []
    lines += ["        x = {"]
    for name, source in sources.items():
        text = f'data[part + {quoted("_" + source.name)}].astype("float32"){_scaling(source)}'
        lines += [f"            {quoted(name)}: {text},"]
    lines += ["        }"]
    lines += [f"        y = x[{quoted(next(iter(sources)))}]"] if same else []
    lines += ['        weights = data[part + "_weights"]'] if facts.weight else []
    lines += ["    return x, y, weights" if facts.weight else "    return x, y"]
    return "\n".join(lines) + "\n"


def _scaling(source: InputFacts) -> str:
    text = ""
    if source.scale != 1.0:
        inverse = 1.0 / source.scale if source.scale else 0.0
        exact = abs(inverse - round(inverse)) < 1e-9 * abs(inverse) and inverse > 1
        text = f" / {round(inverse)}" if exact else f" * {number(source.scale)}"
    if source.offset:
        text += f" {'+' if source.offset > 0 else '-'} {number(abs(source.offset))}"
    return text


def _vary(project: Project, facts: DataFacts) -> list[str]:
    augment, sources = project.features.augment, _sources(project.graph, facts)
    return [vary_function(augment, sources)] if varied_inputs(augment, sources) else []


def _train(project: Project, facts: DataFacts, catalog: Catalog) -> str:
    length = length_of(project.train, facts.rows.get("train", 0))
    train, found = fitted_train(project.train, length, catalog), ends(project, facts)
    first = found[0]
    metrics = names_of(found)[1:] if facts.more else first.metrics
    entry = catalog.optimizers.get(train.optimizer)
    if entry is None:
        raise GraphError(f"There is no optimizer {train.optimizer!r}.", where="optimizer", remedy="Choose another.")
    chosen = wrapped(
        "optimizer=", f"keras.optimizers.{entry.keras}(", arguments(entry, train.optimizer_params, catalog), "),", 8
    )
    validation, test = bool(facts.rows.get("validation")), bool(facts.rows.get("test"))
    lines = ["def main():", "    keras.utils.set_random_seed(SEED)"]
    if train.precision != "float32":
        lines += [f"    keras.config.set_dtype_policy({quoted(train.precision)})"]
    lines += ["    model = build_model()"]
    lines += ['    start_from(model, DATA.with_suffix(".start.npz"))'] if _start(project.graph) else []
    lines += ["    model.summary()"]
    net = "trained" if _vary(project, facts) else "model"
    lines += ["    trained = with_variation(model)  # shares its weights"] if net != "model" else []
    lines += [f"    {net}.compile(", *chosen]
    lines += several_outputs(found, catalog) if facts.more else one_output(first, catalog)
    lines += [f"        jit_compile={train.compiler == 'on'},"] if train.compiler != "auto" else []
    lines += ["    )"]
    if entry.keras == "ScheduleFreeAdamW":
        lines += ["    # It begins with a copy of the weights, which fit would make in vain."]
        lines += [f"    {net}.optimizer.build({net}.trainable_variables)"]
    by_class = () if facts.more else first.class_weights
    lines += [f'    x, y{", weights" if facts.weight else ""} = load("train")']
    if facts.weight and by_class:  # Keras takes only one of the two
        classes = "y.argmax(axis=1)" if first.one_hot else "y"
        numbers = [number(w) for w in by_class]
        lines += wrapped("weights = weights * ", "np.array([", numbers, f"])[{classes}]", 4)
    weighed = row_weights(found, given=bool(facts.weight)) if facts.more else []
    lines += weighed
    lines += [f"    {net}.fit(", "        x,", "        y,"]
    lines += ['        validation_data=load("validation"),'] if validation else []
    lines += [f"        batch_size={int(train.batch_size)},", f"        epochs={int(train.epochs)},"]
    if facts.weight or weighed:
        lines += ["        sample_weight=weights,"]
    elif by_class:
        weights = ", ".join(f"{i}: {number(w)}" for i, w in enumerate(by_class))
        lines += [f"        class_weight={{{weights}}},"]
    lines += ["        callbacks=[", *callback_lines(train, metrics, validation), "        ],", "    )"]
    lines += [f'    {net}.load_weights(DATA.with_suffix(".best.weights.h5"))']
    if test:
        tested, given = ("x_test, y_test", "")
        if facts.weight:
            tested, given = "x_test, y_test, w_test", ", sample_weight=w_test"
        lines += [f'    {tested} = load("test")']
        lines += wrapped("print(", f"{net}.evaluate(", [f"x_test, y_test{given}", "return_dict=True"], "))", 4)
        if rebuilds(facts.target):
            lines += error_lines(facts)
    lines += ['    model.save(DATA.with_suffix(".keras"))']
    return "\n".join(lines) + "\n"


def _sources(graph: Graph, facts: DataFacts) -> dict[str, InputFacts]:
    """{name of each Input the Output depends on: the prepared input it gives}."""
    known = {i.name: i for i in facts.inputs}
    used = {graph.node(i).name for i in used_nodes(graph)}
    return {name: known[bound] for name, bound in input_bindings(graph, facts).items() if name in used}
