import Foundation
import LossFunctions

/// The benchmark: measures the time or the memory of every case.
@main
enum Bench {
  static func main() {
    if let missingRequirement = CPUFeatures.missingRequirement { fail(missingRequirement) }
    let words = Array(CommandLine.arguments.dropFirst())
    if words == ["--list"] {
      for one in BenchCase.all + BenchCase.others { print(one.name) }
      return
    }
    do throws(BenchRequest.UsageError) {
      exit(run(try BenchRequest(words)))
    } catch {
      fail("\(error)\nSee \"losses-bench --help\".")
    }
  }

  private static func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("losses-bench: \(message)\n".utf8))
    exit(2)
  }

  private static func run(_ request: BenchRequest) -> Int32 {
    if request.wantsHelp {
      print(BenchRequest.help)
      return 0
    }
    if let calls = request.fuzzedCalls {
      return CallFuzz(count: calls, seed: request.seed).run(show: show)
    }
    if request.wantsPartials || request.wantsHessian || request.wantsBits {
      do throws(LossError) {
        if request.wantsBits {
          try BenchBits(seed: request.seed).run(show: show)
        } else if request.wantsPartials {
          try BenchPartials(threads: request.threads, seconds: request.seconds, show: show).run()
        } else {
          try BenchHessian(threads: request.threads, seconds: request.seconds, show: show).run()
        }
        return 0
      } catch {
        show("failed: \(error)")
        return 1
      }
    }
    if let files = request.fuzzedFiles {
      return FileFuzz(count: files, seed: request.seed).run(show: show)
    }
    if request.wantsMemory { return printFootprints(request) }
    if BenchMachine.isDebug {
      FileHandle.standardError.write(
        Data("This is a debug build: its timings are not representative.\n".utf8))
    }
    var report = BenchReport(threads: request.threads)
    if !request.wantsJSON { show(BenchReport.header) }
    for one in request.cases {
      report.run(one, seconds: request.seconds)
      if !request.wantsJSON { show(report.lastRow) }
    }
    if request.wantsJSON { show(report.json) }
    return report.failed == 0 ? 0 : 1
  }

  /// Prints the memory footprint of value and gradient for each case.
  private static func printFootprints(_ request: BenchRequest) -> Int32 {
    show(BenchFootprint.header)
    var status: Int32 = 0
    for one in request.cases {
      do throws(LossError) {
        let footprint = try BenchFootprint(one.prepare(request.threads).valueAndGradient)
        show(footprint.row(one.name))
      } catch {
        show("\(one.name)  failed: \(error)")
        status = 1
      }
    }
    return status
  }

  /// Prints a line without buffering.
  private static func show(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }
}
