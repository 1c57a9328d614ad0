"""The options of each loss with their defaults, and which losses are reduced in another way."""

DEFAULTS = {
    "mean_absolute_error": {},
    "mean_squared_error": {},
    "mean_squared_logarithmic_error": {"offset": 1},
    "huber": {"delta": 1},
    "log_cosh": {},
    "poisson_nll": {"log_input": False, "full": False, "epsilon": 0},
    "cosine_similarity": {"epsilon": 0},
    "cosine_distance": {"epsilon": 0},
    "root_mean_squared_error": {"per": "all"},
    "l1_penalty": {"of": "parameters"},
    "l2_penalty": {"of": "parameters"},
    "cross_entropy": {
        "from_logits": True, "class_weights": [], "label_smoothing": 0, "ignore_index": None,
        "epsilon": 0, "targets": "any",
    },
    "binary_cross_entropy": {
        "from_logits": True, "positive_weight": 1, "negative_weight": 1, "label_smoothing": 0,
        "epsilon": 0, "clip": 0,
    },
    "kl_divergence": {"log_prediction": False, "log_target": False, "epsilon": 0, "clip": 0},
    "hinge": {},
    "squared_hinge": {},
    "soft_margin": {},
    "categorical_hinge": {"floor_at_zero": False, "targets": "any"},
    "focal": {"gamma": 2, "from_logits": True, "class_weights": [], "epsilon": 0},
    "binary_focal": {"gamma": 2, "alpha": None, "from_logits": True, "epsilon": 0},
    "label_smoothing": {"smoothing": 0.1, "binary": False},
    "softmax": {},
    "margin_ranking": {"margin": 0},
    "siamese_contrastive": {"margin": 1},
    "dice": {"smooth": 1, "squared": False, "activation": "none", "per": "all"},
    "tversky": {
        "false_positive_weight": 0.5, "false_negative_weight": 0.5, "smooth": 1, "activation": "none",
        "per": "all",
    },
    "ctc": {"blank": 0, "from_logits": True, "infeasible": "infinity", "per_label": False},
}

TRANSFORMS = {"label_smoothing", "softmax"}
REGIONS = {"root_mean_squared_error", "dice", "tversky"}
