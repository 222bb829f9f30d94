// swift-tools-version: 6.2
import PackageDescription

// The border rules of docs/architecture.md are this file: a target may import what its list names and nothing else.
// Tests/LayoutTests holds the sources to it.
//
// `scripts/fuzz` names the compiler's libFuzzer here: then everything of ours is built to be watched by it, and the target
// Fuzz exists (docs/fuzzing.md).
let fuzzer = Context.environment["MARTLET_FUZZ"]
let instrumentation: [SwiftSetting] =
    fuzzer == nil ? [] : [.unsafeFlags(["-sanitize=fuzzer,address", "-O"])]

let strict: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
    ] + instrumentation

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let coreMetrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]

let package = Package(
    name: "martlet",
    products: [
        .library(name: "Kubernetes", targets: ["Kubernetes", "KubernetesModel"]),
        .library(name: "ControllerRuntime", targets: ["ControllerRuntime"]),
        // For Benchmarks/Micro only: what it measures is mostly visible within this package alone.
        .library(name: "BenchmarkWorkloads", targets: ["BenchmarkWorkloads"]),
        .executable(name: "martlet", targets: ["martlet"]),
        .executable(name: "martlet-lab", targets: ["MartletLab"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CMalloc"),

        .target(name: "HTTPTransport", dependencies: ["CCurl"], swiftSettings: strict),
        .target(name: "YAML", dependencies: ["CYAML"], swiftSettings: strict),
        .target(name: "KubernetesModel", swiftSettings: strict),
        .target(
            name: "Kubernetes", dependencies: ["HTTPTransport", "YAML", "KubernetesModel", logging],
            swiftSettings: strict),
        .target(
            name: "ControllerRuntime",
            dependencies: [
                "Kubernetes", "KubernetesModel", logging, metrics,
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: strict),
        .target(
            name: "Redis",
            dependencies: nio + [logging, .product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: strict),
        .target(name: "RunPod", dependencies: ["HTTPTransport", "KubernetesModel"], swiftSettings: strict),
        .target(name: "MartletAPI", dependencies: ["KubernetesModel"], swiftSettings: strict),
        .target(name: "MartletDecisions", dependencies: ["MartletAPI", "KubernetesModel"], swiftSettings: strict),
        .target(
            name: "MartletOperator",
            dependencies: [
                "ControllerRuntime", "HTTPTransport", "Kubernetes", "KubernetesModel", "MartletAPI", "MartletDecisions",
                "Redis", "RunPod", logging, metrics, coreMetrics,
            ],
            swiftSettings: strict),
        .target(name: "RunPodSimulator", dependencies: ["HTTPTransport"], swiftSettings: strict),
        .executableTarget(
            name: "martlet",
            dependencies: [
                "CMalloc", "MartletOperator", "MartletAPI", "MartletDecisions", "ControllerRuntime", "Kubernetes",
                "HTTPTransport", "KubernetesModel", "RunPod", "YAML", logging, metrics,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "MartletLab",
            dependencies: [
                "ControllerRuntime", "HTTPTransport", "Kubernetes", "KubernetesModel", "MartletAPI", "Redis",
                "RunPodSimulator", "YAML", logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),

        .target(
            name: "BenchmarkWorkloads",
            dependencies: [
                "ControllerRuntime", "HTTPTransport", "Kubernetes", "KubernetesModel", "MartletAPI", "MartletDecisions",
                "Redis", "YAML", logging, .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Benchmarks/Workloads", swiftSettings: strict),

        .target(
            name: "RedisTestSupport", dependencies: ["Redis"], path: "Tests/RedisTestSupport", swiftSettings: strict),
        .testTarget(name: "LayoutTests", swiftSettings: strict),
        .testTarget(name: "HTTPTransportTests", dependencies: ["HTTPTransport"], swiftSettings: strict),
        .testTarget(name: "YAMLTests", dependencies: ["YAML"], swiftSettings: strict),
        .testTarget(
            name: "KubernetesTests", dependencies: ["Kubernetes", "KubernetesModel", "HTTPTransport", logging],
            swiftSettings: strict),
        .testTarget(
            name: "ControllerRuntimeTests",
            dependencies: [
                "ControllerRuntime", "Kubernetes", "KubernetesModel", "HTTPTransport", logging, metrics,
                .product(name: "MetricsTestKit", package: "swift-metrics"),
            ],
            swiftSettings: strict),
        .testTarget(name: "RedisTests", dependencies: ["Redis", "RedisTestSupport"] + nio, swiftSettings: strict),
        .testTarget(
            name: "RunPodTests", dependencies: ["RunPod", "HTTPTransport", "KubernetesModel"], swiftSettings: strict),
        .testTarget(
            name: "MartletAPITests", dependencies: ["MartletAPI", "KubernetesModel", "YAML"], swiftSettings: strict),
        .testTarget(
            name: "MartletDecisionsTests", dependencies: ["MartletDecisions", "MartletAPI", "KubernetesModel"],
            swiftSettings: strict),
        .testTarget(
            name: "MartletOperatorTests",
            dependencies: [
                "MartletOperator", "MartletDecisions", "MartletAPI", "ControllerRuntime", "Kubernetes",
                "KubernetesModel", "HTTPTransport", "Redis", "RedisTestSupport", "RunPod", "RunPodSimulator", logging,
                coreMetrics,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "RunPodSimulatorTests", dependencies: ["RunPodSimulator", "HTTPTransport"], swiftSettings: strict),
        .testTarget(
            name: "MartletLabTests",
            dependencies: [
                "MartletLab", "ControllerRuntime", "HTTPTransport", "KubernetesModel", "RunPodSimulator", logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "MartletTests",
            dependencies: [
                "martlet", "MartletLab", "HTTPTransport", "KubernetesModel", "MartletAPI", "MartletDecisions",
                "RunPod", "RunPodSimulator",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ControlPlaneTests",
            dependencies: [
                "martlet", "MartletLab", "HTTPTransport", "Kubernetes", "KubernetesModel", "MartletAPI",
                "RedisTestSupport", "RunPod", "YAML", logging,
            ],
            exclude: ["World/prepare-cluster"], swiftSettings: strict),
    ]
)

if let fuzzer {
    package.products.append(.executable(name: "martlet-fuzz", targets: ["Fuzz"]))
    package.targets += [
        .systemLibrary(name: "CFuzzer", path: "Fuzz/CFuzzer"),
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "CFuzzer", "HTTPTransport", "YAML", "KubernetesModel", "Kubernetes", "Redis", "RunPod", "MartletAPI",
                "MartletDecisions", "MartletOperator", .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Fuzz/Targets", swiftSettings: strict,
            linkerSettings: [
                .unsafeFlags(["-sanitize=address", fuzzer]),
                .linkedLibrary("stdc++"),
            ]),
    ]
}
