// cc example.c -I ../../Sources/CLosses/include -L ../../.build/release -lLossLibrary
#include <stdio.h>

#include "losses.h"

int main(void) {
  char message[512];
  losses_error_v1 error = {.message = {message, sizeof message, 0}};
  losses_loss_v1 *huber = 0;
  if (losses_make_v1(0, "huber", "{\"delta\": 0.5}", 0, 0, &huber, &error)) {
    return puts(message), 1;
  }

  float prediction[] = {1.1f, 2, 4}, target[] = {1, 2, 3}, gradient[3], value;
  int64_t extents[] = {3};
  losses_tensor_v1 inputs[] = {
      {.element = LOSSES_FLOAT32, .rank = 1, .extents = extents, .data = prediction},
      {.element = LOSSES_FLOAT32, .rank = 1, .extents = extents, .data = target}};
  losses_tensor_v1 wanted = {
      .name = "prediction", .element = LOSSES_FLOAT32, .rank = 1, .extents = extents, .data = gradient};
  losses_value_v1 result = {.element = LOSSES_FLOAT32, .data = &value, .capacity = 1};
  losses_call_v1 call = {
      .size = sizeof call, .inputs = inputs, .input_count = 2, .gradients = &wanted, .gradient_count = 1};
  if (losses_evaluate_v1(huber, &call, &result, &error)) return puts(message), 1;
  printf("%g, gradient %g %g %g\n", value, gradient[0], gradient[1], gradient[2]);

  inputs[1].extents = (int64_t[]){2};
  losses_evaluate_v1(huber, &call, &result, &error);
  printf("%d: %s\n", error.code, message);
  losses_release_v1(huber);
}
