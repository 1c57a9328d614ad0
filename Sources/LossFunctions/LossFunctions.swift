// One import for the core and every family.
@_exported public import ClassificationLosses
@_exported public import CompoundLosses
@_exported public import EmbeddingLosses
@_exported public import LossPluginABI
@_exported public import LossComposition
@_exported public import LossCore
@_exported public import LossDialects
@_exported public import RankingLosses
@_exported public import RegressionLosses
@_exported public import SegmentationLosses
@_exported public import SequenceLosses
