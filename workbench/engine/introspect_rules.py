"""Which of Keras' classes and arguments are offered, and why the others are not: bounded tables.

Arguments are keyed by name, or by (class name, argument name) where it differs.
"""

from __future__ import annotations

GROUP_OF_FOLDER = {
    "core": "Core",
    "convolutional": "Convolution",
    "pooling": "Pooling",
    "rnn": "Recurrent",
    "preprocessing": "Preprocessing",
    "normalization": "Normalization",
    "regularization": "Regularization",
    "attention": "Attention",
    "reshaping": "Reshaping",
    "merging": "Merging",
    "activations": "Activations",
}

# Bases; what the two ends of the canvas stand for; what needs targets that no data here has (label sequences, masks);
# an alias that is described below; what MeanIoU stands for; an activation that takes arguments, and one that gives half
# of what Keras says.
NOT_OFFERED = {
    *("Layer", "InputLayer", "Loss", "Metric", "Mean", "Sum", "MeanMetricWrapper", "Accuracy"),
    *("CTC", "IoU", "BinaryIoU", "OneHotIoU", "OneHotMeanIoU", "STFT"),
    *("Optimizer", "LossScaleOptimizer", "MultiOptimizer", "OptimizerMap", "LearningRateSchedule"),
    *("Initializer", "Regularizer", "Constraint", "threshold", "glu"),
}

# Layers that hold another one, and which of them make sense there.
CELLS = ("LSTMCell", "GRUCell", "SimpleRNNCell")
INSIDE = {
    "Bidirectional": ("LSTM", "GRU", "SimpleRNN"),
    "TimeDistributed": (
        *("Dense", "Conv1D", "Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Flatten", "Reshape", "Dropout"),
        *("MaxPooling1D", "MaxPooling2D", "AveragePooling1D", "AveragePooling2D"),
        *("GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D"),
        *("BatchNormalization", "LayerNormalization", "LSTM", "GRU"),
    ),
    "SpectralNormalization": ("Dense", "Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "Embedding"),
}
_BASE = "it only passes on to the layer inside it; use that layer itself."
_CELL = "it is the inside of a recurrent layer: choose it in an RNN block, or use SimpleRNN, LSTM or GRU."
_CODE = "it needs code written by hand."
_WORDS = "it works on words, which the Features page turns into numbers."
_FITTED = "it has to be fitted to the data first, which the Features page does."
UNUSABLE = {
    "Wrapper": _BASE,
    "Pipeline": "it is a list of layers in a row, which the canvas draws as what it is.",
    "StackedRNNCells": _CELL,
    "SimpleRNNCell": _CELL,
    "LSTMCell": _CELL,
    "GRUCell": _CELL,
    "Lambda": "it needs code written by hand, and a file that brings one could do anything with this computer.",
    "JaxLayer": _CODE,
    "FlaxLayer": _CODE,
    "TorchModuleWrapper": _CODE,
    "TFSMLayer": "it runs a saved program as it is, which could do anything with this computer; open the model itself.",
    "StringLookup": _WORDS,
    "TextVectorization": _WORDS,
    "IntegerLookup": _FITTED,
    "MixUp": "it mixes the labels too, which a layer inside the model cannot reach.",
    "CutMix": "it mixes the labels too, which a layer inside the model cannot reach.",
    "RandomCrop": "Keras crops while training only, so that the model meets another size afterwards; take CenterCrop.",
    "HashedCrossing": "it crosses categories, which the Features page turns into numbers.",
    "Equalization": "Keras loses track of it when it is put into a model.",
    "MaxNumBoundingBoxes": "it works on bounding boxes, which no data here has yet.",
}

# Why arguments have no editor, and which: each reason is written into docs/layers.md.
LEFT_OUT = {
    "the block's name, the precision of the training settings and the weights a block starts from say it": (
        *("name", "dtype", "weights", "mean_dtype", "reverse_dtype", "vocabulary_dtype", "encoding"),
    ),
    "it hands on further arguments that Keras does not name": ("kwargs", "args", "fn"),
    "it belongs to quantisation and to adapters, which are put into a finished model": (
        *("lora_rank", "lora_alpha", "quantization_config", "gptq_unpacked_column_size"),
    ),
    "channels come last everywhere: TensorFlow cannot compute the other order on a CPU": ("data_format",),
    "it gives several outputs, and a wire carries one": ("return_state",),
    "it carries the state from one batch to the next, and rows come in a new order in each epoch": ("stateful",),
    "it changes how a layer is computed, not what": ("use_cudnn", "flash_attention", "zero_output_for_mask"),
    "it is about sparse or ragged numbers, and what runs through wires is dense": ("sparse", "ragged"),
    "it is kept when a model brings it, and has no editor": ("noise_shape", "attention_axes"),
    "Keras itself draws on it inside only": ("input_axes", "output_axes"),
    "it takes a dictionary or a table": (
        "renorm_clipping",
        "class_weights",
        "label_weights",
        "exclude_from_weight_decay",
    ),
    "it concerns words or their counts, which the Features page turns into numbers": (
        *("vocabulary", "idf_weights", "count_weights", "pad_to_max_tokens"),
    ),
    "the training decides it": ("reduction", "loss_scale_factor", "from_sorted_ids", "ignore_class"),
    "what it changes is one number for the whole of a batch's answers, not a curve or a list of them": (
        *("thresholds", "summation_method", "target_class_ids"),
    ),
    "it follows from how many classes there are and how they are stored": (
        *("num_classes", "num_labels", "sparse_y_true", "sparse_y_pred"),
    ),
}
HIDDEN = {name for names in LEFT_OUT.values() for name in names}

HIDDEN_AT = {
    ("MultiHeadAttention", "output_shape"),
    ("SimpleRNN", "seed"),  # Keras does not save it
    ("RandomGrayscale", "seed"),
    ("Identity", "gain"),
    ("Resizing", "fill_mode"),  # only "constant" can be computed
    ("Discretization", "num_bins"),  # of one that is fitted to the data
    ("Discretization", "epsilon"),
    ("Bidirectional", "backward_layer"),  # Keras makes it from the layer itself
    ("Muon", "exclude_layers"),
    ("Muon", "exclude_embeddings"),
    ("Muon", "muon_a"),
    ("Muon", "muon_b"),
    ("Muon", "muon_c"),
}

MERGES = {"Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply"}
PORTS = {
    "Attention": ("query", "value", "key"),
    "AdditiveAttention": ("query", "value", "key"),
    "MultiHeadAttention": ("query", "value", "key"),
    "GroupQueryAttention": ("query", "value", "key"),
}
TWO_INPUTS = {"Subtract", "Dot", *PORTS}

RANK = {
    "Masking": 2,
    "RNN": 2,
    "Embedding": 1,
    "MelSpectrogram": 1,
    "LSTM": 2,
    "Bidirectional": 2,
    "TimeDistributed": 2,
    "GRU": 2,
    "SimpleRNN": 2,
    "RepeatVector": 1,
    "MultiHeadAttention": 2,
    "GroupQueryAttention": 2,
    "STFTSpectrogram": 2,
}

OBJECT_GROUPS = {"_initializer": "initializers", "_regularizer": "regularizers", "_constraint": "constraints"}

# Short names people and Keras use for a metric that has no function of that name.
METRIC_ALIASES = {"accuracy": "The share of rows answered right; the kind that fits the target is chosen by Keras."}
