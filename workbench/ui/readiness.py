"""What each page's state is, what is missing, and the one thing to do next. Pure: decides, changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from workbench.core.errors import WorkbenchError
from workbench.core.facts import DataFacts, GraphFacts
from workbench.core.project import Project
from workbench.core.runs import RunRecord

PAGES = ("data", "features", "model", "train", "test", "runs", "export")


@dataclass(frozen=True)
class PageState:
    """state: "empty" (nothing yet) | "busy" | "attention" (`count` problems) | "ready" | "running".
    text: one sentence."""

    state: str = "empty"
    text: str = ""
    count: int = 0


@dataclass(frozen=True)
class Issue:
    """Something to mend. severity: "error" keeps from training, "warning" does not."""

    page: str
    severity: str
    text: str


@dataclass(frozen=True)
class Resolved:
    """pages: by name of PAGES. issues: the worst first. next_page, next_text: where to go on, and why."""

    pages: dict[str, PageState] = field(default_factory=lambda: {p: PageState() for p in PAGES})
    issues: tuple[Issue, ...] = ()
    next_page: str = "data"
    next_text: str = "Open data to begin."

    @property
    def can_train(self) -> bool:
        """True when nothing keeps the project from being trained."""
        return self.pages["train"].state in ("ready", "running")

    @property
    def why_not(self) -> str:
        """The first thing that keeps it from being trained; "" when nothing does."""
        return "" if self.can_train else self.pages["train"].text


@dataclass(frozen=True)
class Known:
    """What was found out so far; see Session for the fields."""

    loading: bool = False
    loaded: bool = False
    rows: int = 0
    bad: int = 0
    suggestions: int = 0
    dataset_error: WorkbenchError | None = None
    recipe_error: WorkbenchError | None = None
    failed_steps: int = 0
    facts: DataFacts | None = None
    features_error: WorkbenchError | None = None
    graph_facts: GraphFacts | None = None
    checking: bool = False
    engine: str = "starting"
    running: str = ""  # the name of the run that trains, "" when none does
    runs: Sequence[RunRecord] = ()


def resolve(project: Project, known: Known) -> Resolved:
    """Decide the state of every page."""
    issues: list[Issue] = []
    pages = {
        "data": _data(project, known, issues),
        "features": _features(project, known, issues),
        "model": _model(project, known, issues),
    }
    pages["train"] = _train(pages, known, issues)
    usable = [r for r in known.runs if r.usable]
    trained = PageState("ready", f"{len(usable)} trained run{'s' * (len(usable) != 1)} to try out.")
    nothing = PageState("empty", "Train the model first.")
    pages["test"] = trained if usable else nothing
    pages["export"] = PageState("ready", "A trained model is ready to be taken away.") if usable else nothing
    count = len(known.runs)
    interrupted = sum(1 for r in known.runs if r.interrupted and r.name != known.running)
    if interrupted:
        pages["runs"] = PageState("attention", f"{interrupted} interrupted, can be resumed.", interrupted)
    elif count:
        pages["runs"] = PageState("ready", f"{count} run{'s' * (count != 1)}.")
    else:
        pages["runs"] = PageState("empty", "No runs yet.")
    issues.sort(key=lambda i: i.severity != "error")
    return Resolved(pages, tuple(issues), *_next(pages, bool(usable)))


def _data(project: Project, known: Known, issues: list[Issue]) -> PageState:
    if project.data is None:
        return PageState("empty", "Open data to begin.")
    if known.dataset_error is not None:
        issues.append(Issue("data", "error", known.dataset_error.what))
        return PageState("attention", known.dataset_error.what, 1)
    if known.loading or not known.loaded:
        return PageState("busy", "The data is being read.")
    if known.recipe_error is not None:
        issues.append(Issue("data", "error", known.recipe_error.what))
        return PageState("attention", known.recipe_error.what, 1)
    if known.failed_steps:
        text = f"{known.failed_steps} cleaning step{'s' * (known.failed_steps != 1)} cannot be applied."
        issues.append(Issue("data", "error", text))
        return PageState("attention", text, known.failed_steps)
    if known.suggestions:
        text = f"{known.suggestions} cleaning suggestion{'s' * (known.suggestions != 1)}."
        issues.append(Issue("data", "warning", text))
        return PageState("attention", text, known.suggestions)
    return PageState(
        "ready", f"{known.rows:,} {'rows' if known.facts is None or known.facts.kind == 'table' else 'pictures'}."
    )


def _features(project: Project, known: Known, issues: list[Issue]) -> PageState:
    if project.data is None or known.dataset_error is not None:
        return PageState("empty", "Open data first.")
    if known.features_error is not None:
        issues.append(Issue("features", "error", known.features_error.what))
        return PageState("attention", known.features_error.what, 1)
    if known.facts is None:
        return PageState("busy", "Waiting for the data.") if known.recipe_error is None else PageState()
    if known.facts.target is None:
        issues.append(Issue("features", "error", "Choose what to predict."))
        return PageState("attention", "Choose what to predict.", 1)
    rows = known.facts.rows.get("train", 0)
    return PageState("ready", f"Predict {known.facts.target.name} from {rows:,} training rows.")


def _model(project: Project, known: Known, issues: list[Issue]) -> PageState:
    if not project.graph.nodes:
        if (
            project.data is not None
            and known.facts is None
            and known.features_error is None
            and not known.dataset_error
        ):
            return PageState("busy", "A model will be proposed once the data is known.")
        return PageState("empty", "No layers yet.")
    if known.graph_facts is None:
        waits = "The engine is starting; it checks the model then." if known.engine != "ready" else "Being checked."
        return PageState("busy", waits)
    problems = known.graph_facts.problems
    issues.extend(Issue("model", p.severity, p.message) for p in problems)
    wrong = [p for p in problems if p.severity == "error"]
    if wrong:
        return PageState("attention", wrong[0].message, len(wrong))
    return PageState("ready", f"{known.graph_facts.parameters:,} parameters.")


def _train(pages: dict[str, PageState], known: Known, issues: list[Issue]) -> PageState:
    if known.running:
        return PageState("running", f"{known.running} is training.")
    if known.facts is None or known.facts.target is None:
        for name in ("data", "features"):
            if pages[name].state != "ready" and pages[name].text:
                return PageState("empty", pages[name].text)
    if any(i.severity == "error" for i in issues):
        worst = next(i for i in issues if i.severity == "error")
        return PageState("empty", worst.text)
    if pages["model"].state != "ready":
        return PageState("empty", pages["model"].text)
    if known.engine == "dead":
        return PageState("attention", "The engine is not running.", 1)
    return PageState("ready", "Ready to train.")


def _next(pages: dict[str, PageState], trained: bool) -> tuple[str, str]:
    for name in ("data", "features", "model"):
        state = pages[name]
        if state.state in ("empty", "busy"):
            return name, state.text
        if state.state == "attention" and (name != "data" or pages["train"].state != "ready"):
            return name, state.text
    if pages["train"].state == "running" or not trained:
        return "train", pages["train"].text
    return "test", "Try the trained model."
