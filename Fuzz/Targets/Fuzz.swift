import CFuzzer
import FoundationEssentials
import Glibc
import Synchronization

/// `martlet-fuzz TARGET [arguments of libFuzzer]`, `martlet-fuzz seeds TARGET FOLDER`, `martlet-fuzz list`.
///
/// Every parser of foreign bytes is a target: it must neither crash nor hang nor break its promises, whatever comes.
@main
struct Fuzz {
    static let targets: [FuzzTarget] = [
        .resp, .topology, .unacked, .stream, .heartbeat, .watch, .kubeconfig, .yaml, .json, .quantity, .time, .proxy,
        .responseHead, .runpod, .cron, .tzif,
    ]

    /// What the callback runs; libFuzzer's takes no context.
    private static let chosen = Mutex<FuzzTarget?>(nil)

    static func main() throws {
        let words = CommandLine.arguments.dropFirst()
        switch words.first {
        case "list":
            for target in targets { print(target.name) }
        case "seeds" where words.count == 3:
            try target(words.dropFirst().first).writeSeeds(to: words.last ?? "")
        default:
            let target = target(words.first)
            chosen.withLock { $0 = target }
            drive([CommandLine.arguments[0]] + words.dropFirst())
        }
    }

    private static func target(_ name: String?) -> FuzzTarget {
        guard let target = targets.first(where: { $0.name == name }) else {
            fatalError(
                "usage: martlet-fuzz list | seeds TARGET FOLDER | TARGET [arguments]; \(name ?? "none") is no target")
        }
        return target
    }

    private static func drive(_ arguments: [String]) {
        var count = Int32(arguments.count)
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { word in strdup(word) } + [nil]
        words.withUnsafeMutableBufferPointer { words in
            var start = words.baseAddress
            _ = LLVMFuzzerRunDriver(&count, &start) { bytes, count in
                let target = Fuzz.chosen.withLock { $0 }
                target?.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
                return 0
            }
        }
    }
}

/// A parser under test with the inputs to begin from.
struct FuzzTarget: Sendable {
    let name: String
    /// Inputs that reach far by themselves, made up for this.
    let seeds: [[UInt8]]
    /// Crashes where a promise is broken.
    let run: @Sendable ([UInt8]) -> Void

    init(_ name: String, seeds: [String], run: @escaping @Sendable ([UInt8]) -> Void) {
        self.name = name
        self.seeds = seeds.map { Array($0.utf8) }
        self.run = run
    }

    func writeSeeds(to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (index, seed) in seeds.enumerated() {
            try Data(seed).write(to: URL(filePath: "\(folder)/seed-\(index)"))
        }
    }
}

/// Ends the run as a crash does: `what` is the promise that was broken.
func promise(_ isKept: Bool, _ what: @autoclosure () -> String) {
    if !isKept { fatalError("broken promise: \(what())") }
}

/// Cuts `bytes` into pieces of 1 to 8 bytes, as `seed` decides.
func pieces(_ bytes: ArraySlice<UInt8>, seed: UInt8) -> [ArraySlice<UInt8>] {
    var (rest, state, pieces) = (bytes, UInt64(seed) &+ 1, [ArraySlice<UInt8>]())
    while !rest.isEmpty {
        // Knuth's MMIX constants; the high bits are the random ones.
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let piece = rest.prefix(Int(state >> 61) + 1)
        pieces.append(piece)
        rest = rest.dropFirst(piece.count)
    }
    return pieces
}
