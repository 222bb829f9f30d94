// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that who builds Martlet needs nothing of this. Run it with Benchmarks/run.
let package = Package(
    name: "martlet-micro",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "martlet", path: "../.."),
        // Without its traits, which count allocations by functions put in place of libc's: here they count none.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "MartletMicro",
            dependencies: [
                .product(name: "Benchmark", package: "benchmark"),
                .product(name: "BenchmarkWorkloads", package: "martlet"),
            ],
            path: "Benchmarks/MartletMicro",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
    ]
)
