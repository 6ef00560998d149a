"""What a person would look for about training, topic by topic, for Help > Training and the finder. No Qt."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """`text`: short paragraphs; {runs} is the project's folder of runs. `also`: what else it is called."""

    title: str
    text: tuple[str, ...]
    also: str = ""

    def found(self, words: str) -> int:
        """How well it answers beginnings of words: 2 by its title or further words, 1 by its text, 0 not at all."""
        wanted = [re.compile(rf"(?<!\w){re.escape(word)}", re.IGNORECASE) for word in words.split()]
        named = f"{self.title} {self.also}"
        if all(word.search(named) for word in wanted):
            return 2
        whole = f"{named} {' '.join(self.text)}"
        return int(all(word.search(whole) for word in wanted))


TOPICS = (
    Topic(
        "Begin a run",
        (
            "The big button, F5 and Ctrl+K begin what the left of the Train page says: the settings, “Begins with” "
            "and “Folds”.",
            "What it will take stands below the settings: time and memory. What will hardly fit is said there, with a "
            "button that mends it where there is a way.",
            "Settings are edits of the project: Ctrl+Z takes them back. A run keeps those it began with.",
        ),
        "start, train, F5, forecast, settings",
    ),
    Topic(
        "What is kept",
        (
            "Each run keeps its settings, its curves, the weights of its best epoch and those of its last.",
            "The best epoch is that of the watched figure. While early stopping is off that is the validation loss; "
            "without validation rows, the loss.",
            "“Keep every”, under “Precision and speed”, keeps a checkpoint of every so many epochs as well, to test, "
            "export or to begin with.",
        ),
        "best, last, weights, checkpoint, watched figure, monitor",
    ),
    Topic(
        "Early stopping",
        (
            "“Stop early” ends a run when the figure under “Watch” has not got better for so many epochs "
            "(“Patience”). A change smaller than “At least by” does not count.",
            "Any metric of the run may be watched. The best weights are kept in any case.",
            "“Falling rate” lowers the learning rate when a figure no longer gets better: the same one, or one of its "
            "own.",
        ),
        "patience, plateau, watch, monitor, stop early",
    ),
    Topic(
        "Pause, stop, abort",
        (
            "Pause (Space) saves the run and waits. Resume goes on.",
            "Stop (Shift+F5) ends it, keeps the best weights and scores the test part.",
            "Abort ends it at once: what it has reached is kept, the test part is not scored.",
            "Train › End the engine is for an engine that does not answer. A new one is started, and the run can be "
            "resumed from its last checkpoint.",
        ),
        "halt, end, cancel, kill, Space",
    ),
    Topic(
        "Close and resume",
        (
            "The program may be closed while a run trains. “Resume interrupted” stands below the Train button then.",
            "The run then goes on with the settings it began with, to the same weights as if it had never been left. "
            "After a crash or a loss of power the steps since its last checkpoint are done again; where the disk was "
            "full, make room first. Other versions or another kind of device are told.",
            "Runs that wait in the queue are kept with the project, and you are asked about them when it is opened.",
            "A fold that is resumed is followed by those that are missing of its cross-validation.",
        ),
        "reopen, interrupted, crash, kill, power loss, full disk, go on, continue, checkpoint",
    ),
    Topic(
        "Train on",
        (
            "“Train run 1 on for … more epochs”, below the settings, lets the last run go on where it ended, with its "
            "own settings.",
            "To go on with other settings, or with an edited model, begin a new run with its weights: see “Begins "
            "with”.",
        ),
        "more epochs, longer, continue",
    ),
    Topic(
        "Begins with",
        (
            "A run begins with new weights, or with those of another run: its best epoch, its last, or a checkpoint "
            "that was kept. The parent run stays as it is.",
            "Of a model that was edited since, the weights that still fit are taken. The doctor says which layers are "
            "new.",
            "The last and the kept ones bring the state of the optimizer, where model and optimizer are the same.",
        ),
        "fork, warm start, branch, fine-tune, transfer, parent weights, checkpoint",
    ),
    Topic(
        "Change a run while it trains",
        (
            "Under “While it trains”: the learning rate holds from the next step on, the batch size from the next "
            "epoch on. “Epochs in all” may be more or fewer. “Patience” ends the run early, 0 lets it go on.",
            "Each change is kept with the run and marked on its curves. The settings above are then those of the next "
            "run.",
            "Of a run that is paused, changes are taken when it goes on.",
        ),
        "live, adjust, learning rate, batch size, epochs, patience",
    ),
    Topic(
        "Folds: cross-validation",
        (
            "“Folds” 5 trains five runs one after another, each validated on other rows. When the last has ended you "
            "are told the mean and the spread of their scores.",
            "The split on the Features page may plan folds, and the number stands here then. It can be typed here for "
            "any project; 0 is one run.",
            "If a person stops a fold, the others wait until you say. A fold that fails does not keep the others.",
            "One that was broken off is finished: resume its fold, or select a fold on the Runs page and press “Train "
            "the missing folds”; in a terminal “workbench train PROJECT --resume”.",
        ),
        "k-fold, mean and spread, missing, broken off, finish",
    ),
    Topic(
        "Queue",
        (
            "While a run trains, change the settings or the model and press “Queue as the next run”. It is trained as "
            "the project stood at that moment.",
            "How many wait stands below, with their names under the pointer; “Forget them” empties the queue, “Go on” "
            "begins with the first when nothing trains.",
            "After a run that failed or was stopped you are asked whether the others go on.",
        ),
        "next run, waiting, several runs, night",
    ),
    Topic(
        "Find a learning rate",
        (
            "“Try learning rates” trains a model, begun as the next run would be, for about a hundred steps, each "
            "with a larger rate than the last, and draws the loss against the rate. Nothing of it is kept.",
            "A good rate lies where the loss falls fastest. “Use” puts it into the settings, and Ctrl+Z takes it out.",
            "A rate may also follow a schedule, drawn below its settings, which is as long as the run unless you give "
            "it a length. There is no one rate to look for then.",
        ),
        "range test, LR finder, schedule, cosine decay, warm-up",
    ),
    Topic(
        "The doctor",
        (
            "On the right of the Train page: what the curves and looks inside the network say, and what to try.",
            "Its buttons change the settings of the next run, as edits that Ctrl+Z takes back, or lead to the block "
            "or page that is meant. Only Stop acts on the run that trains.",
            "Looks inside (gradients, dead units, classes never answered) are taken while they cost at most 1.5 % of "
            "the time, and when nothing is learned. “Precision and speed” has a switch for them.",
        ),
        "findings, remedies, overfitting, vanishing, exploding, dead units, probe, NaN",
    ),
    Topic(
        "What the curves show",
        (
            "Bold lines are whole epochs, thin ones single batches. Blue is the training part, orange the validation "
            "part.",
            "“best epoch” marks the epoch whose weights are kept. “overfitting from” marks the turning point, where "
            "the validation loss began to rise while the loss went on falling.",
            "Fine upright lines are what happened on the way, such as a changed rate. A strip below draws the "
            "learning rate where it changes.",
            "“earlier runs” draws up to four of them faintly behind: their ghosts.",
        ),
        "ghosts, marks, turning point, best epoch, thin and bold, colours, legend",
    ),
    Topic(
        "Read the curves closely",
        (
            "Rest the pointer on them: all figures of that moment, with what happened there.",
            "Drag across a stretch of time, or turn the wheel, to look closer; the arrow keys move it. Home, a double "
            "click or “Whole run” shows all of it.",
            "“Smoothing” averages over neighbouring batches; epochs are not smoothed. “log” draws the loss on a "
            "logarithmic axis, “steps” counts batches along the time axis.",
            "With several metrics a box chooses the one that is drawn below the loss.",
        ),
        "zoom, smoothing, logarithmic axis, log, read-out, steps",
    ),
    Topic(
        "Time left",
        (
            "Until the last epoch at the speed of now, with validation, saving and the scores of the test part.",
            "Early stopping may end the run sooner. Above the curves it is the time of the one run; how long all folds "
            "and runs that wait will take stands beside the queue.",
            "“took” is the time in training, of all sittings: opening the data, compiling and pauses are not in it. "
            "“About … an epoch”, before a run, was measured for a moment and means its first two digits at most.",
            "“samples/s” are the training rows gone through in a second. What the engine takes of the processor, the "
            "card and the memory stands at the left end of the lowest line.",
        ),
        "remaining, duration, how long, ETA, took, speed, samples a second, device load, memory",
    ),
    Topic(
        "Twice the same run",
        (
            "The same settings, data and seed give the same weights and figures, bit by bit, on the same device with "
            "the same versions: also of a run that was paused, closed or killed and resumed.",
            "The seed, under “Loss, seed and device”, is where starting weights, the order of rows, dropout and varied "
            "pictures begin. Another seed shows how much of a score is chance; so do folds.",
            "Operations that a device computes in no fixed order differ a little each time: the run says so where it "
            "has such ones. Other devices, versions or numbers of machines differ in the last digits.",
        ),
        "seed, reproducible, deterministic, determinism, exact, random, chance, order of rows, shuffle",
    ),
    Topic(
        "Loss, weights and limits",
        (
            "“auto” takes the loss that fits the target and the last layer. Label smoothing is among the settings of "
            "the loss. With several outputs each has its loss, its metrics and its weight in the sum, at its block.",
            "What counts more: “Class weights” here, the balance of classes on the Features page, and a column with "
            "the role Weight there for single rows.",
            "The settings of the optimizer limit gradients (clipnorm, clipvalue, global clipnorm), pull weights "
            "towards 0 (weight decay), add up the gradients of several batches (accumulation) and keep a moving "
            "average of the weights.",
            "On the Model page: Dropout and other noise, regularizers of a layer, and whether a layer is trained or "
            "frozen.",
        ),
        "label smoothing, class weights, row weights, sample weight, loss weight, several outputs, multi-output, "
        "gradient clipping, gradient accumulation, moving average, EMA, weight decay, regularisation, regularization, "
        "freeze, balance",
    ),
    Topic(
        "Without the window",
        (
            "In a terminal, in the folder of the project: workbench train . trains it, with --epochs, --folds, "
            "--resume and more; workbench train --help names all.",
            "workbench control . pause, resume, stop, abort or set learning_rate=0.001 reach a run that trains, "
            "whichever program trains it. Ctrl+C stops one there and keeps its best weights.",
            "A run that a terminal trains is followed here while it trains, and stands on the Runs page.",
        ),
        "headless, command line, control, terminal, script, shell, remote, SSH",
    ),
    Topic(
        "Be told when it ends",
        (
            "The desktop tells you when training of more than a minute has ended and no window of the program is in "
            "front. Runs of a queue that go well are told as one.",
            "Train › Notify me when a long run ends switches it off.",
        ),
        "notify, notifications, tray, message, switch",
    ),
    Topic(
        "TensorBoard",
        (
            "Switch “TensorBoard” on under “Precision and speed”. Each run then writes its logs into its own folder: "
            "tensorboard/train and tensorboard/validation.",
            "TensorBoard itself is a program of its own: pip install tensorboard. Then, for the runs of this project:",
            "tensorboard --logdir {runs}",
        ),
        "logs, logdir, command",
    ),
    Topic(
        "When memory is too small",
        (
            "Before a run a batch size that fits is offered below the settings. Smaller batches, inputs or layers "
            "take less.",
            "A run that met the end of memory says so above its curves. It can be resumed from its checkpoint in "
            "batches of half the size, with one press; its settings stay as they are.",
            "Rows that are larger than memory are read piece by piece while it trains.",
        ),
        "out of memory, OOM, RAM, half the batch, streamed",
    ),
    Topic(
        "Several machines",
        (
            "“Train on a cluster”, below the settings: name at least two machines as host:port. Each needs the "
            "project's folder and data at the same place, and runs the line that is shown for it. The first keeps the "
            "run.",
            "The first can be started here. When a machine is lost the run ends, and goes on from its checkpoint with "
            "any number of machines, also one.",
        ),
        "cluster, distributed, worker",
    ),
    Topic(
        "Device and speed",
        (
            "Device auto takes a graphics card when there is one, else the processor. Of several cards all can be "
            "chosen together.",
            "XLA compiles the network: dense ones become several times faster, small convolutional ones slower. Auto "
            "finds out at the start of a run; how it trains stands above the curves.",
            "Half-sized numbers are faster on graphics cards since 2018. On most processors they are slower.",
        ),
        "GPU, graphics card, CPU, processor, threads, XLA, mixed precision, half",
    ),
)
