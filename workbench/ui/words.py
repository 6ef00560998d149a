"""The field's words, one sentence each, for Help > Words, hover texts and the finder; sizes as people read them."""

from __future__ import annotations

WORDS: dict[str, str] = {
    "accuracy": "The share of answers that are right.",
    "activation": "A function applied to a layer's output; without it, layers stacked could only draw straight lines.",
    "augmentation": "Changing training pictures a little each time, so that the network learns what does not matter.",
    "autoencoder": "A network that gives back its input through a narrow middle; what it rebuilds badly is odd.",
    "baseline": "What the simplest rule scores, such as always naming the most common class.",
    "batch": "The rows the network sees between two small corrections of its weights.",
    "channel": "One of the numbers measured at every step of a series, such as x, y and z of an accelerometer.",
    "class": "One of the possible answers when the target is a category.",
    "confusion matrix": "How often each true class was answered as each class; its diagonal is what is right.",
    "convolution": "A layer that slides small filters over a picture and finds the same pattern wherever it is.",
    "dropout": "Switching off random units while training, so that no answer hangs on a single one.",
    "early stopping": "Ending the training once the validation score no longer improves.",
    "encoder": "How a column becomes numbers: scaled, or one column for each of its values.",
    "epoch": "One pass over all training rows.",
    "feature": "A column, or what becomes of it, that the network is given to answer from.",
    "forecast": "A value some steps ahead, answered from what is known before it.",
    "followed run": "A run that another program trains in this project, as `workbench train PROJECT` does. It is shown "
    "here as it learns; Pause, Stop and Abort ask that program.",
    "gradient": "How the loss would change if a weight changed a little; training follows it downhill.",
    "kernel": "The small grid of weights that a convolution slides over the picture.",
    "label": "The true answer of a row.",
    "layer": "One step of the network: it takes numbers in and gives numbers out, mostly with weights of its own.",
    "learning rate": "How large a step each correction of the weights is; too large jumps about, too small crawls.",
    "logits": "The raw scores of the last layer before they are turned into probabilities.",
    "loss": "One number for how wrong the answers are; training makes it smaller.",
    "MAE": "Mean absolute error: by how much the answers are off on average, in the unit of the target.",
    "metric": "A figure that is watched but not trained on, such as accuracy.",
    "neuron": "One unit of a layer: a weighted sum of its inputs, passed through an activation.",
    "normalization": "Bringing numbers to a common scale, so that training goes faster and steadier.",
    "one-hot": "A category written as zeros with a single one at its place.",
    "optimizer": "The rule that turns gradients into corrections of the weights, such as SGD or Adam.",
    "overfitting": "Learning the training rows by heart: their loss falls while that of unseen rows rises.",
    "parameter": "One number inside the network that training adjusts; also called a weight.",
    "pooling": "Making a picture smaller by keeping the largest or the mean of each little square.",
    "prediction": "The network's answer for one row or picture.",
    "regression": "Predicting a number rather than a class.",
    "run": "One training from beginning to end, kept with its settings, curves and best weights.",
    "seed": "The number that random choices start from; the same seed gives the same run.",
    "series": "Steps in the order of time, such as one recording of a sensor.",
    "shared layer": "One layer at several places of the network, with the same weights, as in a siamese network.",
    "softmax": "Turns scores into probabilities that add up to one.",
    "stride": "Steps from the beginning of one window to that of the next.",
    "target": "The column that the network learns to predict; a table may have several, with an output for each.",
    "test part": "Rows kept aside until the end; only they tell how good the model is on new data.",
    "validation part": "Rows not trained on, used while training to see whether it still improves.",
    "weight": "One number inside the network that training adjusts.",
    "without a window": "In a terminal: `workbench train PROJECT` trains, and `workbench control PROJECT pause`, "
    "`resume`, `stop`, `abort` or `set learning_rate=0.001` asks that run; `workbench --help` names the rest.",
    "window": "So many steps of one series in a row: what a network of series is given to answer from.",
}


def size_text(size: float) -> str:
    """Bytes as people read them: "812 bytes", "12 kB", "1.4 MB" (1 MB is a million bytes)."""
    if size < 1000:
        return f"{size:.0f} bytes"
    scale, unit = next((s, u) for s, u in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")) if size >= s)
    value = size / scale
    return f"{value:.1f} {unit}" if value < 10 else f"{value:,.0f} {unit}"
