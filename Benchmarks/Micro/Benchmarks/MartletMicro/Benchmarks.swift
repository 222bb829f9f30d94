import Benchmark
import BenchmarkWorkloads

let benchmarks: @Sendable () -> Void = {
    do {
        for workload in try Workload.all() {
            Benchmark(
                workload.name,
                configuration: Benchmark.Configuration(
                    metrics: [.wallClock, .throughput, .instructions], warmupIterations: 3,
                    maxDuration: .seconds(1), maxIterations: 100_000)
            ) { benchmark in
                do {
                    for _ in benchmark.scaledIterations { try await workload.run() }
                } catch {
                    benchmark.error("\(error)")
                }
            }
        }
    } catch {
        fatalError("the input of a workload can't be made: \(error)")
    }
}
