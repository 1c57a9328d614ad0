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

/// A shared library. It is never unloaded, since its code may run until the process exits.
struct LibraryFile {
  private let path: String
  private let handle: UnsafeMutableRawPointer

  /// Loads the library.
  ///
  /// - Throws: `LossError` of code `unreadable_file`.
  init(_ path: String) throws(LossError) {
    func error(_ found: String) -> LossError {
      LossError(
        .unreadableFile, subject: path, found: found, expected: "a shared library of losses")
    }
    self.path = path
    // Resolved first, since the loader would search its own paths for a bare name.
    guard let resolved = realpath(path, nil) else {
      throw errno == ENOENT
        ? LossError(.unreadableFile, subject: path, found: "does not exist")
        : error("cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { free(resolved) }
    if let defect = Self.defect(of: resolved) { throw error(defect) }
    guard let handle = dlopen(resolved, Self.mode) else {
      let reason = dlerror().map { String(cString: $0) } ?? "no reason given"
      let file = String(cString: resolved) + ": "
      throw error(
        "cannot be loaded: \(reason.hasPrefix(file) ? String(reason.dropFirst(file.count)) : reason)"
      )
    }
    self.handle = handle
  }

  /// `RTLD_NOW`, so that undefined symbols are reported here. `RTLD_DEEPBIND`, so that a library uses
  /// its own copy of the core rather than that of the program, which may be of another build.
  private static var mode: Int32 {
    #if canImport(Glibc)
      RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND
    #else
      RTLD_NOW | RTLD_LOCAL
    #endif
  }

  /// The address of an exported symbol.
  ///
  /// - Throws: `LossError` of code `unreadable_file` if the library does not export it.
  func symbol(_ name: String) throws(LossError) -> UnsafeMutableRawPointer {
    guard let address = dlsym(handle, name) else {
      throw LossError(
        .unreadableFile, subject: path, found: "does not export \(name)",
        expected: "a shared library of losses",
        hint: "Build the plug-in product whose target has the line @c(\(name)).")
    }
    return address
  }

  /// The defect of a file that would crash the loader, which maps the size in the header even if the
  /// file is shorter; nil if there is none.
  private static func defect(of path: UnsafePointer<CChar>) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else { return "cannot be read" }
    guard status.st_mode & S_IFMT == S_IFREG else {
      return status.st_mode & S_IFMT == S_IFDIR ? "is a folder" : "is not a regular file"
    }
    guard let file = fopen(path, "rb") else {
      return "cannot be read: \(String(cString: strerror(errno)))"
    }
    defer { fclose(file) }
    #if os(Linux) || os(Android)
      return ELFHeader.defect(of: file, size: Int(status.st_size))
    #else
      return nil
    #endif
  }
}

#if os(Linux) || os(Android)
  /// The size checks of a 64-bit ELF header.
  private enum ELFHeader {
    static func defect(of file: UnsafeMutablePointer<FILE>, size: Int) -> String? {
      guard size > 0 else { return "is empty" }
      let header = bytes(of: file, at: 0, count: 64)
      guard header.prefix(4) == [0x7f, 0x45, 0x4c, 0x46] else { return "is not a shared library" }
      // Class 2 is 64 bits; the loader rejects another class before it maps anything.
      guard header.count == 64, header[4] == 2 else {
        return header.count == 64 ? nil : "is truncated"
      }
      let table = integer(header, at: 32, bytes: 8)
      let stride = integer(header, at: 54, bytes: 2)
      let count = integer(header, at: 56, bytes: 2)
      guard stride >= 56, table <= size, table + stride * count <= size else {
        return "is truncated"
      }
      for index in 0..<count {
        let segment = bytes(of: file, at: table + index * stride, count: 56)
        guard segment.count == 56 else { return "is truncated" }
        let (end, overflows) = integer(segment, at: 8, bytes: 8)
          .addingReportingOverflow(integer(segment, at: 32, bytes: 8))
        guard !overflows, end <= size else { return "is truncated" }
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

    /// A little-endian integer, clamped to `Int`.
    private static func integer(_ bytes: [UInt8], at offset: Int, bytes count: Int) -> Int {
      let value = bytes[offset..<(offset + count)].reversed().reduce(0 as UInt64) {
        $0 << 8 | UInt64($1)
      }
      return Int(clamping: value)
    }
  }
#endif
