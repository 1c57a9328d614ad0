import Foundation
import LossFiles
import LossFunctions
import Testing

@testable import LossTool

/// The table of wrong command lines: the exact message and the exit status of each.
///
/// A row is two lines: the words after `$`, and the status with the first line of the message. `@`
/// is a folder with the files below. The words have no spaces inside.
@Suite struct MessageTests {
  static let files = [
    "p.csv": "pred,target,keep\n1.5,1,True\n2.5,2,False\n",
    "r.csv": "\"pred\",\"target\",\"keep\"\n1.5,1,TRUE\n2.5,2,FALSE\n",
    "comma.csv": "pred;target\n1,5;1\n2,5;2\n",
    "plain.csv": "0.1,0.2,0.7\n0.3,0.3,0.4\n",
    "one.csv": "1\n2\n",
    "numbered.csv": "0,1,2\n0.3,0.3,0.4\n",
    "twice.csv": "pred,pred,target\n1,2,3\n",
    "index.csv": ",a,b\n0,1.0,2.0\n1,3.0,4.0\n",
    "quoted.csv": "\"a, b\",y\n1.5,2\n",
    "missing.csv": "pred,target\n1,\n2,NA\n",
    "ragged.csv": "pred,target\n1,2\n3\n",
    "quote.csv": "pred,target\n\"1,2\n",
    "junk.csv": "pred,target\n\"1\"x,2\n",
    "mixed.csv": "pred,keep\n1,True\n2,3\n",
    "text.csv": "pred,target\n1,cat\n",
    "empty.csv": "",
    "mark.json": "[1, 2",
    "object.json": "{\"shape\": [2], \"data\": [1]}",
    "wide.json": "{\"element\": \"i64\", \"shape\": [1], \"data\": [1.5]}",
  ]

  static let table = #"""
    # Files
    $ eval mean_absolute_error @/p.csv:prediction @/p.csv:target
    1 @/p.csv has no column "prediction"; expected one of pred, target, keep.
    $ eval mean_absolute_error @/p.csv @/p.csv:target
    1 @/p.csv is given without a column; expected @/p.csv:COLUMN, @/p.csv:A,B or @/p.csv:*.
    $ eval mean_absolute_error @/p.csv: @/p.csv:target
    1 @/p.csv has no column ""; expected one of pred, target, keep.
    $ eval mean_absolute_error @/p.csv:pred,none @/p.csv:target
    1 @/p.csv has no column "none"; expected one of pred, target, keep.
    $ eval mean_absolute_error @/p.csv:* @/p.csv:target
    1 @/p.csv has 1.5 at [0, 0] and true at [0, 2]; expected only numbers, or only booleans.
    $ eval mean_absolute_error @/comma.csv:pred @/comma.csv:target
    1 @/comma.csv has "1,5" in line 2 of column pred; expected a number. Decimals are written \#
    with a point.
    $ eval mean_absolute_error @/plain.csv:pred @/plain.csv:1
    1 @/plain.csv has no header, so no column "pred"; expected * for all columns, or a number \#
    from 0 to 2.
    $ eval mean_absolute_error @/plain.csv:3 @/plain.csv:1
    1 @/plain.csv has no header, so no column "3"; expected * for all columns, or a number from \#
    0 to 2.
    $ eval mean_absolute_error @/plain.csv:-1 @/plain.csv:1
    1 @/plain.csv has no header, so no column "-1"; expected * for all columns, or a number from \#
    0 to 2.
    $ eval mean_absolute_error @/one.csv:1 @/one.csv:0
    1 @/one.csv has no header, so no column "1"; expected * for all columns, or 0.
    $ eval mean_absolute_error @/numbered.csv:* [[0,0,0]]
    1 @/numbered.csv begins with 0 to 2, which are column numbers or a row of numbers; expected \#
    a header with names, or none. pandas writes no header with header=False.
    $ eval mean_absolute_error @/numbered.csv:0 [0]
    1 @/numbered.csv begins with 0 to 2, which are column numbers or a row of numbers; expected \#
    a header with names, or none. pandas writes no header with header=False.
    $ eval mean_absolute_error @/twice.csv:pred @/twice.csv:target
    1 @/twice.csv has 2 columns "pred"; expected one column of that name.
    $ eval mean_absolute_error @/index.csv:* [[1,2],[3,4]]
    1 @/index.csv has a column without a name; expected a name for each column of *. pandas \#
    writes no row names with index=False, R with row.names=FALSE.
    $ eval mean_absolute_error @/quoted.csv:a @/quoted.csv:y
    1 @/quoted.csv has no column "a"; expected one of a, b, y. A column name that contains a \#
    comma is written in double quotes.
    $ eval mean_absolute_error @/quoted.csv:"a @/quoted.csv:y
    1 @/quoted.csv:"a has an unterminated quote in line 1.
    $ eval mean_absolute_error @/missing.csv:pred @/missing.csv:target
    1 @/missing.csv has "" in line 2 of column target; expected a number. A missing number is \#
    written as nan.
    $ eval mean_absolute_error @/ragged.csv:pred @/ragged.csv:target
    1 @/ragged.csv has 1 fields in line 3; expected 2, as in the header.
    $ eval mean_absolute_error @/quote.csv:pred @/quote.csv:target
    1 @/quote.csv has an unterminated quote in line 2.
    $ eval mean_absolute_error @/junk.csv:pred @/junk.csv:target
    1 @/junk.csv has "x" after a quote in line 2; expected a separator.
    $ eval mean_absolute_error @/mixed.csv:pred @/mixed.csv:keep
    1 @/mixed.csv has true at [0] and 3 at [1]; expected only numbers, or only booleans.
    $ eval mean_absolute_error @/text.csv:pred @/text.csv:target
    1 @/text.csv has "cat" in line 2 of column target; expected a number.
    $ eval mean_absolute_error @/empty.csv:pred @/empty.csv:target
    1 @/empty.csv is empty; expected a header and rows of numbers.
    $ eval mean_absolute_error @/none.csv:pred @/p.csv:target
    1 @/none.csv does not exist.
    $ eval mean_absolute_error @/utf16.csv:pred @/utf16.csv:pred
    1 @/utf16.csv is UTF-16 text; expected UTF-8. In Excel, save as "CSV UTF-8"; in PowerShell, \#
    use -Encoding utf8.
    $ eval mean_absolute_error @/utf16be.csv:pred @/utf16be.csv:pred
    1 @/utf16be.csv is UTF-16 text; expected UTF-8. In Excel, save as "CSV UTF-8"; in \#
    PowerShell, use -Encoding utf8.
    $ eval mean_absolute_error @/book.csv:pred @/book.csv:pred
    1 @/book.csv is a workbook or zip archive; expected text. In Excel, save as "CSV UTF-8".
    $ eval mean_absolute_error @/mark.json [1,2]
    1 @/mark.json ends early; expected "," or "]".
    $ eval mean_absolute_error @/object.json [1,2]
    1 @/object.json has "data" of length 1; expected 2, for shape [2].
    $ eval mean_absolute_error @/wide.json [1]
    1 @/wide.json has 1.5 at [0]; expected an integer in the range of i64.
    $ eval mean_absolute_error @/none.json [1]
    1 @/none.json does not exist.
    $ eval mean_absolute_error @/none.npz:a [1]
    1 @/none.npz does not exist.
    $ eval mean_absolute_error @/p.csv:pred [1,2] --gradient prediction=@/g.csv
    1 @/g.csv has an unsupported file extension; expected .npy, .safetensors:NAME or .json.
    # Masks
    $ eval mean_squared_error [1,2] [1,2] --input mask=[2,0]
    1 mean_squared_error: mask has type i64 and is 2 at [0]; expected type bool, or 0 and 1: \#
    true keeps a term, false removes it. Compare with the value to keep.
    $ eval mean_squared_error [1,2] [1,2] --input mask=[255,0]
    1 mean_squared_error: mask has type i64 and is 255 at [0]; expected type bool, or 0 and 1: \#
    true keeps a term, false removes it. A mask of 0 and 255 is divided by 255, or compared with 127.
    $ eval mean_squared_error [1,2] [1,2] --input mask=@/m255.npy
    1 mean_squared_error: mask has type i64 and is 255 at [0]; expected type bool, or 0 and 1: \#
    true keeps a term, false removes it. A mask of 0 and 255 is divided by 255, or compared with 127.
    $ eval mean_squared_error [1,2] [1,2] --input mask=@/m3.npy
    1 mean_squared_error: mask has type i64 and is 3 at [1]; expected type bool, or 0 and 1: \#
    true keeps a term, false removes it. Compare with the value to keep.
    $ eval mean_squared_error [1,2] [1,2] --input mask=[-1,0]
    1 mean_squared_error: mask has type i64 and is -1 at [0]; expected type bool, or 0 and 1: \#
    true keeps a term, false removes it. Compare with the value to keep.
    $ eval mean_squared_error [1,2] [1,2] --input mask=[0.0,1.0]
    1 mean_squared_error: mask has type f64; expected type bool, or 0 and 1: true keeps a \#
    term, false \#
    removes it. --cast mask=bool converts it.
    $ eval mean_squared_error [1,2] [1,2] --input mask=[0.3,1.0]
    1 mean_squared_error: mask has type f64; expected type bool, or 0 and 1: true keeps a \#
    term, false \#
    removes it. Compare with a threshold, such as 0.5.
    $ eval mean_squared_error [1,2] [1,2] --input mask=[0,0]
    1 mean_squared_error: mask leaves no terms for reduction mean; expected at least one term. \#
    Reduction sum gives 0; or set when_empty to zero or nan.
    $ eval mean_squared_error [1,2] [1,2] --input mask=[1,0,1]
    1 mean_squared_error: mask has shape [3]; expected [2], the shape of the terms, or extent 1 \#
    on axes to broadcast.
    $ eval mean_squared_error [1,2] [1,2] --input mask=true
    1 mean_squared_error: mask has shape []; expected [2], the shape of the terms, or extent 1 \#
    on axes to broadcast.
    $ eval mean_squared_error [[1,2],[3,4]] [[1,2],[3,4]] --input mask=[1,0]
    1 mean_squared_error: mask has shape [2]; expected [2, 2], the shape of the terms, or extent \#
    1 on axes to broadcast. Add an axis of extent 1: [2, 1] or [1, 2].
    $ eval dice [[[0.1],[0.2]],[[0.3],[0.4]]] [[[1.0],[0.0]],[[1.0],[0.0]]] --input \#
    mask=[[1,0],[1,1]]
    1 dice: mask has shape [2, 2]; expected [2, 2, 1], the shape of the prediction, or extent 1 \#
    on axes to broadcast. Add an axis of extent 1: [2, 2, 1].
    $ eval cross_entropy [[1,2],[3,4]] [0,1] --input mask=[[true],[false]]
    1 cross_entropy: mask has shape [2, 1]; expected [2], the shape of the terms, or extent 1 on \#
    axes to broadcast. Remove the axis of extent 1: [2].
    # Casts
    $ eval cross_entropy [[1,2],[3,4]] [0.0,1.0]
    1 cross_entropy: target has type f64 and shape [2]; expected class indices (i64) of shape \#
    [2], or [2, 2]. --cast target=i64 converts it.
    $ eval cross_entropy [[1,2],[3,4]] [0.0,0.5]
    1 cross_entropy: target has type f64 and shape [2]; expected class indices (i64) of shape \#
    [2], or [2, 2].
    $ eval cross_entropy [[1,2],[3,4]] [0.0,0.5] --cast target=i64
    1 cross_entropy: target is 0.5 at [1]; expected only whole numbers, to cast to i64.
    $ eval cross_entropy [[1,2],[3,4]] [0.0,nan] --cast target=i64
    1 cross_entropy: target is nan at [1]; expected only whole numbers, to cast to i64.
    $ eval cross_entropy [[1,2],[3,4]] [0.0,1e30] --cast target=i64
    1 cross_entropy: target is 1e+30 at [1]; expected only whole numbers, to cast to i64.
    $ eval cross_entropy [[1,2],[3,4]] [0.0,2.0] --cast target=i64
    1 cross_entropy: target is 2 at [1]; expected a class in 0 ..< 2, the class axis of \#
    prediction (shape [2, 2]).
    $ eval huber 1 2.5 --cast target=i64
    1 huber: target is 2.5; expected only whole numbers, to cast to i64.
    $ eval huber [1] [2] --input mask=[0.5] --cast mask=bool
    1 huber: mask is 0.5 at [0]; expected only 0 and 1, to cast to bool.
    $ eval huber [1] [2] --input mask=[3] --cast mask=bool
    1 huber: mask is 3 at [0]; expected only 0 and 1, to cast to bool.
    $ eval ctc [[[0.1,0.2],[0.1,0.2]]] [[1.0]]
    1 ctc: target has type f64 and shape [1, 1]; expected class indices (i64) of shape [1, \#
    label]. --cast target=i64 converts it.
    $ eval torch.cross_entropy [[1,2],[3,4]] [0.0,0.5] --cast target=i64
    1 torch.cross_entropy: target is 0.5 at [1]; expected only whole numbers, to cast to i64.
    $ eval huber 1 2 --cast target=int
    2 losses eval: --cast target is "int"; expected one of f32, f64, i64, bool, f16, \#
    bf16, i8, u8, i16, u16, i32, u32.
    $ eval huber 1 2 --cast target
    2 losses eval: --cast is "target"; expected ROLE=TYPE.
    $ eval huber 1 2 --cast =i64
    2 losses eval: --cast is "=i64"; expected ROLE=TYPE.
    $ eval huber 1 2 --cast labels=i64
    2 losses eval: --cast labels has no input; expected one of prediction, target.
    $ eval huber 1 2 --cast weight=f32
    2 losses eval: --cast weight has no input; expected one of prediction, target.
    $ eval huber 1 2 --cast target=i64 --cast target=f32
    2 losses eval: --cast target is given twice.
    $ eval huber 1 2 --cast
    2 losses eval: --cast has no value; expected ROLE=TYPE.
    # Shapes
    $ eval mean_squared_error 1 [0,0]
    1 mean_squared_error: target has shape [2]; expected [], the shape of prediction.
    $ eval mean_squared_error [0,0] 1
    1 mean_squared_error: target has shape []; expected [2], the shape of prediction.
    $ eval mean_squared_error [1,2,3] [[1],[2],[3]]
    1 mean_squared_error: target has shape [3, 1]; expected [3], the shape of prediction. Remove \#
    the axis of extent 1: [3].
    $ eval mean_squared_error [[1],[2],[3]] [1,2,3]
    1 mean_squared_error: target has shape [3]; expected [3, 1], the shape of prediction. Add an \#
    axis of extent 1: [3, 1].
    $ eval mean_squared_error [[1,2,3]] [[1],[2],[3]]
    1 mean_squared_error: target has shape [3, 1]; expected [1, 3], the shape of prediction. \#
    Reshape it to [1, 3].
    $ eval mean_squared_error [[1,2],[3,4]] [1,2]
    1 mean_squared_error: target has shape [2]; expected [2, 2], the shape of prediction.
    $ eval cross_entropy [[1,2],[3,4]] [[0],[1]]
    1 cross_entropy: target has shape [2, 1]; expected class indices (i64) of shape [2], or [2, \#
    2], to match prediction. Remove the axis of extent 1: [2].
    $ eval cross_entropy [[[1,2,4],[3,4,4]]] [[0,1,1]]
    1 cross_entropy: target has shape [1, 3]; expected class indices (i64) of shape [1, 2], or \#
    [1, 2, 3], to match prediction. With class_axis 1 it would fit.
    $ eval cross_entropy [[[1,2,4],[3,4,4]]] [[0,1]] --class-axis 1
    1 cross_entropy: target has shape [1, 2]; expected class indices (i64) of shape [1, 3], or \#
    [1, 2, 3], to match prediction. With class_axis 2 it would fit.
    $ eval cross_entropy [[1,2,3],[4,5,6]] [0,1,0]
    1 cross_entropy: target has shape [3]; expected class indices (i64) of shape [2], or [2, 3], \#
    to match prediction. With class_axis 0 it would fit.
    $ eval cross_entropy [[1,2,3],[4,5,6]] [0,1] --input weight=[1,2,3]
    1 cross_entropy: weight has shape [3]; expected [2], the shape of the terms, or extent 1 on \#
    axes to broadcast. Class weights are the option class_weights.
    $ eval categorical_hinge [[1,2,3],[4,5,6]] [0,1] --input weight=[1,2,3]
    1 categorical_hinge: weight has shape [3]; expected [2], the shape of the terms, or extent 1 \#
    on axes to broadcast.
    $ eval mean_squared_error [[1,2,3],[4,5,6]] [[1,2,3],[4,5,6]] --input weight=[1,2]
    1 mean_squared_error: weight has shape [2]; expected [2, 3], the shape of the terms, or \#
    extent 1 on axes to broadcast. Add an axis of extent 1: [2, 1].
    $ eval mean_squared_error [[1,2,3],[4,5,6]] [[1,2,3],[4,5,6]] --input weight=[1,2,3]
    1 mean_squared_error: weight has shape [3]; expected [2, 3], the shape of the terms, or \#
    extent 1 on axes to broadcast. Add an axis of extent 1: [1, 3].
    $ eval mean_squared_error [[1,2,3],[4,5,6]] [[1,2,3],[4,5,6]] --input weight=2
    1 mean_squared_error: weight has shape []; expected [2, 3], the shape of the terms, or \#
    extent 1 on axes to broadcast.
    $ eval rnnt [[[[0.1,0.2,0.3],[0.1,0.2,0.3]],[[0.1,0.2,0.3],[0.1,0.2,0.3]]]] [[1,2]]
    1 rnnt: target has shape [1, 2]; expected class indices (i64) of shape [1, 1], to match \#
    prediction. prediction needs 3 positions on its label axis, 1 more than target: the first is \#
    before any label.
    $ eval rnnt [[[0.1,0.2,0.3],[0.1,0.2,0.3]],[[0.1,0.2,0.3],[0.1,0.2,0.3]]] [[1]]
    1 rnnt: target has shape [1, 1]; expected class indices (i64) of shape [1], to match \#
    prediction. Remove the axis of extent 1: [1].
    $ eval ctc [[[0.1,0.2],[0.1,0.2]]] [1]
    1 ctc: target has shape [1]; expected class indices (i64) of shape [1, label], to match \#
    prediction.
    $ eval giou [[0,0,1]] [[0,0,1]]
    1 giou: prediction has shape [1, 3]; expected [..., 4].
    $ eval giou [[0,0,1,1]] [[0,0,1,1],[0,0,1,1]]
    1 giou: target has shape [2, 4]; expected [1, 4], the shape of prediction.
    $ eval torch.cosine_similarity [1.0,2.0,3.0] [1.0,2.0,3.0]
    1 torch.cosine_similarity: prediction has shape [3]; expected a batch axis before the class \#
    axis. Add an axis of extent 1: [1, 3].
    $ eval torch.cosine_similarity [[1.0,2.0,3.0]] [1.0,2.0,3.0]
    1 torch.cosine_similarity: target has shape [3]; expected [1, 3], the shape of prediction. Add \#
    an axis of extent 1: [1, 3].
    $ eval torch.cosine_similarity [[1.0,2.0,3.0]] [[1.0,2.0,3.0]] --option dim=7
    1 torch.cosine_similarity: option "dim" is 7; expected an axis of prediction (shape [1, 3]), \#
    from -2 to 1.
    $ eval monai.DiceLoss [[[0.5,0.5]]] [[[1,0]]] --option include_background=false
    1 monai.DiceLoss: option "include_background" leaves out the only class; expected a class to be \#
    included. Set include_background to true.
    $ eval monai.DiceLoss [[[0.5,0.5]]] [[[1,0]]] --option sigmoid=true --option softmax=true
    1 monai.DiceLoss: option "softmax" is true beside sigmoid; expected one of the two.
    $ eval monai.DiceFocalLoss [[[0.5,0.5]]] [[[1,0]]] --option reduction=sum
    1 monai.DiceFocalLoss: option "reduction" is sum; expected mean. For other reductions add the \#
    losses of its parts.
    $ eval smp.FocalLoss [[[0.5,0.5]]] [[[1,0]]] --option mode=binary --option reduction=none
    1 smp.FocalLoss: option "reduction" is none; expected one of mean, sum. For the terms \#
    themselves use binary_focal with reduction none.
    $ eval torch.cross_entropy [1.0,2.0,3.0] 1 --class-axis 1
    1 torch.cross_entropy: option "class_axis" is 1; expected an axis of prediction (shape [3]), \#
    from -1 to 0.
    $ eval torch.cross_entropy 1.0 1
    1 torch.cross_entropy: prediction has shape []; expected the axes [..., class].
    $ eval cross_entropy [[1,2],[3,4]] [0,1] --class-axis -3
    1 cross_entropy: option "class_axis" is -3; expected an axis of prediction (shape [2, 2]), \#
    from -2 to 1.
    $ eval huber [1,2] [1,2] --class-axis one
    2 losses eval: --class-axis is "one"; expected an integer.
    # Derivatives
    $ eval cross_entropy [[1,2],[3,4]] [0,1] --gradient target=-
    1 cross_entropy: target holds class indices, which have no gradient; expected prediction.
    $ eval cross_entropy [[1,2],[3,4]] [0,1] --gradient mask=-
    1 cross_entropy: mask has no gradient; expected prediction.
    $ eval cross_entropy [[1,2],[3,4]] [0,1] --gradient predictions=-
    1 cross_entropy: predictions is not an input of this loss; expected prediction. Did you mean \#
    "prediction"?
    $ eval hinge [1] [1] --gradient target=-
    1 hinge: target has no gradient; expected prediction.
    $ eval cosine_similarity [[1,2]] [[1,2]] --second-derivative target=-
    1 cosine_similarity: target has no second derivative; expected only values and gradients.
    $ eval binary_cross_entropy [1,2] [0,1] --option positive_weight=2 --option positive_weights=[1,2]
    1 binary_cross_entropy: option "positive_weight" is 2.0 beside positive_weights; expected one \#
    of the two.
    $ eval list_mle [[1,2]] [[1,2]] --second-derivative prediction=-
    1 list_mle: prediction has no second derivative; expected only values and gradients.
    $ eval huber 1 2 --gradient prediction
    2 losses eval: --gradient is "prediction"; expected ROLE=FILE.
    $ eval huber 1 2 --gradient prediction=
    2 losses eval: --gradient prediction has no file; expected a file, or -.
    $ eval huber 1 2 --gradient prediction=@/g.npy --gradient target=@/g.npy
    2 losses eval: @/g.npy is given for two results.
    # Options
    $ eval huber 1 1 --option delta=inf
    1 huber: option "delta" is inf; expected a finite number above zero.
    $ eval huber 1 1 --option delta=-inf
    1 huber: option "delta" is -inf; expected a finite number above zero.
    $ eval huber 1 1 --option delta=nan
    1 huber: option "delta" is nan; expected a finite number above zero.
    $ eval huber 1 1 --option delta=0
    1 huber: option "delta" is 0.0; expected a number above zero.
    $ eval huber 1 1 --option delta=true
    1 huber: option "delta" is true; expected a number above zero.
    $ eval huber 1 1 --option delta=[1]
    1 huber: option "delta" is [1]; expected a number above zero.
    $ eval huber 1 1 --option delta
    2 losses eval: --option is "delta"; expected KEY=VALUE.
    $ eval huber 1 1 --option delta=1 --option delta=2
    2 losses eval: --option delta is given twice.
    $ eval focal [[1,2]] [0] --option gamma=inf
    1 focal: option "gamma" is inf; expected a finite number of at least zero.
    $ eval cross_entropy [[1,2]] [0] --option label_smoothing=1.5
    1 cross_entropy: option "label_smoothing" is 1.5; expected a number from zero to 1.
    $ eval cross_entropy [[1,2]] [0] --option class_weights=[1,2,3]
    1 cross_entropy: option "class_weights" has 3 numbers; expected 2, one for each class.
    $ eval cross_entropy [[1,2]] [0] --option class_weights=[1,inf]
    1 cross_entropy: option "class_weights" is "[1,inf]"; expected a list, each a number of at \#
    least zero.
    $ eval cross_entropy [[1,2]] [0] --option weight=[1,2]
    1 cross_entropy: option "weight" is not an option of this loss; expected one of from_logits, \#
    class_weights, label_smoothing, ignore_index, epsilon, targets, counts_dense_weights.
    $ eval huber 1 2 --reduction average
    1 huber: option "reduction" is average; expected one of "none", "sum", "mean", "batch_mean", \#
    "weighted_mean", or an object with kind, axes, keeps_axes, when_empty, first.
    $ eval huber 1 2 --element f16
    2 losses eval: --element is "f16"; expected one of f32, f64. Did you mean "f32"?
    $ eval huber 1 2 --threads 0
    2 losses eval: --threads is "0"; expected an integer of at least 1.
    # No terms
    $ eval mean_squared_error [1,2] [1,2] --input weight=[0,0] --reduction weighted_mean
    1 mean_squared_error: weight leaves no terms for reduction weighted_mean; expected at least \#
    one term. Reduction sum gives 0; or set when_empty to zero or nan.
    $ eval mean_squared_error [1,2] [1,2] --input weight=[0,0] --input mask=[1,1] --reduction \#
    weighted_mean
    1 mean_squared_error: weight leaves no terms for reduction weighted_mean; expected at least \#
    one term. Reduction sum gives 0; or set when_empty to zero or nan.
    $ eval mean_squared_error [1,2] [1,2] --input weight=[1,1] --input mask=[0,0] --reduction \#
    weighted_mean
    1 mean_squared_error: mask leaves no terms for reduction weighted_mean; expected at least \#
    one term. Reduction sum gives 0; or set when_empty to zero or nan.
    $ eval cross_entropy [[1,2],[3,4]] [1,1] --option class_weights=[1,0] --reduction \#
    weighted_mean
    1 cross_entropy: target leaves no terms for reduction weighted_mean; expected at least one \#
    term. The loss ignores each term or weights it by 0. Reduction sum gives 0; or set \#
    when_empty to zero or nan.
    $ eval cross_entropy [[1,2],[3,4]] [9,9] --option ignore_index=9
    1 cross_entropy: target leaves no terms for reduction mean; expected at least one term. The \#
    loss ignores each term or weights it by 0. Reduction sum gives 0; or set when_empty to zero \#
    or nan.
    $ eval mean_squared_error [] []
    1 mean_squared_error: prediction has shape [0], which gives no terms for reduction mean; \#
    expected at least one term. Reduction sum gives 0; or set when_empty to zero or nan.
    $ eval cross_entropy [[],[]] [0,0]
    1 cross_entropy: prediction has shape [2, 0]; expected at least one class.
    # Domains
    $ eval binary_cross_entropy [1.5] [1] --option from_logits=false
    1 binary_cross_entropy: prediction is 1.5 at [0]; expected a number from 0 to 1. For logits \#
    set from_logits to true.
    $ eval binary_cross_entropy [0.5] [2]
    1 binary_cross_entropy: target is 2.0 at [0]; expected a number from 0 to 1.
    $ eval binary_cross_entropy [0.5] [255]
    1 binary_cross_entropy: target is 255.0 at [0]; expected a number from 0 to 1. A mask of 0 \#
    and 255 is divided by 255.
    $ eval keras.binary_crossentropy [1,0] [1.5,0.2]
    1 keras.binary_crossentropy: prediction is 1.5 at [0]; expected a number from 0 to 1. For \#
    logits set from_logits to true.
    $ eval torch.binary_cross_entropy [1.5] [1]
    1 torch.binary_cross_entropy: prediction is 1.5 at [0]; expected a number from 0 to 1. For \#
    logits use torch.binary_cross_entropy_with_logits.
    $ eval torch.nn.BCELoss [1.5] [1]
    1 torch.nn.BCELoss: prediction is 1.5 at [0]; expected a number from 0 to 1. For logits use \#
    torch.nn.BCEWithLogitsLoss.
    $ eval flux.binarycrossentropy [1.5] [1]
    1 flux.binarycrossentropy: prediction is 1.5 at [0]; expected a number from 0 to 1. For \#
    logits use flux.logitbinarycrossentropy.
    $ eval monai.DiceLoss [[1.5,-1]] [[1,0]]
    1 monai.DiceLoss: prediction is 1.5 at [0, 0]; expected a number from 0 to 1. For logits set \#
    sigmoid or softmax to true.
    $ eval flux.tversky_loss [[1.5,-1]] [[1,0]]
    1 flux.tversky_loss: prediction is 1.5 at [0, 0]; expected a number from 0 to 1. For logits \#
    use tversky with activation sigmoid or softmax.
    $ eval smp.DiceLoss [[1.5,-1]] [1] --option from_logits=false
    1 smp.DiceLoss: prediction is 1.5 at [0, 0]; expected a number from 0 to 1. For logits set \#
    from_logits to true.
    $ eval torchaudio.rnnt_loss [[[[0,1,2]],[[0,1,2]]]] [[1]]
    1 torchaudio.rnnt_loss: target has shape [1, 1]; expected class indices (i64) of shape \#
    [1, 0], to match prediction. logits needs 2 positions on its label axis, 1 more than \#
    targets: the first is before any label.
    $ eval multi_quantile [[0.5,1.25],[-2,0.1]] [1,0.5]
    1 multi_quantile: option "quantiles" has 3 numbers; expected 2, one for each position of the \#
    quantile axis of prediction.
    $ eval torch.binary_cross_entropy_with_logits [1.5] [2]
    1 torch.binary_cross_entropy_with_logits: target is 2.0 at [0]; expected a number from 0 to 1.
    $ eval optax.kl_divergence [0.5,1.0] [0.5,0.5]
    1 optax.kl_divergence: prediction is 0.5 at [0]; expected the logarithm of a probability, at \#
    most 0. For logits use log-softmax first, or optax.softmax_cross_entropy.
    $ eval hinge [0.5] [0]
    1 hinge: target is 0.0 at [0]; expected -1 or +1. Labels of 0 and 1 become -1 and +1 as 2 y \#
    - 1.
    $ eval huber [1] [2] --input weight=[-1]
    1 huber: weight is -1.0 at [0]; expected a finite number of at least zero.
    $ eval huber [1] [2] --input weight=[inf]
    1 huber: weight is inf at [0]; expected a finite number of at least zero.
    $ eval poisson_nll [1] [-1]
    1 poisson_nll: target is -1.0 at [0]; expected a number of at least zero.
    $ eval huber 1 2 --unchecked=yes
    2 losses eval: --unchecked takes no value.
    # Names and usage
    $ eval huber
    2 huber: prediction is missing; expected the inputs prediction, target.
    $ eval
    2 losses eval: NAME is missing.
    $ eval huber 1 2 3
    2 losses eval: unexpected argument "3"; expected prediction, target.
    $ eval huber 1 --input prediction=2
    2 losses eval: --input prediction is given twice. It is already argument 1.
    $ eval huber 1 2 --input weight
    2 losses eval: --input is "weight"; expected ROLE=FILE.
    $ eval huber 1 2 --input weight=1 --input weight=2
    2 losses eval: --input weight is given twice.
    $ eval torch.huber_loss 1 2 --input input=1
    2 losses eval: --input input is given twice. It is already argument 1.
    $ eval huber 1 2 --inptu weight=1
    2 losses eval: unknown option "--inptu"; expected one of --input, --cast, --option, \#
    --reduction, --class-axis, --gradient, --second-derivative, --hessian-vector, \#
    --hessian-product, --value, --element, --threads, --unchecked, --objective, --link, \#
    --partial, --rows, --shards, --plugin, --json, --help. Did you mean "--input"?
    # More shapes
    $ eval ctc [[[0.1,0.2],[0.1,0.2]]] [[1],[1]]
    1 ctc: target has shape [2, 1]; expected class indices (i64) of shape [1, label], to match \#
    prediction.
    $ eval cross_entropy [[[1,2,4],[3,4,4]]] [[[0,1,1]]]
    1 cross_entropy: target has shape [1, 1, 3]; expected class indices (i64) of shape [1, 2], \#
    or [1, 2, 3], to match prediction.
    $ eval torch.cross_entropy [[[1,2,4],[3,4,4]]] [[0,1]]
    1 torch.cross_entropy: target has shape [1, 2]; expected class indices (i64) of shape [1, \#
    3], or [1, 2, 3], to match prediction. With class_axis 2 it would fit.
    $ eval tversky [[[0.1],[0.2]],[[0.3],[0.4]]] [[[1.0],[0.0]],[[1.0],[0.0]]] --input mask=[1,0]
    1 tversky: mask has shape [2]; expected [2, 2, 1], the shape of the prediction, or extent 1 \#
    on axes to broadcast. Add axes of extent 1: [2, 1, 1].
    $ eval mean_squared_error [[1,2,3],[4,5,6]] [[1,2],[3,4],[5,6]]
    1 mean_squared_error: target has shape [3, 2]; expected [2, 3], the shape of prediction. Its \#
    axes are in another order.
    $ eval triplet_margin [[1,2]] [[1,2]] [1,2]
    1 triplet_margin: negative has shape [2]; expected [1, 2], the shape of anchor. Add an axis \#
    of extent 1: [1, 2].
    $ eval mean_squared_error [[[1,2],[3,4],[5,6]]] [[[1,2,3],[4,5,6]]]
    1 mean_squared_error: target has shape [1, 2, 3]; expected [1, 3, 2], the shape of \#
    prediction. Its axes are in another order.
    """#

  struct Row: Sendable, CustomTestStringConvertible {
    let words: String
    let status: Int32
    let message: String
    var testDescription: String { words }
  }

  static let rows: [Row] = {
    let lines = table.split(separator: "\n").filter { !$0.hasPrefix("#") }
    return stride(from: 0, to: lines.count - 1, by: 2).map { index in
      let answer = lines[index + 1].split(separator: " ", maxSplits: 1)
      return Row(
        words: String(lines[index].dropFirst(2)), status: Int32(answer[0]) ?? -1,
        message: String(answer[1]))
    }
  }()

  private static func write(to folder: String) throws {
    var contents = files.mapValues { Array($0.utf8) }
    let table = Array("pred\n1\n".utf8)
    contents["utf16.csv"] = [0xff, 0xfe] + table.flatMap { [$0, 0] }
    contents["utf16be.csv"] = table.flatMap { [0, $0] }
    contents["book.csv"] = Array("PK\u{3}\u{4}rest".utf8)
    for (name, numbers) in [("m255.npy", [255, 0]), ("m3.npy", [1, 3])] {
      contents[name] = try NumPyFile.write(.int64(Tensor(numbers)))
    }
    for (name, bytes) in contents {
      try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)"))
    }
  }

  @Test("Every wrong command line has its message and its status")
  func messages() throws {
    #expect(Self.rows.count >= 140)
    try withTemporaryFolder { folder in
      try Self.write(to: folder)
      for row in Self.rows {
        let words = row.words.split(separator: " ").map { word in
          String(word).replacing("@/", with: folder + "/")
        }
        let run = Run(words)
        let message = run.errors.replacing(folder, with: "@").split(separator: "\n").first ?? ""
        #expect(run.status == row.status, "\(row.words)")
        #expect(message == row.message, "\(row.words)")
        #expect(run.output.isEmpty, "\(row.words)")
        #expect(row.status == 2 || run.errors.split(separator: "\n").count == 1, "\(row.words)")
      }
    }
  }
}
