import Foundation
import LossTensors
import Testing

@testable import LossFiles

@Suite struct FileBytesTests {
  @Test("Folders and missing files are rejected")
  func errors() throws {
    try withTemporaryFolder { folder in
      #expect(
        errorMessage { () throws(LossError) in try FileBytes.read(path: folder) }
          == "\(folder) is a folder; expected a file."
      )
      #expect(
        errorMessage { () throws(LossError) in try FileBytes.write([], to: folder) }
          == "\(folder) is a folder; expected a file."
      )
      #expect(
        errorMessage { () throws(LossError) in try FileBytes.read(path: folder + "/none") }
          == "\(folder)/none does not exist."
      )
      #expect(
        errorMessage { () throws(LossError) in try FileBytes.write([], to: folder + "/none/a") }
          == "\(folder)/none/a is in a folder that does not exist."
      )
    }
  }

  @Test("A link is followed; a device or a pipe is written to and stays")
  func streams() throws {
    try withTemporaryFolder { folder in
      let (link, pipe) = (folder + "/link", folder + "/pipe")
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "a")
      try FileBytes.write([1], to: link)
      try FileBytes.write([2, 3], to: link)
      #expect(try FileBytes.read(path: folder + "/a") == [2, 3])
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "a")

      try FileManager.default.removeItem(atPath: link)
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/null")
      try FileBytes.write([1], to: link)
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "/dev/null")

      try #require(mkfifo(pipe, 0o600) == 0)
      // Opened for both, so that neither end waits for the other.
      let descriptor = open(pipe, O_RDWR)
      defer { close(descriptor) }
      try FileBytes.write([1, 2], to: pipe)
      var bytes: [UInt8] = [0, 0]
      #expect(read(descriptor, &bytes, 2) == 2)
      #expect(bytes == [1, 2])
      #expect(
        errorMessage { () throws(LossError) in try FileBytes.read(path: pipe) }
          == "\(pipe) is a device or a pipe; expected a file.")
    }
  }

  @Test(
    "A file without read permission is rejected",
    .enabled(if: geteuid() != 0, "root may read everything"))
  func permission() throws {
    try withTemporaryFolder { folder in
      try FileBytes.write([1], to: folder + "/a")
      try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder + "/a")
      #expect(
        errorMessage { () throws(LossError) in try FileBytes.read(path: folder + "/a") }
          == "\(folder)/a cannot be read: permission denied."
      )
    }
  }

  @Test(
    "System errors are converted to phrases",
    arguments: [
      (CocoaError.Code.fileReadNoPermission, "read", "cannot be read: permission denied"),
      (.fileWriteNoPermission, "written", "cannot be written: permission denied"),
      (.fileWriteOutOfSpace, "written", "cannot be written: the disk is full"),
      (.fileReadUnknown, "read", "cannot be read"),
    ]
  )
  func reasons(code: CocoaError.Code, verb: String, phrase: String) {
    #expect(FileBytes.reason(for: CocoaError(code), verb: verb) == phrase)
  }
}
