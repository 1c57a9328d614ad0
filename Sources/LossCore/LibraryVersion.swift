/// The version of this package, as the tools print it.
package let libraryVersion = "0.1.0"
