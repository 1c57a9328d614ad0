#ifndef C_LOSS_PLUGIN_H
#define C_LOSS_PLUGIN_H

#include <stdint.h>

// The boundary between a program and a library of losses that it loads at run time.
//
// The library exports one function, `loss_plugin_v1`, which returns a table of functions. Program
// and library may come from different builds and hold a copy of the core each, so that nothing
// crosses but what is declared here: numbers in memory, and text.
//
// Text       UTF-8, with its length; nothing ends it with a zero. What has structure (a description,
//            options, an error) is JSON in it, whose keys are listed below. A reader ignores keys that
//            it does not know, so that a later version may add some. The least that a library has to
//            answer is
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
//                             second_derivatives
//              select         request: name*, options, class_axis (null); answer: options,
//                             reduction (null), class_axis (null), keeps_axes (false), scale (1)
//              an error       code*, loss, subject, found, expected, hint
// Ownership  Whoever made memory keeps it. Arguments are the caller's and hold until the function
//            returns. Answers are the library's: it hands them to the caller's `loss_answer_v1` before
//            it returns, and they hold until that call of the answer returns; the caller copies what
//            it wants. The one thing that outlives a call is a loss, which the library makes in `make`
//            and ends in `release`.
// Threads    Every function may be called from any thread, and from several at once, with the same
//            loss too. An answer is called on the thread of the function that it was given to.
// Lifetime   The table, and what it points to, last as long as the process: a program does not unload
//            a library whose losses it has used.
// Failure    A function returns LOSS_DONE or LOSS_REFUSED, and in the second case has answered with
//            an error. Nothing unwinds across the boundary.
// Version    The name of the entry point says how it is called, and `version` what the table is. A
//            program refuses a table of another version. A field may be added at the end within one
//            version: `size` says how many bytes of the table are there.

#define LOSS_PLUGIN_MAGIC 0x4c4f5353u // "LOSS": tells a table from something else
#define LOSS_PLUGIN_VERSION 1u

#define LOSS_DONE 0
#define LOSS_REFUSED 1

// The kinds of elements.
#define LOSS_FLOAT32 1
#define LOSS_FLOAT64 2
#define LOSS_INT64 3
#define LOSS_BOOL 4 // one byte an element, 0 or 1

// A piece of UTF-8.
typedef struct loss_text_v1 {
  const char *_Nullable bytes; // may be null if `count` is 0
  int64_t count;
} loss_text_v1;

// Numbers with a shape and, where they are an input, a role.
typedef struct loss_tensor_v1 {
  loss_text_v1 role;
  int32_t element; // LOSS_FLOAT32 ... LOSS_BOOL
  int32_t rank;
  const int64_t *_Nullable extents; // `rank` of them; may be null if `rank` is 0
  const void *_Nullable data;       // row-major; may be null if an extent is 0
} loss_tensor_v1;

// Room for the gradient with respect to one role; the library writes every element of it, unless it
// refuses the call.
typedef struct loss_gradient_v1 {
  loss_text_v1 role;
  void *_Nullable data; // of the element of the call
  int64_t count;        // the number of elements that there is room for
} loss_gradient_v1;

// One evaluation: what is given and what is wanted.
typedef struct loss_call_v1 {
  int32_t element; // what to compute in: LOSS_FLOAT32 or LOSS_FLOAT64
  int32_t order;   // what is written as gradients: 1, or 2 for the diagonal of the Hessian
  int32_t threads; // how many threads may work at once, at least 1; they change no bit of the result
  const loss_tensor_v1 *_Nullable inputs;
  int64_t input_count;
  const loss_gradient_v1 *_Nullable gradients;
  int64_t gradient_count;
  loss_text_v1 reduction;              // JSON: a word or an object
  const int64_t *_Nullable class_axis; // null for the last axis
  const void *_Nullable upstream;      // what gradients are multiplied by, of the element; null for 1
  int64_t upstream_count;              // 1, or as many as the result has numbers
} loss_call_v1;

// Where a function puts what it has to say. The caller fills it in; none of the functions is null.
typedef struct loss_answer_v1 {
  void *_Nullable context; // handed back as the first argument
  void (*_Nonnull text)(void *_Nullable context, loss_text_v1 text);
  void (*_Nonnull tensor)(void *_Nullable context, const loss_tensor_v1 *_Nonnull tensor);
  void (*_Nonnull error)(void *_Nullable context, loss_text_v1 error);
} loss_answer_v1;

// What a library can do.
typedef struct loss_plugin_table_v1 {
  uint32_t magic;   // LOSS_PLUGIN_MAGIC
  uint32_t version; // LOSS_PLUGIN_VERSION
  uint64_t size;    // sizeof(loss_plugin_table_v1) where the library was built

  const void *_Nullable context; // the library's own, handed back as the first argument

  // Answers with a text: the library's name and its losses.
  int32_t (*_Nullable describe)(const void *_Nullable context, const loss_answer_v1 *_Nonnull answer);

  // Makes a loss of a request, {"loss": name, "options": {...}} in the library's own names, and
  // answers with a text: what this loss is with these options. The caller ends it with `release`.
  int32_t (*_Nullable make)(
      const void *_Nullable context, loss_text_v1 request, const loss_answer_v1 *_Nonnull answer,
      void *_Nullable *_Nonnull loss);

  // Ends a loss. No evaluation of it may be under way.
  void (*_Nullable release)(const void *_Nullable context, void *_Nonnull loss);

  // Evaluates a loss: answers with a tensor, the reduced value in the element of the call, and
  // writes the gradients that are wanted. Inputs are checked here, on the library's side.
  int32_t (*_Nullable evaluate)(
      const void *_Nullable context, const void *_Nonnull loss, const loss_call_v1 *_Nonnull call,
      const loss_answer_v1 *_Nonnull answer);

  // Reads options in another framework's words, {"name": spelled name, "options": {...},
  // "class_axis": n}, and answers with a text: what they come to in the library's own.
  int32_t (*_Nullable select)(
      const void *_Nullable context, loss_text_v1 request, const loss_answer_v1 *_Nonnull answer);

  // Answers with a tensor: argument number `argument`, from 0, of a spelled name, laid out in the
  // library's way; with `restores` not 0, a gradient laid out in the framework's way.
  int32_t (*_Nullable adapt)(
      const void *_Nullable context, loss_text_v1 name, int64_t argument, int32_t restores,
      const loss_tensor_v1 *_Nonnull tensor, const loss_answer_v1 *_Nonnull answer);
} loss_plugin_table_v1;

// The type of the entry point, `const loss_plugin_table_v1 *loss_plugin_v1(void)`. A program calls
// it once each time it loads the library.
typedef const loss_plugin_table_v1 *_Nullable (*loss_plugin_entry_v1)(void);

#endif
