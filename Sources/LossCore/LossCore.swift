// `import LossCore` gives plug-ins the tensors and the numerics as well.
@_exported public import LossNumerics
@_exported public import LossTensors
@_exported public import LossVectors
