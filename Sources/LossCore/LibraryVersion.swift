/// The version of this package, as the tools print it.
package let libraryVersion = "0.2.0"
