import Foundation

/// Small libraries in C: a valid one, and ones with one defect each.
enum CLibrary: String, CaseIterable, Sendable {
  case valid, withoutEntry, undefinedSymbol, noTable, otherMagic, otherVersion, shortTable
  case missingFunction, silent, failsSilently, fails, noJSON, noList, duplicateName
  case createsNothing, negativeRank, hugeShape, noMemory, unknownElement, otherElement
  /// Only the required keys.
  case minimal

  /// The C compiler of the system; nil if there is none.
  static let compiler: String? = {
    let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
    return ["clang", "cc", "gcc"].lazy.flatMap { name in folders.map { "\($0)/\(name)" } }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// Compiles the library into a folder.
  ///
  /// - Returns: its path.
  func build(in folder: String) throws -> String {
    let header = URL(filePath: #filePath)
      .appending(path: "../../../../Sources/CLossPlugin/include").standardizedFileURL.path
    let source = "\(folder)/\(rawValue).c"
    let library = "\(folder)/\(rawValue).so"
    try Self.source.write(toFile: source, atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(filePath: Self.compiler ?? "/usr/bin/cc")
    process.arguments = [
      "-shared", "-fPIC", "-I", header, "-DIS_\(rawValue)", source, "-o", library,
    ]
    try process.run()
    process.waitUntilExit()
    return library
  }

  /// A loss whose value is the number of elements and whose gradient is 1 everywhere.
  private static let source = #"""
    #include "CLossPlugin.h"
    #include <string.h>

    #define INPUTS                                                                  \
      "\"signature\": {\"inputs\": [{\"role\": \"prediction\", \"domain\": \"any\"," \
      "\"forms\": [{\"kind\": \"real\", \"axes\": \"...\"}], \"differentiable\": true," \
      "\"optional\": false}], \"terms\": \"...\", \"class_axis\": null,"             \
      "\"mask_covers\": \"terms\"}, \"reduction\": \"sum\", \"traits\": [], \"later\": 1"

    #ifdef IS_duplicateName
    #define NAME "\"name\": \"huber\","
    #else
    #define NAME "\"name\": \"c_count\","
    #endif

    static loss_text_v1 text(const char *bytes) {
      loss_text_v1 text = {bytes, (int64_t)strlen(bytes)};
      return text;
    }

    static int32_t describe(const void *context, const loss_answer_v1 *answer) {
    #if defined(IS_silent)
      return LOSS_DONE;
    #elif defined(IS_failsSilently)
      return LOSS_REFUSED;
    #elif defined(IS_fails)
      answer->error(answer->context, text(
        "{\"code\": \"from_the_future\", \"loss\": \"\", \"subject\": \"the \\u006coss\\ud83d\\ude00\","
        "\"found\": \"is tired\", \"expected\": \"\", \"hint\": \"Wait.\"}"));
      return LOSS_REFUSED;
    #elif defined(IS_noJSON)
      answer->text(answer->context, text("{\"name\": \"c\", \"losses\": [[["));
      return LOSS_DONE;
    #elif defined(IS_noList)
      answer->text(answer->context, text("{\"name\": \"c\", \"losses\": 3}"));
      return LOSS_DONE;
    #elif defined(IS_minimal)
      answer->text(answer->context, text(
        "{\"name\": \"c\", \"losses\": [{\"name\": \"c_count\", \"spellings\": [{\"dialect\":"
        "{\"name\": \"here\"}, \"names\": [\"count\"]}], \"options\": [{\"name\": \"base\"}],"
        "\"signature\": {\"inputs\": [{\"role\": \"prediction\","
        "\"forms\": [{\"kind\": \"real\", \"axes\": \"...\"}]}], \"terms\": \"...\"}}]}"));
      return LOSS_DONE;
    #else
      answer->text(answer->context, text(
        "{\"name\": \"c\", \"losses\": [{" NAME "\"summary\": \"Counts.\", \"formula\": \"1\","
        "\"domain\": \"\", \"references\": [], \"spellings\": [], \"options\": []," INPUTS "}]}"));
      return LOSS_DONE;
    #endif
    }

    static int32_t make(const void *context, loss_text_v1 request, const loss_answer_v1 *answer,
                        void **loss) {
      static int only;
    #ifdef IS_minimal
      answer->text(answer->context, text("{}"));
    #else
      answer->text(answer->context, text(
        "{" NAME "\"options\": {}, \"description\": \"c_count\", \"second_derivatives\": []," INPUTS
        "}"));
    #endif
    #ifndef IS_createsNothing
      *loss = &only;
    #endif
      return LOSS_DONE;
    }

    static void release(const void *context, void *loss) {}

    static int32_t evaluate(const void *context, const void *loss, const loss_call_v1 *call,
                            const loss_answer_v1 *answer) {
    #ifdef IS_minimal
      if (call->inputs[0].rank > 1) {
        answer->error(answer->context, text("{\"code\": \"invalid_rank\"}"));
        return LOSS_REFUSED;
      }
    #endif
      int64_t count = 1;
      for (int32_t axis = 0; axis < call->inputs[0].rank; axis++)
        count *= call->inputs[0].extents[axis];
      for (int64_t role = 0; role < call->gradient_count; role++)
        for (int64_t index = 0; index < call->gradients[role].count; index++)
          if (call->element == LOSS_FLOAT32) ((float *)call->gradients[role].data)[index] = 1;
          else ((double *)call->gradients[role].data)[index] = 1;
      float narrow = (float)count;
      double wide = (double)count;
      int64_t huge[2] = {INT64_MAX, INT64_MAX};
      loss_tensor_v1 result = {text(""), call->element, 0, 0,
                               call->element == LOSS_FLOAT32 ? (void *)&narrow : (void *)&wide};
    #ifdef IS_negativeRank
      result.rank = -1;
    #elif defined(IS_hugeShape)
      result.rank = 2;
      result.extents = huge;
    #elif defined(IS_noMemory)
      result.data = 0;
    #elif defined(IS_unknownElement)
      result.element = 99;
    #elif defined(IS_otherElement)
      result.element = LOSS_BOOL;
    #endif
      (void)huge;
      answer->tensor(answer->context, &result);
      return LOSS_DONE;
    }

    static int32_t select_(const void *context, loss_text_v1 request, const loss_answer_v1 *answer) {
    #ifdef IS_minimal
      answer->text(answer->context, text("{}"));
      return LOSS_DONE;
    #endif
      return LOSS_REFUSED;
    }

    static int32_t adapt(const void *context, loss_text_v1 name, int64_t argument, int32_t restores,
                         const loss_tensor_v1 *tensor, const loss_answer_v1 *answer) {
      return LOSS_REFUSED;
    }

    static loss_plugin_table_v1 table = {
      LOSS_PLUGIN_MAGIC, LOSS_PLUGIN_VERSION, sizeof(loss_plugin_table_v1), 0,
      describe, make, release, evaluate, select_, adapt};

    #ifdef IS_undefinedSymbol
    extern void nowhere_to_be_found(void);
    #endif

    #ifndef IS_withoutEntry
    const loss_plugin_table_v1 *loss_plugin_v1(void) {
    #if defined(IS_noTable)
      return 0;
    #elif defined(IS_otherMagic)
      table.magic = 7;
    #elif defined(IS_otherVersion)
      table.version = 2;
    #elif defined(IS_shortTable)
      table.size = 24;
    #elif defined(IS_missingFunction)
      table.evaluate = 0;
    #elif defined(IS_undefinedSymbol)
      nowhere_to_be_found();
    #endif
      return &table;
    }
    #endif
    """#
}
