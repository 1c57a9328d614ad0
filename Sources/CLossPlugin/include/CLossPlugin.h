#ifndef C_LOSS_PLUGIN_H
#define C_LOSS_PLUGIN_H

#include <stdint.h>

// The C interface between a program and a plug-in library of losses that it loads at run time.
//
// The library exports one function, `loss_plugin_v1`, which returns a table of functions. Program
// and library may come from different builds, each with its own copy of the core, so that only the
// types declared here cross the boundary: arrays of numbers, and text.
//
// Text       UTF-8 with its length; not null-terminated. Structured text (a description, options,
//            an error) is JSON, whose keys are listed below. A reader ignores unknown keys,
//            so that later versions may add some, and uses the defaults of that list for missing
//            keys. The minimum that a library must write is
//
//              describe  {"name": "mine", "losses": [{"name": "my_loss", "signature": {
//                          "inputs": [{"role": "prediction",
//                                      "forms": [{"kind": "real", "axes": "..."}]}],
//                          "terms": "..."}}]}
//              make      {}
//              an error  {"code": "invalid_value"}
// Keys       Required ones are marked with *; another has its default in parentheses, or an empty text,
//            list or object.
//              describe       name*, losses*
//              a loss         name*, signature*, kind (loss), summary, formula, domain, gradient, usage,
//                             related, also_known_as, references, spellings, options, traits,
//                             reduction (mean)
//              an option      name*, default (null), range, summary
//              a signature    inputs*, terms*, class_axis (null), mask_covers (terms; or elements)
//              an input       role*, forms* (kind*, axes*, of for indices and lengths), domain (any),
//                             differentiable (false), optional (false), list_end (null)
//              a spelling     dialect* (name*, title, aliases, options), names*, arguments (role*,
//                             names*, adapted (false)), options (names*, summary)
//              a trait        trait*; low and high, constant, or part
//              make           request: loss*, options; answer: name, signature, reduction and traits
//                             (as described), options (of the request), description (the name),
//                             second_derivatives and hessian_products (the roles that have them)
//              select         request: name*, options, class_axis (null); answer: options,
//                             reduction (null), class_axis (null), keeps_axes (false), scale (1)
//              an error       code*, loss, subject, found, expected, hint
// Ownership  The side that allocates memory frees it. Arguments belong to the caller and are valid
//            until the function returns. Results belong to the library: it passes them to the
//            callbacks of `loss_answer_v1` before it returns, and they are valid until the callback
//            returns; the caller copies what it needs. Only a loss outlives a call: the library
//            creates it in `make` and destroys it in `release`.
// Threads    Every function may be called from any thread, and from several at once, also with the
//            same loss. A callback runs on the thread of the function that it was passed to.
// Lifetime   The table, and everything that it points to, is valid until the process ends: a
//            program does not unload a library whose losses it has used.
// Failure    A function returns LOSS_DONE or LOSS_REFUSED; before LOSS_REFUSED it has called
//            `error`. Nothing unwinds across the boundary.
// Version    The name of the entry point fixes its signature, and `version` the layout of the
//            table. A program rejects a table of another version. Within one version, fields may be
//            added at the end: `size` is the size of the table in bytes.

#define LOSS_PLUGIN_MAGIC 0x4c4f5353u // "LOSS": identifies a table
#define LOSS_PLUGIN_VERSION 1u

#define LOSS_DONE 0
#define LOSS_REFUSED 1

// Element types.
#define LOSS_FLOAT32 1
#define LOSS_FLOAT64 2
#define LOSS_INT64 3
#define LOSS_BOOL 4 // one byte per element, 0 or 1
// Of inputs and gradients in the caller's memory; a program converts them before it calls a library
// of losses.
#define LOSS_FLOAT16 5
#define LOSS_BFLOAT16 6 // the upper half of a LOSS_FLOAT32
#define LOSS_UINT8 7
#define LOSS_INT8 8
#define LOSS_INT16 9
#define LOSS_UINT16 10
#define LOSS_INT32 11
#define LOSS_UINT32 12

// A UTF-8 string.
typedef struct loss_text_v1 {
  const char *_Nullable bytes; // may be null if `count` is 0
  int64_t count;
} loss_text_v1;

// A tensor and, if it is an input, its role.
typedef struct loss_tensor_v1 {
  loss_text_v1 role;
  int32_t element; // LOSS_FLOAT32 ... LOSS_BOOL
  int32_t rank;
  const int64_t *_Nullable extents; // `rank` extents; may be null if `rank` is 0
  const void *_Nullable data;       // row-major; may be null if an extent is 0
} loss_tensor_v1;

// The buffer for the gradient with respect to one role. The library writes every element, unless it
// returns an error.
typedef struct loss_gradient_v1 {
  loss_text_v1 role;
  void *_Nullable data; // elements of the type `element` of the call
  int64_t count;        // the capacity in elements
} loss_gradient_v1;

// The arguments of one evaluation.
typedef struct loss_call_v1 {
  int32_t element; // the element type of the computation: LOSS_FLOAT32 or LOSS_FLOAT64
  int32_t order;   // the derivatives: 1 for the gradient, 2 for the diagonal of the Hessian, and
                   // 3 for the product of the Hessian with `vectors`
  int32_t threads; // the maximum number of threads, at least 1; does not affect the result
  int32_t checks;  // numbers outside a domain are refused: 0 in all inputs, 1 in data, 2 in none
  const loss_tensor_v1 *_Nullable inputs;
  int64_t input_count;
  const loss_gradient_v1 *_Nullable gradients;
  int64_t gradient_count;
  loss_text_v1 reduction;              // JSON: a string or an object
  const int64_t *_Nullable class_axis; // null for the last axis
  const void *_Nullable upstream;      // the upstream gradient, of type `element`; null for 1
  int64_t upstream_count;              // 1, or the number of elements of the result
  // The parts of the vector by role, each of the shape of the input. Read only for order 3, which a
  // program requests only of a loss with `hessian_products`.
  const loss_tensor_v1 *_Nullable vectors;
  int64_t vector_count;
} loss_call_v1;

// The callbacks that receive the results of a function. The caller provides them; none is null.
typedef struct loss_answer_v1 {
  void *_Nullable context; // passed as the first argument
  void (*_Nonnull text)(void *_Nullable context, loss_text_v1 text);
  void (*_Nonnull tensor)(void *_Nullable context, const loss_tensor_v1 *_Nonnull tensor);
  void (*_Nonnull error)(void *_Nullable context, loss_text_v1 error);
} loss_answer_v1;

// The function table of a library.
typedef struct loss_plugin_table_v1 {
  uint32_t magic;   // LOSS_PLUGIN_MAGIC
  uint32_t version; // LOSS_PLUGIN_VERSION
  uint64_t size;    // sizeof(loss_plugin_table_v1) where the library was built

  const void *_Nullable context; // the library's own data, passed as the first argument

  // Calls `text` with the description of the library: its name and its losses.
  int32_t (*_Nullable describe)(const void *_Nullable context, const loss_answer_v1 *_Nonnull answer);

  // Creates a loss from a request, {"loss": name, "options": {...}} in the library's own names, and
  // calls `text` with the description of the loss with these options. The caller destroys the loss
  // with `release`.
  int32_t (*_Nullable make)(
      const void *_Nullable context, loss_text_v1 request, const loss_answer_v1 *_Nonnull answer,
      void *_Nullable *_Nonnull loss);

  // Destroys a loss, which must not be in use by an evaluation.
  void (*_Nullable release)(const void *_Nullable context, void *_Nonnull loss);

  // Evaluates a loss: calls `tensor` with the reduced value, in the element type of the call, and
  // writes the requested gradients. The library checks the inputs.
  int32_t (*_Nullable evaluate)(
      const void *_Nullable context, const void *_Nonnull loss, const loss_call_v1 *_Nonnull call,
      const loss_answer_v1 *_Nonnull answer);

  // Resolves a loss of another framework, {"name": dialect name, "options": {...},
  // "class_axis": n}, and calls `text` with its options under the library's own names.
  int32_t (*_Nullable select)(
      const void *_Nullable context, loss_text_v1 request, const loss_answer_v1 *_Nonnull answer);

  // Calls `tensor` with argument number `argument` (from 0) of a dialect name, converted to the
  // library's layout; if `restores` is not 0, with a gradient converted back to the framework's
  // layout.
  int32_t (*_Nullable adapt)(
      const void *_Nullable context, loss_text_v1 name, int64_t argument, int32_t restores,
      const loss_tensor_v1 *_Nonnull tensor, const loss_answer_v1 *_Nonnull answer);
} loss_plugin_table_v1;

// The type of the entry point, `const loss_plugin_table_v1 *loss_plugin_v1(void)`. A program calls
// it once each time it loads the library.
typedef const loss_plugin_table_v1 *_Nullable (*loss_plugin_entry_v1)(void);

#endif
