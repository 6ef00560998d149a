"""Ready-made models as a pop-up list: what each is, what it is for."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from workbench.core import applications
from workbench.core.facts import DataFacts
from workbench.core.project import Graph
from workbench.core.reconstruction import TASK, rebuilds
from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.widgets.label import plain_label


@dataclass(frozen=True)
class Offer:
    """A template that fits the data. suggested: the one that suits it best. task: what has to be set with it, as it is
    for another task than the one chosen; the graph is empty then."""

    name: str
    title: str
    blurb: str
    graph: Graph
    suggested: bool = False
    task: str = ""


def offers(facts: DataFacts | None) -> list[Offer]:
    """The templates that fit, the suggested one first; none while the data is not known."""
    if facts is None or facts.target is None:
        return []
    from workbench.core.templates import TEMPLATES, suggest_template, template, why_not

    best = suggest_template(facts)
    found = []
    for entry in TEMPLATES:
        if why_not(entry.name, facts):  # made for other data
            continue
        found.append(Offer(entry.name, entry.title, entry.blurb, template(entry.name, facts), entry.name == best))
    return sorted(found, key=lambda offer: not offer.suggested)


def rebuilding_offer(facts: DataFacts | None) -> Offer | None:
    """The autoencoder for data that has another task now; None where it is offered anyway or nothing can be rebuilt."""
    if facts is None or facts.target is None or rebuilds(facts.target) or len(facts.inputs) != 1:
        return None
    if facts.inputs[0].kind not in ("table", "image"):
        return None
    from workbench.core.templates import TEMPLATES

    entry = next((t for t in TEMPLATES if t.name == "autoencoder"), None)
    return Offer(entry.name, entry.title, entry.blurb, Graph(), task=TASK) if entry is not None else None


def best_offer(facts: DataFacts | None) -> Offer | None:
    """The template that suits the data best."""
    found = offers(facts)
    return found[0] if found else None


class OfferCard(QFrame):
    """One template: title, blurb, how large it is."""

    chosen = Signal(object)

    def __init__(self, offer: Offer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.offer = offer
        self.setObjectName(f"template-{offer.name}")
        self.setAccessibleName(f"{offer.title}: {offer.blurb}")
        self.setProperty("role", "card")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(2)
        head = QHBoxLayout()
        title = QLabel(offer.title)
        title.setProperty("role", "strong")
        layers = len(offer.graph.nodes) - sum(node.kind in ("Input", "Output") for node in offer.graph.nodes)
        size = "changes the task" if offer.task else plural(layers, "layer")
        note = QLabel("suits this data" if offer.suggested else size)
        if offer.task:
            self.setToolTip("Sets the task on the Features page to rebuilding the input; undo takes both back.")
        note.setProperty("role", "good" if offer.suggested else "caption")
        head.addWidget(title, 1)
        head.addWidget(note)
        blurb = plain_label(offer.blurb, "muted")
        column.addLayout(head)
        column.addWidget(blurb)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self.offer)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self.offer)
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)


class TemplateChooser(QFrame):
    """The list of offers as a pop-up. chosen(offer); network_wanted() for those of keras.applications."""

    chosen = Signal(object)
    network_wanted = Signal()

    def __init__(self, facts: DataFacts | None, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("template-chooser")
        self.setAccessibleName("Start from a ready-made model")
        self.setProperty("role", "card")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer.addWidget(area)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(theme.SPACE)
        found = offers(facts)
        words = QLabel(
            "These fit the data. What is on the canvas is replaced; undo brings it back."
            if found
            else "Ready-made models are made to fit the data. Open data and choose a target first."
        )
        words.setWordWrap(True)
        words.setProperty("role", "caption")
        column.addWidget(words)
        self.cards = []
        for offer in found:
            card = OfferCard(offer)
            card.chosen.connect(self._done)
            column.addWidget(card)
            self.cards.append(card)
        other = rebuilding_offer(facts)
        if other is not None:
            card = OfferCard(other)
            card.chosen.connect(self._done)
            column.addWidget(card)
            self.cards.append(card)
        elif facts is not None and rebuilds(facts.target):
            told = QLabel("Other models predict a target: choose another task on the Features page.")
            told.setObjectName("template-task")
            told.setWordWrap(True)
            told.setProperty("role", "caption")
            column.addWidget(told)
        self.networks = QPushButton("ResNet, EfficientNet and other known networks…")
        self.networks.setObjectName("template-networks")
        self.networks.setVisible(not applications.why_not(facts))
        theme.set_role(self.networks, "link")
        self.networks.clicked.connect(self._other)
        column.addWidget(self.networks, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        area.setWidget(body)
        self.setFixedWidth(380)
        self.setFixedHeight(min(560, body.heightForWidth(376) + 4 if body.hasHeightForWidth() else 560))

    def open_below(self, widget: QWidget) -> None:
        """Show it under a button, inside the screen."""
        screen = widget.screen().availableGeometry()
        place = widget.mapToGlobal(QPoint(0, widget.height() + 4))
        self.move(
            max(screen.left(), min(place.x(), screen.right() - self.width())),
            max(screen.top(), min(place.y(), screen.bottom() - self.height())),
        )
        self.show()
        if self.cards:
            self.cards[0].setFocus()

    def _other(self) -> None:
        self.close()
        self.network_wanted.emit()

    def _done(self, offer: Offer) -> None:
        self.close()
        self.chosen.emit(offer)
