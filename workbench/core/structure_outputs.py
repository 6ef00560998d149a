"""Whether every target has one Output and every Output a target, and what mends it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from .facts import DataFacts, Problem, Repair, TargetFacts
from .layout import GAP_X, GAP_Y, NODE_HEIGHT, NODE_WIDTH
from .names import free_name, output_name, unused_name
from .project import Graph, Node
from .structure_repairs import output_repair
from .template_parts import closing_layer
from .wiring import (
    ancestors,
    before,
    changed,
    closing_dense,
    last_layer,
    output_bindings,
    unused_id,
    wired,
    without,
)
from .wording import plural


def output_problems(graph: Graph, data: DataFacts | None) -> Iterator[Problem]:
    """What is wrong with the ends of a graph. Without data it is not known how many there should be."""
    outputs = [n for n in graph.nodes if n.kind == "Output"]
    if not outputs:
        text = "The model has no Output: nothing says what its answer is."
        yield Problem("error", text, repairs=output_repair(graph))
        return
    yield from (problem for node in outputs for problem in _param_problems(graph, node))
    if data is None or data.target is None:
        return
    bound = output_bindings(graph, data)
    names = [t.name for t in data.targets]
    free = [n for n in names if n not in bound.values()]
    seen: dict[str, Node] = {}
    for node in outputs:
        name = bound[node.id]
        if name in names and name not in seen:
            seen[name] = node
            continue
        remove = (_without_head(graph, node),) if len(outputs) > 1 else ()
        others = tuple(_predicting(graph, node, n, several=len(names) > 1) for n in free)
        if not name:
            others_have = ", ".join(f'{o.name} has "{bound[o.id]}"' for o in outputs if bound[o.id] in names)
            text = f"The Output {node.name} has nothing to predict: {others_have}. Add a target or remove it."
            yield Problem("error", text, node.id, repairs=remove)
        elif name not in names:
            text = f'{node.name}: there is no target called "{name}"; there is {_listed(names)}.'
            yield Problem("error", text, node.id, repairs=(*others, *remove))
        else:
            text = f'{node.name} predicts "{name}", and so does {seen[name].name}: one Output for each target.'
            yield Problem("error", text, node.id, repairs=(*others, *remove))
    for target in data.targets:
        if target.name in free:
            text = f'Nothing predicts "{target.name}": the model has no Output for this target.'
            yield Problem("error", text, repairs=head_repairs(graph, outputs, target))


def _listed(names: list[str]) -> str:
    return ", ".join(f'"{n}"' for n in names)


def _predicting(graph: Graph, node: Node, name: str, *, several: bool) -> Repair:
    """The Output of a single target need not name it."""
    rest = {k: v for k, v in node.params.items() if k != "target"}
    params = {**rest, "target": name} if several else rest
    return Repair(f'Let it predict "{name}"', changed(graph, node.id, partial(replace, params=params)))


def _without_head(graph: Graph, end: Node) -> Repair:
    """Without an Output and the layers that lead to it alone."""
    others = [n.id for n in graph.nodes if n.kind == "Output" and n.id != end.id]
    kept = {i for other in others for i in ancestors(graph, other)}
    alone = ancestors(graph, end.id) - kept
    own = [n for n in graph.nodes if n.id in alone and n.kind != "Input"]
    mended = without(graph, end.id)
    for node in own:
        mended = without(mended, node.id)
    also = (
        f" and {own[0].name}" if len(own) == 1 else f" and the {len(own)} layers that lead to it alone" if own else ""
    )
    return Repair(f"Remove {end.name}{also}", mended)


def _param_problems(graph: Graph, node: Node) -> Iterator[Problem]:
    """Of what has no field of its own, and a name that Keras would give two meanings."""
    metrics, params, own = (node.params.get(name) for name in ("metrics", "loss_params", "metric_params"))
    named = isinstance(metrics, (list, tuple)) and all(isinstance(m, str) for m in metrics)
    for name, fits in (
        ("metrics", metrics is None or named),
        ("loss_params", params is None or isinstance(params, Mapping)),
        (
            "metric_params",
            own is None or (isinstance(own, Mapping) and all(isinstance(v, Mapping) for v in own.values())),
        ),
    ):
        if not fits:
            rest = {k: v for k, v in node.params.items() if k != name}
            reset = Repair(f"Reset {name}", changed(graph, node.id, partial(replace, params=rest)))
            text = f"{node.name}: {name} cannot be {node.params[name]!r}."
            yield Problem("error", text, node.id, repairs=(reset,))
    several = sum(n.kind == "Output" for n in graph.nodes) > 1
    if several and (node.name == "val" or node.name.startswith("val_")):
        better = unused_name(f"answer_{node.name}", {n.name for n in graph.nodes})
        renamed = changed(graph, node.id, partial(replace, name=better))
        text = f"An Output cannot be called {node.name}: its figures would read like those of the validation."
        yield Problem("error", text, node.id, repairs=(Repair(f"Call it {better}", renamed),))


def head_repairs(graph: Graph, outputs: list[Node], target: TargetFacts) -> tuple[Repair, ...]:
    """A layer that answers and its Output, fed from where another answer comes from; an input is rebuilt by the one
    Output there is."""
    if target.task == "reconstruction":
        return ()
    for end in outputs:
        closing = closing_dense(graph, end.id)
        source = before(graph, closing.id) if closing is not None else last_layer(graph, end.id)
        if source is None:
            continue
        kind, params = closing_layer(target)
        x = max(n.x for n in graph.nodes) + NODE_WIDTH + GAP_X
        y = closing.y if closing is not None else end.y - NODE_HEIGHT - GAP_Y
        head = Node(unused_id(graph, kind.lower()), kind, free_name(graph, kind), params, x, y)
        grown = wired(replace(graph, nodes=(*graph.nodes, head)), source.id, head.id)
        name = output_name(target.name, {n.name for n in grown.nodes})
        fresh = Node(unused_id(grown, "output"), "Output", name, {"target": target.name}, x, end.y)
        grown = wired(replace(grown, nodes=(*grown.nodes, fresh)), head.id, fresh.id)
        units = params["units"]
        shape = plural(units, "unit")
        also = f" and {params['activation']}" if "activation" in params else ""
        return (Repair(f'Add a Dense with {shape}{also} and an Output for "{target.name}" after {source.name}', grown),)
    return ()
