/// The version of this package, which the tools print.
package let libraryVersion = "0.1.0"
