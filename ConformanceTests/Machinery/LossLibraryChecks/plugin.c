// A plug-in in C: the loss `c_square`, the mean of the squares of its only input.
#include <string.h>

#include "CLossPlugin.h"

static loss_text_v1 text(const char *bytes) {
  return (loss_text_v1){bytes, (int64_t)strlen(bytes)};
}

static int32_t describe(const void *context, const loss_answer_v1 *answer) {
  answer->text(
      answer->context,
      text("{\"name\": \"in_c\", \"losses\": [{\"name\": \"c_square\", \"signature\": {\"inputs\": "
           "[{\"role\": \"prediction\", \"differentiable\": true, \"forms\": [{\"kind\": \"real\", "
           "\"axes\": \"...\"}]}], \"terms\": \"...\"}}]}"));
  return LOSS_DONE;
}

static int32_t make(
    const void *context, loss_text_v1 request, const loss_answer_v1 *answer, void **loss) {
  static char only;
  *loss = &only;
  answer->text(answer->context, text("{}"));
  return LOSS_DONE;
}

static void release(const void *context, void *loss) {}

static int32_t evaluate(
    const void *context, const void *loss, const loss_call_v1 *call, const loss_answer_v1 *answer) {
  if (call->element != LOSS_FLOAT64 || call->input_count != 1 || call->inputs[0].rank != 1 ||
      call->inputs[0].element != LOSS_FLOAT64) {
    answer->error(
        answer->context,
        text("{\"code\": \"invalid_type\", \"subject\": \"prediction\", \"found\": \"is not f64\"}"));
    return LOSS_REFUSED;
  }
  const double *numbers = call->inputs[0].data;
  int64_t count = call->inputs[0].extents[0];
  double sum = 0;
  for (int64_t i = 0; i < count; i++) {
    sum += numbers[i] * numbers[i];
    for (int64_t g = 0; g < call->gradient_count; g++) {
      ((double *)call->gradients[g].data)[i] = 2 * numbers[i] / count;
    }
  }
  sum /= count;
  loss_tensor_v1 value = {.element = LOSS_FLOAT64, .data = &sum};
  answer->tensor(answer->context, &value);
  return LOSS_DONE;
}

static int32_t refuse(
    const void *context, loss_text_v1 request, const loss_answer_v1 *answer) {
  answer->error(answer->context, text("{\"code\": \"unknown_loss\"}"));
  return LOSS_REFUSED;
}

static int32_t refuse_tensor(
    const void *context, loss_text_v1 name, int64_t argument, int32_t restores,
    const loss_tensor_v1 *tensor, const loss_answer_v1 *answer) {
  return refuse(context, name, answer);
}

const loss_plugin_table_v1 *loss_plugin_v1(void) {
  static const loss_plugin_table_v1 table = {
      LOSS_PLUGIN_MAGIC, LOSS_PLUGIN_VERSION, sizeof table, 0,     describe,
      make,              release,             evaluate,     refuse, refuse_tensor};
  return &table;
}
