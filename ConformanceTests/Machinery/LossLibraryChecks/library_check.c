// Checks the C library against values by arithmetic, its errors, threads, and wrong calls.
//   library_check PLUGIN|- [FUZZED CALLS] [SEED]
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "losses.h"

static int checks, failures;
static char message[512], details[1024];
static losses_error_v1 error;

static void check(int condition, const char *what, int line) {
  checks++;
  if (condition) return;
  failures++;
  printf("line %d: %s (last error %d: %s)\n", line, what, error.code, message);
}
#define CHECK(condition) check((condition), #condition, __LINE__)

static losses_loss_v1 *made(const char *name, const char *options) {
  losses_loss_v1 *loss = 0;
  CHECK(losses_make_v1(0, name, options, 0, 0, &loss, &error) == LOSSES_DONE);
  return loss;
}

static losses_tensor_v1 tensor(
    const char *name, int32_t element, int32_t rank, const int64_t *extents, const void *data) {
  return (losses_tensor_v1){
      .name = name, .element = element, .rank = rank, .extents = extents, .data = (void *)data};
}

static double result;
static losses_value_v1 one(void) {
  return (losses_value_v1){.element = LOSSES_FLOAT64, .data = &result, .capacity = 1};
}

static int32_t evaluate(
    losses_loss_v1 *loss, losses_tensor_v1 *inputs, int64_t count, losses_tensor_v1 *gradient,
    losses_value_v1 *value) {
  losses_call_v1 call = {
      .size = sizeof call, .inputs = inputs, .input_count = count, .gradients = gradient,
      .gradient_count = gradient ? 1 : 0};
  return losses_evaluate_v1(loss, &call, value, &error);
}

static void values(void) {
  // Huber of the residuals 0.5, 0 and -2 with delta 1: (0.125 + 0 + 1.5) / 3.
  losses_loss_v1 *huber = made("huber", 0);
  float prediction[] = {1.5f, 2, 1}, target[] = {1, 2, 3}, gradient[3];
  int64_t three[] = {3};
  losses_tensor_v1 inputs[] = {
      tensor(0, LOSSES_FLOAT32, 1, three, prediction), tensor(0, LOSSES_FLOAT32, 1, three, target)};
  losses_tensor_v1 wanted = tensor("prediction", LOSSES_FLOAT32, 1, three, gradient);
  losses_value_v1 value = one();
  CHECK(evaluate(huber, inputs, 2, &wanted, &value) == LOSSES_DONE);
  CHECK(result == (double)(1.625f / 3) && value.rank == 0 && value.count == 1);
  CHECK(gradient[0] == 0.5f / 3 && gradient[1] == 0 && gradient[2] == -1.0f / 3);

  // The same reversed, as strides of -4 from the last element, and by another element type each.
  float reversed[] = {1, 2, 1.5f};
  int64_t back[] = {-4}, spread[] = {6};
  inputs[0] = tensor("prediction", LOSSES_FLOAT32, 1, three, reversed + 2);
  inputs[0].strides = back;
  uint8_t bytes[] = {1, 2, 3};
  inputs[1] = tensor("target", LOSSES_UINT8, 1, three, bytes);
  uint16_t halves[9] = {0};
  wanted = tensor("prediction", LOSSES_FLOAT16, 1, three, halves);
  wanted.strides = spread;
  CHECK(evaluate(huber, inputs, 2, &wanted, &value) == LOSSES_DONE && result == (double)(1.625f / 3));
  // 1/6 is 0x3155.5 and 1/3 0x3555.5 in binary16 with 10 bits: the nearest are 0x3155 and 0x3555.
  CHECK(halves[0] == 0x3155 && halves[3] == 0 && halves[6] == 0xb555);
  CHECK(halves[1] == 0 && halves[2] == 0 && halves[4] == 0 && halves[7] == 0);
  // bfloat16: 1.5, 2, 1 are 3fc0, 4000, 3f80.
  uint16_t brain[] = {0x3fc0, 0x4000, 0x3f80}, rounded[3];
  inputs[0] = tensor("prediction", LOSSES_BFLOAT16, 1, three, brain);
  wanted = tensor("prediction", LOSSES_BFLOAT16, 1, three, rounded);
  CHECK(evaluate(huber, inputs, 2, &wanted, &value) == LOSSES_DONE && result == (double)(1.625f / 3));
  // 1/6 = 0x3e2aaaab and 1/3 = 0x3eaaaaab in Float.
  CHECK(rounded[0] == 0x3e2b && rounded[1] == 0 && rounded[2] == 0xbeab);
  losses_release_v1(huber);

  // Unaligned numbers.
  losses_loss_v1 *squared = made("mean_squared_error", 0);
  char buffer[32];
  double numbers[] = {3, 5};
  memcpy(buffer + 1, numbers, sizeof numbers);
  int64_t two[] = {2};
  inputs[0] = tensor(0, LOSSES_FLOAT64, 1, two, buffer + 1);
  inputs[1] = tensor(0, LOSSES_INT64, 1, two, (int64_t[]){1, 1});
  value = one();
  CHECK(evaluate(squared, inputs, 2, 0, &value) == LOSSES_DONE && result == 10);
  losses_release_v1(squared);

  // Cross entropy of two classes with equal logits is log 2, in either layout of the classes.
  losses_loss_v1 *entropy = made("torch.nn.CrossEntropyLoss", "{\"reduction\": \"sum\"}");
  double logits[4] = {7, 7, -1, -1};
  int64_t square[] = {2, 2};
  int32_t classes[] = {0, 1};
  double slopes[4];
  inputs[0] = tensor("input", LOSSES_FLOAT64, 2, square, logits);
  inputs[1] = tensor("target", LOSSES_INT32, 1, two, classes);
  wanted = tensor("input", LOSSES_FLOAT64, 2, square, slopes);
  CHECK(evaluate(entropy, inputs, 2, &wanted, &value) == LOSSES_DONE);
  CHECK(fabs(result - 2 * log(2)) < 1e-15 && slopes[0] == -0.5 && slopes[1] == 0.5);
  losses_release_v1(entropy);

  // The framework's order of arguments: y_true first. KL(t || p) of t = (1, 0), p = (1/2, 1/2) is log 2.
  losses_loss_v1 *divergence = made("keras.losses.KLDivergence", 0);
  double certain[] = {1, 0}, even[] = {0.5, 0.5};
  int64_t row[] = {1, 2};
  inputs[0] = tensor(0, LOSSES_FLOAT64, 2, row, certain);
  inputs[1] = tensor(0, LOSSES_FLOAT64, 2, row, even);
  CHECK(evaluate(divergence, inputs, 2, 0, &value) == LOSSES_DONE);
  CHECK(fabs(result - log(2)) < 1e-5); // Keras clips at 1e-7
  losses_release_v1(divergence);
}

static void results(void) {
  losses_loss_v1 *squared = made("mean_squared_error", 0);
  double prediction[] = {1, 2, 3, 4, 5, 6}, target[6] = {0}, terms[6], gradient[6], second[6];
  int64_t shape[] = {2, 3}, extents[2], column[] = {2, 1};
  uint8_t mask[] = {1, 0, 7, 1, 1, 1};
  float weight[] = {1, 10};
  losses_tensor_v1 inputs[] = {
      tensor(0, LOSSES_FLOAT64, 2, shape, prediction), tensor(0, LOSSES_FLOAT64, 2, shape, target),
      tensor("mask", LOSSES_BOOL, 2, shape, mask), tensor("weight", LOSSES_FLOAT32, 2, column, weight)};
  losses_tensor_v1 wanted = tensor("prediction", LOSSES_FLOAT64, 2, shape, gradient);
  losses_tensor_v1 curvature = tensor("prediction", LOSSES_FLOAT64, 2, shape, second);
  double factors[] = {1, 1, 1, 1, 1, 0.5};
  losses_tensor_v1 upstream = tensor(0, LOSSES_FLOAT64, 2, shape, factors);
  losses_value_v1 value = {
      .data = terms, .capacity = 6, .extents = extents, .extents_capacity = 2};
  losses_call_v1 call = {
      .size = sizeof call, .inputs = inputs, .input_count = 4, .gradients = &wanted,
      .gradient_count = 1, .second_derivatives = &curvature, .second_derivative_count = 1,
      .upstream = &upstream, .reduction = "none", .threads = 2};
  CHECK(losses_evaluate_v1(squared, &call, &value, &error) == LOSSES_DONE);
  CHECK(value.element == LOSSES_FLOAT64 && value.rank == 2 && value.count == 6);
  CHECK(extents[0] == 2 && extents[1] == 3);
  CHECK(terms[0] == 1 && terms[1] == 0 && terms[2] == 9 && terms[3] == 160 && terms[5] == 360);
  CHECK(gradient[1] == 0 && gradient[2] == 6 && gradient[3] == 80 && gradient[5] == 60);
  CHECK(second[0] == 2 && second[1] == 0 && second[4] == 20);
  // Sum over the first axis, from JSON: (1, 0, 9) + 10 (16, 25, 36).
  call.reduction = "{\"kind\": \"sum\", \"axes\": [0]}";
  call.upstream = 0;
  CHECK(losses_evaluate_v1(squared, &call, &value, &error) == LOSSES_DONE);
  CHECK(value.rank == 1 && extents[0] == 3 && terms[0] == 161 && terms[1] == 250 && terms[2] == 369);
  // Too little memory: the value says how much is needed.
  value.capacity = 2;
  CHECK(losses_evaluate_v1(squared, &call, &value, &error) == LOSSES_SHAPE_MISMATCH);
  CHECK(value.count == 3 && value.rank == 1);
  // A broadcast input.
  int64_t none[] = {0, 0};
  inputs[1].strides = none;
  value.capacity = 6;
  call.reduction = "sum";
  CHECK(losses_evaluate_v1(squared, &call, &value, &error) == LOSSES_DONE && terms[0] == 780);
  // Column-major, prediction and gradient: the transposed matrix is {1, 4, 2, 5, 3, 6}.
  int64_t columns[] = {8, 16};
  double transposed[] = {1, 4, 2, 5, 3, 6};
  inputs[0] = tensor(0, LOSSES_FLOAT64, 2, shape, transposed);
  inputs[0].strides = wanted.strides = columns;
  CHECK(losses_evaluate_v1(squared, &call, &value, &error) == LOSSES_DONE && terms[0] == 780);
  CHECK(gradient[0] == 2 && gradient[1] == 80 && gradient[2] == 0 && gradient[3] == 100);
  losses_release_v1(squared);
}

static int exchanges;

// A second process that sends what this one sends.
static int32_t all_gather(
    void *context, const void *bytes, int64_t count, void *receiver,
    void (*receive)(void *receiver, const void *bytes, int64_t count)) {
  exchanges += 1;
  for (int rank = 0; rank < 2; rank++) receive(receiver, bytes, count);
  return 0;
}

static void errors(void) {
  losses_loss_v1 *loss = 0;
  CHECK(losses_make_v1(0, "hubr", 0, 0, 0, &loss, &error) == LOSSES_UNKNOWN_LOSS && !loss);
  CHECK(error.code == LOSSES_UNKNOWN_LOSS && strstr(message, "Did you mean \"huber\"?"));
  CHECK(strstr(details, "\"code\": \"unknown_loss\"") && error.details.count == (int64_t)strlen(details));
  CHECK(losses_make_v1(0, "huber", "{\"delta\": -1}", 0, 0, &loss, &error) == LOSSES_INVALID_OPTION);
  CHECK(losses_make_v1(0, "huber", "{\"dleta\": 1}", 0, 0, &loss, 0) == LOSSES_UNKNOWN_OPTION);
  CHECK(losses_make_v1(0, "huber", "{\"delta\": ", 0, 0, &loss, &error) == LOSSES_INVALID_VALUE);
  CHECK(losses_make_v1(0, "huber", 0, "average", 0, &loss, &error) == LOSSES_INVALID_OPTION);
  CHECK(losses_make_v1(0, 0, 0, 0, 0, &loss, &error) == LOSSES_INVALID_VALUE);
  CHECK(losses_make_v1(0, "huber", 0, 0, 0, 0, &error) == LOSSES_INVALID_VALUE);
  CHECK(losses_evaluate_v1(0, 0, 0, &error) == LOSSES_INVALID_VALUE);
  // A text that does not fit is cut at the end of a character: "Geman-McClure" and "Dupré" have one.
  char small[9];
  losses_text_v1 text = {small, sizeof small, 0};
  CHECK(losses_describe_v1(0, "huber", &text, &error) == LOSSES_DONE);
  CHECK(strlen(small) == 8 && text.count > 1000);
  text = (losses_text_v1){0, 0, 0};
  CHECK(losses_list_v1(0, &text, &error) == LOSSES_DONE && text.count > 1000);
  char *whole = malloc((size_t)text.count + 1);
  text = (losses_text_v1){whole, text.count + 1, 0};
  CHECK(losses_list_v1(0, &text, &error) == LOSSES_DONE && strlen(whole) == (size_t)text.count);
  CHECK(strstr(whole, "\"huber\"") && strstr(whole, "\"torch.nn.HuberLoss\""));
  free(whole);
  char found[256];
  text = (losses_text_v1){found, sizeof found, 0};
  CHECK(losses_search_v1(0, "mse", &text, &error) == LOSSES_DONE);
  CHECK(strncmp(found, "[\"mean_squared_error\"", 21) == 0);
  CHECK(losses_registry_make_v1((const char *[]){"/nowhere.so"}, 1, 0, &error) == LOSSES_INVALID_VALUE);
  losses_registry_v1 *registry = 0;
  CHECK(
      losses_registry_make_v1((const char *[]){"/nowhere.so"}, 1, &registry, &error) ==
          LOSSES_UNREADABLE_FILE && !registry);

  losses_loss_v1 *huber = made("huber", 0);
  float numbers[] = {1, 2, 3};
  int64_t three[] = {3}, two[] = {2}, negative[] = {-3}, huge[] = {INT64_MAX};
  losses_tensor_v1 inputs[] = {
      tensor(0, LOSSES_FLOAT32, 1, three, numbers), tensor(0, LOSSES_FLOAT32, 1, two, numbers),
      tensor(0, LOSSES_FLOAT32, 1, two, numbers)};
  losses_value_v1 value = one();
  CHECK(evaluate(huber, inputs, 2, 0, &value) == LOSSES_SHAPE_MISMATCH);
  CHECK(strcmp(message, "huber: target has shape [2]; expected [3], the shape of prediction.") == 0);
  CHECK(evaluate(huber, inputs, 3, 0, &value) == LOSSES_UNKNOWN_INPUT);
  CHECK(evaluate(huber, inputs, 1, 0, &value) == LOSSES_MISSING_INPUT);
  inputs[1] = tensor("prediction", LOSSES_FLOAT32, 1, three, numbers);
  CHECK(evaluate(huber, inputs, 2, 0, &value) == LOSSES_UNKNOWN_INPUT);
  inputs[1] = tensor(0, 99, 1, three, numbers);
  CHECK(evaluate(huber, inputs, 2, 0, &value) == LOSSES_INVALID_TYPE);
  inputs[1] = tensor(0, LOSSES_FLOAT32, -1, three, numbers);
  CHECK(evaluate(huber, inputs, 2, 0, &value) == LOSSES_INVALID_RANK);
  inputs[1] = tensor(0, LOSSES_FLOAT32, 1, negative, numbers);
  CHECK(evaluate(huber, inputs, 2, 0, &value) == LOSSES_SHAPE_MISMATCH);
  inputs[1] = tensor(0, LOSSES_FLOAT32, 1, three, 0);
  CHECK(evaluate(huber, inputs, 2, 0, &value) == LOSSES_INVALID_VALUE);
  inputs[1] = tensor(0, LOSSES_FLOAT32, 1, huge, numbers);
  inputs[1].strides = three;
  CHECK(evaluate(huber, inputs, 2, 0, &value) == LOSSES_INVALID_VALUE);
  // More than there is memory for, of one repeated number.
  int64_t zero[] = {0}, many[] = {INT64_MAX / 8};
  inputs[1] = tensor(0, LOSSES_FLOAT32, 1, many, numbers);
  inputs[1].strides = zero;
  CHECK(evaluate(huber, inputs, 2, 0, &value) == LOSSES_INVALID_VALUE);
  inputs[1] = tensor(0, LOSSES_FLOAT32, 1, three, numbers);
  losses_tensor_v1 gradient = tensor("prediction", LOSSES_INT32, 1, three, numbers);
  CHECK(evaluate(huber, inputs, 2, &gradient, &value) == LOSSES_INVALID_TYPE);
  gradient = tensor("prediction", LOSSES_FLOAT32, 1, two, numbers);
  CHECK(evaluate(huber, inputs, 2, &gradient, &value) == LOSSES_SHAPE_MISMATCH);
  gradient = tensor("weight", LOSSES_FLOAT32, 1, three, numbers);
  CHECK(evaluate(huber, inputs, 2, &gradient, &value) == LOSSES_UNKNOWN_INPUT);
  // An input under our name beside the framework's.
  losses_loss_v1 *torch_huber = made("torch.nn.HuberLoss", 0);
  losses_tensor_v1 twice[] = {
      inputs[0], inputs[1], tensor("prediction", LOSSES_FLOAT32, 1, three, numbers)};
  CHECK(evaluate(torch_huber, twice, 3, 0, &value) == LOSSES_UNKNOWN_INPUT);
  CHECK(strstr(message, "is given twice") != 0);
  losses_release_v1(torch_huber);
  // A call that is refused before it begins does not leave the other processes waiting.
  losses_group_v1 group = {.rank = 0, .count = 2, .all_gather = all_gather};
  losses_call_v1 grouped = {
      .size = sizeof grouped, .inputs = inputs, .input_count = 2, .reduction = "average",
      .group = &group};
  CHECK(losses_evaluate_v1(huber, &grouped, &value, &error) == LOSSES_INVALID_OPTION);
  CHECK(exchanges == 1 && strstr(message, "This is an error of process 0."));
  losses_call_v1 empty = {0};
  CHECK(losses_evaluate_v1(huber, &empty, &value, &error) == LOSSES_INVALID_VALUE);
  losses_release_v1(huber);
  losses_release_v1(0);
}

static void objectives(void) {
  // Logistic loss at score 0 with label 1: gradient 1/2 - 1, curvature 1/4.
  losses_loss_v1 *entropy = made("binary_cross_entropy", 0);
  losses_objective_v1 *objective = 0;
  CHECK(losses_objective_make_v1(entropy, "{\"link\": \"logistic\"}", &objective, &error) == 0);
  CHECK(losses_objective_make_v1(entropy, "{\"lnk\": 1}", &objective, &error) == LOSSES_INVALID_OPTION);
  losses_release_v1(entropy);
  double scores[] = {0, 0};
  float labels[] = {1, 0}, gradient[2], curvature[2];
  int64_t two[] = {2};
  losses_tensor_v1 raw = tensor(0, LOSSES_FLOAT64, 1, two, scores);
  losses_tensor_v1 target = tensor(0, LOSSES_FLOAT32, 1, two, labels);
  losses_tensor_v1 first = tensor(0, LOSSES_FLOAT32, 1, two, gradient);
  losses_tensor_v1 second = tensor(0, LOSSES_FLOAT32, 1, two, curvature);
  CHECK(
      losses_objective_derivatives_v1(objective, &raw, &target, 0, &first, &second, 1, &error) == 0);
  CHECK(gradient[0] == -0.5f && gradient[1] == 0.5f && curvature[0] == 0.25f);
  losses_value_v1 value = one();
  CHECK(losses_objective_initial_score_v1(objective, &target, 0, &value, &error) == 0 && result == 0);
  losses_objective_release_v1(objective);
}

static void plugins(const char *path) {
  losses_registry_v1 *registry = 0;
  CHECK(losses_registry_make_v1(&path, 1, &registry, &error) == LOSSES_DONE);
  if (!registry) return;
  losses_loss_v1 *square = 0;
  CHECK(losses_make_v1(registry, "c_square", 0, 0, 0, &square, &error) == LOSSES_DONE);
  CHECK(losses_make_v1(0, "c_square", 0, 0, 0, &square, &error) == LOSSES_UNKNOWN_LOSS);
  losses_registry_release_v1(registry);
  double numbers[] = {1, 3}, gradient[2];
  int64_t two[] = {2};
  losses_tensor_v1 input = tensor(0, LOSSES_FLOAT64, 1, two, numbers);
  losses_tensor_v1 wanted = tensor("prediction", LOSSES_FLOAT64, 1, two, gradient);
  losses_value_v1 value = one();
  CHECK(evaluate(square, &input, 1, &wanted, &value) == LOSSES_DONE && result == 5);
  CHECK(gradient[0] == 1 && gradient[1] == 3);
  losses_release_v1(square);
}

// Threads share one loss, and each makes others; all get the same bits.
enum { rows = 64, classes = 33 };
static losses_loss_v1 *shared;
static float logits[rows * classes];
static int64_t targets[rows];

static void *worker(void *outcome) {
  for (int round = 0; round < 50; round++) {
    losses_loss_v1 *own = 0;
    losses_make_v1(0, round % 2 ? "cross_entropy" : "torch.cross_entropy", 0, 0, 0, &own, 0);
    float gradient[rows * classes], value[2];
    int64_t shape[] = {rows, classes};
    losses_tensor_v1 inputs[] = {
        tensor(0, LOSSES_FLOAT32, 2, shape, logits), tensor(0, LOSSES_INT64, 1, shape, targets)};
    for (int i = 0; i < 2; i++) {
      losses_loss_v1 *loss = i ? own : shared;
      losses_tensor_v1 wanted = tensor("prediction", LOSSES_FLOAT32, 2, shape, gradient);
      losses_value_v1 result = {.element = LOSSES_FLOAT32, .data = value + i, .capacity = 1};
      losses_call_v1 call = {
          .size = sizeof call, .inputs = inputs, .input_count = 2, .gradients = &wanted,
          .gradient_count = 1, .threads = 1 + round % 3};
      if (losses_evaluate_v1(loss, &call, &result, 0) != LOSSES_DONE) return 0;
    }
    if (round && memcmp(value, outcome, sizeof value)) return 0;
    memcpy(outcome, value, sizeof value);
    losses_release_v1(own);
  }
  return outcome;
}

static void threads(void) {
  for (int i = 0; i < rows * classes; i++) logits[i] = sinf((float)i);
  for (int i = 0; i < rows; i++) targets[i] = i * 7 % classes;
  shared = made("cross_entropy", 0);
  pthread_t workers[8];
  float outcomes[8][2];
  for (int i = 0; i < 8; i++) pthread_create(workers + i, 0, worker, outcomes[i]);
  for (int i = 0; i < 8; i++) {
    void *outcome = 0;
    pthread_join(workers[i], &outcome);
    CHECK(outcome == outcomes[i] && !memcmp(outcomes[i], outcomes[0], sizeof outcomes[0]));
  }
  CHECK(outcomes[0][0] == outcomes[0][1]);
  losses_release_v1(shared);
}

// Wrong calls: fields of a call that fits its loss are replaced. The library must refuse or evaluate, and
// write nothing outside the memory that a call declares.
static uint64_t state;
static int64_t draw(int64_t count) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (int64_t)(state % (uint64_t)count);
}

enum { bytes_of_memory = 4096, guard = 64, tensors_of_call = 8 };
static unsigned char memory[tensors_of_call + 1][bytes_of_memory + 2 * guard];
static int64_t extents[tensors_of_call][4], strides[tensors_of_call][4];

static const char *const names[] = {
    "prediction", "target", "input", "y_true", "y_pred", "weight", "mask", "anchor", "positive",
    "negative", "input_lengths", "", "\xff\xfe nonsense \xc3"};

// A tensor of numbers that lies inside its memory.
static losses_tensor_v1 any_tensor(int index, int32_t rank, const int64_t *shape, int32_t element) {
  memcpy(extents[index], shape, sizeof extents[index]);
  unsigned char *start = memory[index] + guard;
  for (int i = 0; i < 300; i++) {
    // Numbers that are small in every type, and now and then any bits.
    if (element == LOSSES_FLOAT32) ((float *)start)[i] = (float)draw(9) / 4;
    else if (element == LOSSES_FLOAT64) ((double *)start)[i] = (double)draw(9) / 4;
    else if (element == LOSSES_INT64) ((int64_t *)start)[i] = draw(4);
    else if (element == LOSSES_INT32) ((int32_t *)start)[i] = (int32_t)draw(4);
    else start[i] = (unsigned char)draw(4);
    if (!draw(2000)) start[i] = (unsigned char)draw(256);
  }
  return tensor(0, element, rank, extents[index], start);
}

static void mutate(losses_tensor_v1 *tensor, int index) {
  static const int64_t odd[] = {INT64_MAX, INT64_MAX / 2, 1LL << 32, -1, INT64_MIN, 0};
  switch (draw(8)) {
  case 0: tensor->name = names[draw(13)]; break;
  case 1: tensor->element = (int32_t)(draw(2) ? draw(13) : draw(1000) - 500); break;
  case 2: {
    int32_t rank = (int32_t)(draw(2) ? draw(5) : draw(2) ? -draw(100) : 65 + draw(1000));
    for (int i = 0; i < 4; i++) if (extents[index][i] > 6) extents[index][i] = 1;
    tensor->rank = rank;
    break;
  }
  case 3: {
    int which = (int)draw(6);
    extents[index][draw(4)] = odd[which];
    if (which < 3) tensor->data = 0; // a tensor that the memory does not hold
    break;
  }
  case 4: extents[index][draw(4)] = draw(7); break;
  case 5:
    for (int i = 0; i < 4; i++) strides[index][i] = draw(3) ? draw(201) - 100 : draw(3) * 4;
    if (tensor->data) tensor->data = memory[index] + guard + bytes_of_memory / 2;
    tensor->strides = strides[index];
    break;
  case 6: tensor->data = 0; break;
  default: tensor->extents = 0;
  }
}

static void fuzz(long calls, uint64_t seed) {
  state = seed | 1;
  // Losses with the name of their first argument, and whether the second holds class indices.
  static const struct { const char *name, *first; int has_classes; } losses[] = {
      {"huber", "prediction", 0}, {"cross_entropy", "prediction", 1},
      {"torch.nn.CrossEntropyLoss", "input", 1}, {"keras.losses.KLDivergence", "y_true", 0},
      {"dice", "prediction", 0}, {"torch.nn.MultiMarginLoss", "input", 1},
      {"optax.huber_loss", "predictions", 0}, {"binary_cross_entropy", "prediction", 0},
      {"flux.logitcrossentropy", "ŷ", 0}, {"ranknet", "prediction", 0},
      {"triplet_margin", "anchor", 0}, {"torch.nn.CTCLoss", "log_probs", 1}, {"ctc", "logits", 1},
      {"ntxent", "prediction", 1}, {"gaussian_nll", "prediction", 0}, {"lambda", "prediction", 0}};
  static const char *const reductions[] = {
      "mean", "sum", "none", "batch_mean", "weighted_mean", "", "nothing", "{\"kind\": \"sum\"}",
      "{\"kind\": \"mean\", \"axes\": [0, 9]}", "[[[[", "{\"kind\": \"sum\", \"axes\": [-1]}"};
  static const int32_t reals[] = {LOSSES_FLOAT32, LOSSES_FLOAT64, LOSSES_FLOAT16, LOSSES_BFLOAT16};
  enum { kinds = sizeof losses / sizeof *losses };
  losses_loss_v1 *made_losses[kinds];
  for (int i = 0; i < kinds; i++) made_losses[i] = made(losses[i].name, 0);
  memset(memory, 0, sizeof memory);
  long done = 0, refused = 0;
  for (long i = 0; i < calls; i++) {
    int kind = (int)draw(kinds);
    int64_t shape[] = {draw(6), 1 + draw(6), 1 + draw(2), 1};
    int32_t real = reals[draw(4)];
    losses_tensor_v1 tensors[tensors_of_call];
    for (int t = 0; t < tensors_of_call; t++) tensors[t] = any_tensor(t, 2, shape, real);
    if (losses[kind].has_classes) {
      tensors[1] = any_tensor(1, 1, shape, draw(2) ? LOSSES_INT64 : LOSSES_INT32);
    }
    // Inputs 0 ... 3, the upstream gradient 4, gradients 5 and 6, second derivatives 7.
    for (int t = 5; t < tensors_of_call; t++) tensors[t].name = losses[kind].first;
    for (int m = (int)draw(4); m > 0; m--) {
      int t = (int)(draw(2) ? draw(2) : draw(tensors_of_call));
      mutate(tensors + t, t);
    }
    const int64_t axis = draw(7) - 3;
    int64_t written[4];
    losses_value_v1 value = {
        .data = draw(90) ? memory[tensors_of_call] + guard : 0, .capacity = draw(400) - !draw(50),
        .element = draw(9) ? 0 : (int32_t)draw(14), .extents = draw(9) ? written : 0};
    value.extents_capacity = value.extents ? (int32_t)draw(5) : 0;
    losses_call_v1 call = {
        .size = draw(90) ? (int64_t)sizeof call : draw(100), .inputs = draw(90) ? tensors : 0,
        .input_count = draw(90) ? 2 + !draw(3) : draw(9) - 4, .gradients = tensors + 5,
        .gradient_count = draw(9) ? draw(2) : draw(3), .second_derivatives = tensors + 7,
        .second_derivative_count = !draw(8), .upstream = draw(9) ? 0 : tensors + 4,
        .reduction = draw(2) ? 0 : reductions[draw(11)], .class_axis = draw(5) ? 0 : &axis,
        .element = draw(5) ? 0 : (int32_t)draw(4), .threads = (int32_t)draw(6) - 2,
        .checks = draw(90) ? (int32_t)draw(4) : (int32_t)draw(99)};
    if (call.input_count > 4) call.input_count = 4;
    int32_t code = losses_evaluate_v1(
        draw(200) ? made_losses[kind] : 0, draw(200) ? &call : 0, draw(200) ? &value : 0,
        draw(9) ? &error : 0);
    if (code) refused++;
    else done++;
    for (int t = 0; t <= tensors_of_call; t++) {
      for (int b = 0; b < guard; b++) {
        if (memory[t][b] || memory[t][guard + bytes_of_memory + b]) {
          CHECK(!"memory outside a tensor was written");
          memset(memory[t], 0, sizeof memory[t]);
        }
      }
    }
  }
  for (int i = 0; i < kinds; i++) losses_release_v1(made_losses[i]);
  printf("%ld calls: %ld evaluated, %ld refused\n", calls, done, refused);
  CHECK(calls < 1000 || (done > calls / 10 && refused > calls / 10));
}

int main(int count, char **arguments) {
  error.message = (losses_text_v1){message, sizeof message, 0};
  error.details = (losses_text_v1){details, sizeof details, 0};
  values();
  results();
  errors();
  objectives();
  if (count > 1 && strcmp(arguments[1], "-")) plugins(arguments[1]);
  threads();
  if (count > 2) {
    uint64_t seed = count > 3 ? strtoull(arguments[3], 0, 10) : 18;
    printf("seed %llu\n", (unsigned long long)seed);
    fuzz(atol(arguments[2]), seed);
  }
  printf("%d checks, %d failed\n", checks, failures);
  return failures ? 1 : 0;
}
