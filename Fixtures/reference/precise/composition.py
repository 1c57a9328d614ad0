"""Losses of losses."""

from precise.table import Regime, Table, Variant

TYPICAL = {
    "prediction": [[1.5, -2.0, 0.25], [3.0, 0.1, -0.75]],
    "target": [[1.0, 0.5, -0.5], [2.5, 0.3, 1.0]],
}


def part(loss, scale, **more):
    return {"loss": loss, "scale": scale} | more


BOTH = {"parts": [part("mean_squared_error", 0.7), part("mean_absolute_error", 0.3)]}

TABLES = [
    Table("sum", "Losses added, each multiplied by a number", TYPICAL,
        [
            Variant("three-parts", {"parts": BOTH["parts"] + [part("log_cosh", 2)]}),
            Variant("with-options", {"parts": [
                part("huber", 0.1, options={"delta": 0.5}), part("mean_squared_error", 1)]}),
            Variant("scale-zero", {"parts": [
                part("mean_squared_error", 1), part("mean_absolute_error", 0)]}),
        ],
        [
            Regime("penalty-keeps-its-sum", "a penalty is summed beside a mean", "WrongDivisor",
                {"prediction": [1.0, 2.5], "target": [0.5, 1.0], "kernel": [0.5, -1.5]},
                options={"parts": [part("mean_squared_error", 1),
                    part("l2_penalty", 0.01, options={"of": "kernel"}, reduction="sum")]},
                reduction="mean", roles=("prediction", "target", "kernel")),
            Regime("region-beside-elements", "one term for all beside a mean of terms", "LostAxis",
                {"prediction": [0.75, 0.25, 0.5], "target": [1.0, 0.0, 1.0]},
                options={"parts": [part("mean_absolute_error", 0.5), part("dice", 2)]},
                reduction="mean"),
            Regime("parts-far-apart", "a small part beside a large one", "LostAddend",
                {"prediction": [1.5, -2.0], "target": [1.0, 0.5]},
                options={"parts": [part("mean_squared_error", 1e6), part("mean_absolute_error", 1e-6)]},
                reduction="mean"),
        ], options=BOTH),
]
