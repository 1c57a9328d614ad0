// swift-tools-version: 6.3
import PackageDescription

let package = Package(
  name: "training",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "swift-losses", path: "../..")],
  targets: [
    .executableTarget(
      name: "train",
      dependencies: [
        .product(name: "LossFunctions", package: "swift-losses"),
        .product(name: "LossDifferentiation", package: "swift-losses"),
        .product(name: "LossPlots", package: "swift-losses"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
