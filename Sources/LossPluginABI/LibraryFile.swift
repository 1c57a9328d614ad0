internal import LossCore

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Android)
  internal import Android
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A shared library in a file. It is never unloaded: code of it may run as long as the process does.
struct LibraryFile {
  private let path: String
  private let handle: UnsafeMutableRawPointer

  /// Loads the library.
  ///
  /// - Throws: `LossError` of code `unreadable_file`.
  init(_ path: String) throws(LossError) {
    func refusal(_ found: String, hint: String = "") -> LossError {
      LossError(
        .unreadableFile, subject: path, found: found, expected: "a shared library of losses",
        hint: hint)
    }
    self.path = path
    // Resolved first, since the loader would search its own folders for a bare name.
    guard let resolved = realpath(path, nil) else {
      throw errno == ENOENT
        ? LossError(.unreadableFile, subject: path, found: "does not exist")
        : refusal("cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { free(resolved) }
    if let defect = Self.defect(of: resolved) { throw refusal(defect) }
    guard let handle = dlopen(resolved, Self.mode) else {
      let reason = dlerror().map { String(cString: $0) } ?? "no reason given"
      let file = String(cString: resolved) + ": "
      throw refusal(
        "cannot be loaded: \(reason.hasPrefix(file) ? String(reason.dropFirst(file.count)) : reason)"
      )
    }
    self.handle = handle
  }

  /// Everything is bound at once, so that what is missing shows here. A library looks for its own
  /// copy of the core before the program's, which may be of another build.
  private static var mode: Int32 {
    #if canImport(Glibc)
      RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND
    #else
      RTLD_NOW | RTLD_LOCAL
    #endif
  }

  /// The address of an exported symbol.
  ///
  /// - Throws: `LossError` of code `unreadable_file` if the library exports none of that name.
  func symbol(_ name: String) throws(LossError) -> UnsafeMutableRawPointer {
    guard let address = dlsym(handle, name) else {
      throw LossError(
        .unreadableFile, subject: path, found: "is a shared library without \(name)",
        expected: "a library that exports its losses",
        hint: "Build the library product of the plug-in that has the line @c(\(name)).")
    }
    return address
  }

  /// What is wrong with a file that the loader could not even refuse: it maps what the file's head
  /// promises, and ends the program where the file is shorter.
  private static func defect(of path: UnsafePointer<CChar>) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else { return "cannot be read" }
    guard status.st_mode & S_IFMT == S_IFREG else {
      return status.st_mode & S_IFMT == S_IFDIR ? "is a folder" : "is no file"
    }
    guard let file = fopen(path, "rb") else {
      return "cannot be read: \(String(cString: strerror(errno)))"
    }
    defer { fclose(file) }
    #if os(Linux) || os(Android)
      return ELFHead.defect(of: file, size: Int(status.st_size))
    #else
      return nil
    #endif
  }
}

#if os(Linux) || os(Android)
  /// The head of a 64-bit ELF file, as far as it says how long the file must be.
  private enum ELFHead {
    static func defect(of file: UnsafeMutablePointer<FILE>, size: Int) -> String? {
      guard size > 0 else { return "is empty" }
      let head = bytes(of: file, at: 0, count: 64)
      guard head.prefix(4) == [0x7f, 0x45, 0x4c, 0x46] else { return "is no shared library" }
      // Class 2 is 64 bits; the loader refuses what is of another class before it maps anything.
      guard head.count == 64, head[4] == 2 else { return head.count == 64 ? nil : "is cut short" }
      let table = integer(head, at: 32, bytes: 8)
      let stride = integer(head, at: 54, bytes: 2)
      let count = integer(head, at: 56, bytes: 2)
      guard stride >= 56, table <= size, table + stride * count <= size else {
        return "is cut short"
      }
      for index in 0..<count {
        let segment = bytes(of: file, at: table + index * stride, count: 56)
        guard segment.count == 56 else { return "is cut short" }
        let (end, overflows) = integer(segment, at: 8, bytes: 8)
          .addingReportingOverflow(integer(segment, at: 32, bytes: 8))
        guard !overflows, end <= size else { return "is cut short" }
      }
      return nil
    }

    private static func bytes(
      of file: UnsafeMutablePointer<FILE>, at offset: Int, count: Int
    ) -> [UInt8] {
      guard fseek(file, offset, SEEK_SET) == 0 else { return [] }
      return Array(unsafeUninitializedCapacity: count) { buffer, read in
        read = fread(buffer.baseAddress, 1, count, file)
      }
    }

    /// A number in the byte order of every processor that this is built for; one that no file size
    /// could reach becomes the largest.
    private static func integer(_ bytes: [UInt8], at place: Int, bytes count: Int) -> Int {
      let value = bytes[place..<(place + count)].reversed().reduce(0 as UInt64) {
        $0 << 8 | UInt64($1)
      }
      return Int(clamping: value)
    }
  }
#endif
