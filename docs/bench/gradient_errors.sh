#!/usr/bin/env bash
# Compares every gradient with central differences and prints the page
# docs/measured/GradientErrors.md. Takes some minutes.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/Sources/errors"
cat >"$folder/Package.swift" <<END
// swift-tools-version: 6.3
import PackageDescription

let package = Package(
  name: "errors", platforms: [.macOS(.v15)],
  dependencies: [.package(name: "swift-losses", path: "$root")],
  targets: [
    .executableTarget(
      name: "errors",
      dependencies: [
        .product(name: "LossConformance", package: "swift-losses"),
        .product(name: "LossFunctions", package: "swift-losses"),
      ])
  ])
END
cat >"$folder/Sources/errors/main.swift" <<'END'
import Foundation
import LossConformance
import LossFunctions

for one in Laws.cases(of: .linked) where one.law.name == "gradient-is-derivative" {
  let outcome = one.outcome()
  guard let worst = outcome.worst else { continue }
  print("| \(one.entry.metadata.name) | \(outcome.asked) | \(String(format: "%.1e", worst)) |")
}
END
build=(--package-path "$folder" --scratch-path "$root/.build" --disable-build-manifest-caching)
swift build "${build[@]}" >&2
echo "<!-- Measured by docs/bench/gradient_errors.sh on $(date +%F). Do not edit. -->"
cat <<'END'

# Gradients against central differences

Every gradient of every loss on seeded random inputs in `Double`, against Richardson's difference quotient of the value with steps of 0.001 and 0.0005: the law `gradient-is-derivative` ([Laws](../Laws.md)). *Trials* counts the inputs, with default options and with variants. *Worst* is the largest difference away from kinks, relative to the derivative, or to a thousandth of the largest derivative of the trial where that is larger. A figure above 1e-6 is a point near a kink or a jump of the second derivative, where the law accepts a gradient between the derivatives of both sides.

| loss | trials | worst |
|---|---|---|
END
"$(swift build "${build[@]}" --show-bin-path)/errors"
