// An addon of Node: cc -shared -fPIC node.c -o losses.node -I /usr/include/node
//   -I ../../Sources/CLosses/include -L ../../.build/release -lLossLibrary
// const loss = addon.make("huber", '{"delta": 0.5}')
// const value = addon.evaluate(loss, prediction, target, gradient)     // Float32Array each
#include <node_api.h>
#include <stdio.h>
#include <string.h>

#include "losses.h"

static char message[1024];
static losses_error_v1 error;

static napi_value refuse(napi_env env) {
  char code[8];
  snprintf(code, sizeof code, "%d", error.code);
  napi_throw_range_error(env, code, message);
  return NULL;
}

static void release(napi_env env, void *loss, void *hint) { losses_release_v1(loss); }

static napi_value make(napi_env env, napi_callback_info info) {
  napi_value arguments[2], result;
  size_t count = 2;
  char name[256] = "", options[4096] = "{}";
  losses_loss_v1 *loss = NULL;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_get_value_string_utf8(env, arguments[0], name, sizeof name, NULL);
  if (count > 1) napi_get_value_string_utf8(env, arguments[1], options, sizeof options, NULL);
  if (losses_make_v1(NULL, name, options, NULL, NULL, &loss, &error)) return refuse(env);
  napi_create_external(env, loss, release, NULL, &result);
  return result;
}

static napi_value evaluate(napi_env env, napi_callback_info info) {
  napi_value arguments[4], result;
  size_t count = 4;
  void *loss = NULL;
  losses_tensor_v1 tensors[3];
  int64_t extents[3];
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  if (count < 3 || napi_get_value_external(env, arguments[0], &loss) != napi_ok) {
    napi_throw_type_error(env, NULL, "expected a loss, a prediction, a target and perhaps a gradient");
    return NULL;
  }
  for (size_t i = 0; i + 1 < count; i++) {
    napi_typedarray_type type;
    size_t length;
    void *data;
    if (napi_get_typedarray_info(env, arguments[i + 1], &type, &length, &data, NULL, NULL) != napi_ok ||
        (type != napi_float32_array && type != napi_float64_array && type != napi_int32_array)) {
      napi_throw_type_error(env, NULL, "expected arrays of 32-bit integers, or of 32 or 64-bit floats");
      return NULL;
    }
    extents[i] = (int64_t)length;
    int32_t element = type == napi_float32_array ? LOSSES_FLOAT32
                      : type == napi_float64_array ? LOSSES_FLOAT64 : LOSSES_INT32;
    tensors[i] = (losses_tensor_v1){.element = element, .rank = 1, .extents = extents + i, .data = data};
  }
  tensors[2].name = "prediction";
  double number;
  losses_value_v1 value = {.element = LOSSES_FLOAT64, .data = &number, .capacity = 1};
  losses_call_v1 call = {
      .size = sizeof call, .inputs = tensors, .input_count = 2, .gradients = tensors + 2,
      .gradient_count = count > 3};
  if (losses_evaluate_v1(loss, &call, &value, &error)) return refuse(env);
  napi_create_double(env, number, &result);
  return result;
}

NAPI_MODULE_INIT() {
  napi_value function;
  error.message = (losses_text_v1){message, sizeof message, 0};
  napi_create_function(env, "make", NAPI_AUTO_LENGTH, make, NULL, &function);
  napi_set_named_property(env, exports, "make", function);
  napi_create_function(env, "evaluate", NAPI_AUTO_LENGTH, evaluate, NULL, &function);
  napi_set_named_property(env, exports, "evaluate", function);
  return exports;
}
