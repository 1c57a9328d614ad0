#ifndef LOSSES_H
#define LOSSES_H

#include <stdint.h>

// The C interface of the loss functions: the library `LossLibrary`.
//
//   losses_loss_v1 *huber = 0;
//   losses_make_v1(0, "huber", "{\"delta\": 0.5}", 0, 0, &huber, 0);
//
//   float prediction[] = {1.1f, 2, 4}, target[] = {1, 2, 3}, gradient[3], value;
//   int64_t extents[] = {3};
//   losses_tensor_v1 inputs[] = {
//       {.element = LOSSES_FLOAT32, .rank = 1, .extents = extents, .data = prediction},
//       {.element = LOSSES_FLOAT32, .rank = 1, .extents = extents, .data = target}};
//   losses_tensor_v1 wanted = {.name = "prediction", .element = LOSSES_FLOAT32,
//                              .rank = 1, .extents = extents, .data = gradient};
//   losses_value_v1 result = {.element = LOSSES_FLOAT32, .data = &value, .capacity = 1};
//   losses_call_v1 call = {.size = sizeof call, .inputs = inputs, .input_count = 2,
//                          .gradients = &wanted, .gradient_count = 1};
//   int32_t code = losses_evaluate_v1(huber, &call, &result, 0);
//   losses_release_v1(huber);
//
// Results    Every function that can fail returns LOSSES_DONE, or the code of an error, whose text it
//            writes to the `losses_error_v1` that it is given, if any. After an error, the caller's
//            memory for value and gradients holds unspecified numbers.
// Text       Arguments are UTF-8 and null-terminated. Results are written to the caller's memory as
//            `snprintf` does: see `losses_text_v1`.
// Ownership  The caller owns everything that it passes, and what the library writes is in memory of
//            the caller's. What the library creates are registries, losses and objectives, which
//            the caller releases; a loss does not need its registry any longer. No memory of a call is
//            kept after it, and what a call needs beside the caller's memory is freed before it returns.
// Threads    Every function may be called from any thread, and from several at once, also with the same
//            registry, loss or objective. Only `release` needs that nobody uses the object.
// Version    Names end in the version of their signature and layout. A library keeps those of earlier
//            versions. Fields may be added at the end of `losses_call_v1`, which has its size.

#ifdef __cplusplus
extern "C" {
#endif

// Element types. Numbers of every type are taken as inputs; values and gradients are floating point.
#define LOSSES_FLOAT32 1
#define LOSSES_FLOAT64 2
#define LOSSES_INT64 3
#define LOSSES_BOOL 4 // one byte for each element; 0 is false, anything else true
#define LOSSES_FLOAT16 5
#define LOSSES_BFLOAT16 6
#define LOSSES_UINT8 7
#define LOSSES_INT8 8
#define LOSSES_INT16 9
#define LOSSES_UINT16 10
#define LOSSES_INT32 11
#define LOSSES_UINT32 12

// Codes of errors; docs/Errors.md describes them by their names. An argument that breaks the rules of this
// header, such as a missing pointer, is an invalid value.
#define LOSSES_DONE 0
#define LOSSES_UNKNOWN_LOSS 1
#define LOSSES_UNKNOWN_OPTION 2
#define LOSSES_INVALID_OPTION 3
#define LOSSES_MISSING_INPUT 4
#define LOSSES_UNKNOWN_INPUT 5
#define LOSSES_SHAPE_MISMATCH 6
#define LOSSES_INVALID_RANK 7
#define LOSSES_INVALID_CLASS 8
#define LOSSES_INVALID_VALUE 9
#define LOSSES_INVALID_TYPE 10
#define LOSSES_EMPTY_INPUT 11
#define LOSSES_UNREADABLE_FILE 12

// The inputs in which numbers outside their domain are refused.
#define LOSSES_CHECK_DEFAULT 0 // those that the framework of the name checks; all under our names
#define LOSSES_CHECK_ALL 1
#define LOSSES_CHECK_DATA 2 // targets, labels and weights, not what a model gives
#define LOSSES_CHECK_NONE 3

// The most axes of a tensor.
#define LOSSES_MAXIMUM_RANK 64

// Losses by name; null stands for those of the library itself.
typedef struct losses_registry_v1 losses_registry_v1;
// A loss with its options. It is immutable.
typedef struct losses_loss_v1 losses_loss_v1;
// A loss as the objective of gradient boosting. It is immutable.
typedef struct losses_objective_v1 losses_objective_v1;

// Memory of the caller's for a text. The library writes at most `capacity` bytes, the last of them
// null, and sets `count` to the length of the whole text without the null: `count >= capacity` tells
// that the text was cut, at the end of a character.
typedef struct losses_text_v1 {
  char *bytes; // may be null if `capacity` is 0
  int64_t capacity;
  int64_t count;
} losses_text_v1;

// Memory of the caller's for an error. It is written only by a function that fails.
typedef struct losses_error_v1 {
  int32_t code;
  losses_text_v1 message; // one line: "huber: target has shape [2]; expected [3], ..."
  losses_text_v1 details; // JSON: code, loss, subject, found, expected, hint
} losses_error_v1;

// A tensor in memory of the caller's.
typedef struct losses_tensor_v1 {
  // The role ("prediction"), or what the framework of the loss's name calls it ("input", "y_true"). Null
  // for an input by position, in the order of the framework or, under our names, of the roles.
  const char *name;
  void *data;             // the first element; may be null if an extent is 0; inputs are not written to
  int32_t element;        // LOSSES_FLOAT32 ... LOSSES_UINT32
  int32_t rank;           // 0 ... LOSSES_MAXIMUM_RANK; 0 is a single number
  const int64_t *extents; // may be null if `rank` is 0
  const int64_t *strides; // in BYTES, of any sign, 0 for inputs only; null: row-major without gaps
} losses_tensor_v1;

// Memory of the caller's for a value: a number, or a tensor in row-major order if the reduction leaves
// axes. Too little memory is a shape mismatch, after which `rank` and `count` say what is needed.
typedef struct losses_value_v1 {
  void *data;
  int64_t capacity;       // elements of `data`
  int32_t element;        // LOSSES_FLOAT32, _FLOAT64, _FLOAT16 or _BFLOAT16; 0: set to that of the call
  int32_t rank;           // set by the library; so is `count`
  int64_t count;
  int64_t *extents;       // set by the library; may be null if `extents_capacity` is 0
  int32_t extents_capacity;
} losses_value_v1;

// The processes that evaluate a loss together. All of them make the same calls in the same order; if one
// refuses its inputs, the call fails on all.
typedef struct losses_group_v1 {
  int32_t rank;  // of this process, from 0
  int32_t count; // of the processes
  // Both 0: each process has samples of its own, and the value is that of all; a loss that couples
  // samples, such as ntxent, receives those of all. Otherwise each has the logits of the classes
  // `first_class` to `end_class` - 1 of the same samples, for cross_entropy and z_loss, or their kernel
  // and bias, for linear_cross_entropy.
  int64_t first_class;
  int64_t end_class;
  void *context; // passed as the first argument of `all_gather`
  // Sends bytes to every process, and calls `receive` with the bytes of each, in the order of their ranks.
  // Any result but 0 is a failure.
  int32_t (*all_gather)(
      void *context, const void *bytes, int64_t count, void *receiver,
      void (*receive)(void *receiver, const void *bytes, int64_t count));
} losses_group_v1;

// What is evaluated. Zeroed fields are the defaults of the loss.
typedef struct losses_call_v1 {
  int64_t size;                   // sizeof(losses_call_v1)
  const losses_tensor_v1 *inputs; // `weight` and `mask` among them, always by name
  int64_t input_count;
  // The gradients that are wanted, each by the name of its input and of its shape.
  const losses_tensor_v1 *gradients;
  int64_t gradient_count;
  // The same for the second derivative with respect to each element by itself.
  const losses_tensor_v1 *second_derivatives;
  int64_t second_derivative_count;
  // What the gradients are multiplied by: one number, or a tensor of the shape of the value.
  const losses_tensor_v1 *upstream;
  const char *reduction;     // "mean", "sum", "none" ..., or JSON; null for the default
  const int64_t *class_axis; // null for the default
  int32_t element;           // LOSSES_FLOAT32 or LOSSES_FLOAT64; 0 for the widest of the real inputs
  int32_t threads;           // the most threads, at least 1; 0 is 1; the result does not depend on it
  int32_t checks;            // LOSSES_CHECK_DEFAULT ...
  const losses_group_v1 *group; // null if this process has all data
} losses_call_v1;

// The version of the library, such as "0.2.0".
void losses_version_v1(losses_text_v1 *text);

// Creates a registry of the library's losses with those of plug-ins, shared libraries that are loaded
// and run: load trusted ones only.
int32_t losses_registry_make_v1(
    const char *const *paths, int64_t count, losses_registry_v1 **registry, losses_error_v1 *error);
void losses_registry_release_v1(losses_registry_v1 *registry);

// Every name as JSON: {"losses": [...], "dialects": {"torch": [...]}}.
int32_t losses_list_v1(
    const losses_registry_v1 *registry, losses_text_v1 *text, losses_error_v1 *error);
// The names of the losses that a word describes as a JSON list, the best match first.
int32_t losses_search_v1(
    const losses_registry_v1 *registry, const char *word, losses_text_v1 *text,
    losses_error_v1 *error);
// A loss by any of its names as JSON: formula, signature, options ..., with the keys of CLossPlugin.h,
// `family`, `arguments` (in order) and, for a name of another framework, its `spelling`.
int32_t losses_describe_v1(
    const losses_registry_v1 *registry, const char *name, losses_text_v1 *text,
    losses_error_v1 *error);

// Creates a loss from one of our names or that of another framework, and from options in the words of
// that framework: a JSON object, or null. `reduction` is a word or JSON, or null; so is `class_axis`.
int32_t losses_make_v1(
    const losses_registry_v1 *registry, const char *name, const char *options,
    const char *reduction, const int64_t *class_axis, losses_loss_v1 **loss,
    losses_error_v1 *error);
void losses_release_v1(losses_loss_v1 *loss);

// The configuration from which the same loss can be made, its arguments and its signature, as JSON.
int32_t losses_loss_describe_v1(
    const losses_loss_v1 *loss, losses_text_v1 *text, losses_error_v1 *error);

// Evaluates a loss.
int32_t losses_evaluate_v1(
    const losses_loss_v1 *loss, const losses_call_v1 *call, losses_value_v1 *value,
    losses_error_v1 *error);

// Creates an objective of gradient boosting. `settings` is JSON with the keys link (identity, log,
// logistic, softmax), curvature ("exact,scaled=2,floored=1e-16", "majorizer", "constant=1") and
// scale, or null.
int32_t losses_objective_make_v1(
    const losses_loss_v1 *loss, const char *settings, losses_objective_v1 **objective,
    losses_error_v1 *error);
void losses_objective_release_v1(losses_objective_v1 *objective);

// The gradient and the curvature of each raw score, in the element of the scores. `weight` may be null.
int32_t losses_objective_derivatives_v1(
    const losses_objective_v1 *objective, const losses_tensor_v1 *scores,
    const losses_tensor_v1 *target, const losses_tensor_v1 *weight,
    const losses_tensor_v1 *gradient, const losses_tensor_v1 *curvature, int32_t threads,
    losses_error_v1 *error);
// The constant scores that minimise the mean loss: one, or one for each class or output.
int32_t losses_objective_initial_score_v1(
    const losses_objective_v1 *objective, const losses_tensor_v1 *target,
    const losses_tensor_v1 *weight, losses_value_v1 *scores, losses_error_v1 *error);

#ifdef __cplusplus
}
#endif

#endif
