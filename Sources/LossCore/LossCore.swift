// A plug-in writes `import LossCore` and has the tensors and the numerics of its formulas too.
@_exported public import LossNumerics
@_exported public import LossTensors
