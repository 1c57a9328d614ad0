import Foundation
import LossFunctions

/// The bench: times every case, or says what memory it needs.
@main
enum Bench {
  static func main() {
    if let missingRequirement = CPUFeatures.missingRequirement { fail(missingRequirement) }
    let words = Array(CommandLine.arguments.dropFirst())
    if words == ["--list"] {
      for one in BenchCase.all { print(one.name) }
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
    if request.wantsMemory { return printFootprints(request) }
    if BenchMachine.isDebug {
      FileHandle.standardError.write(
        Data("This is a debug build: its times say nothing about the losses.\n".utf8))
    }
    var report = BenchReport(threads: request.threads)
    if !request.wantsJSON { show(BenchReport.head) }
    for one in request.cases {
      report.run(one, seconds: request.seconds)
      if !request.wantsJSON { show(report.lastRow) }
    }
    if request.wantsJSON { show(report.json) }
    return report.failed == 0 ? 0 : 1
  }

  /// Prints what the value with the gradient needs of memory, case by case.
  private static func printFootprints(_ request: BenchRequest) -> Int32 {
    show(BenchFootprint.head)
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

  /// A line that is there at once, also for a reader at the other end of a pipe.
  private static func show(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }
}
