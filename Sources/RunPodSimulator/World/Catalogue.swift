extension RunPodWorld {
    /// A card that RunPod rents.
    package struct GPUType: Hashable, Sendable {
        /// `NVIDIA GeForce RTX 4090`
        package let id: String
        /// The serverless pool that it belongs to; nil for cards of pods only.
        package let pool: String?
        /// GB.
        package let memory: Int
        package let manufacturer: String

        /// Without the maker's name, as the catalogue shows it.
        var name: String {
            var words = id.split(separator: " ")
            words.removeAll { ["NVIDIA", "AMD", "GeForce"].contains($0) }
            return words.joined(separator: " ")
        }
    }

    /// Which cards, pools and data centers there are. A seed for simulations: the real table changes.
    package struct Catalogue: Sendable {
        package var gpus: [GPUType]
        /// US dollars a second for one GPU, by pool.
        package var prices: [String: Double]
        package var dataCenters: [String]
        /// GB of memory for each vCPU, by flavor.
        package var cpuFlavors: [String: Int]

        package var pools: Set<String> { Set(gpus.compactMap(\.pool)) }

        func types(of pool: String, without excluded: [String]) -> [GPUType] {
            gpus.filter { $0.pool == pool && !excluded.contains($0.id) }
        }

        /// What the vendor's pages said in 2026.
        package static let seed: Catalogue = {
            let members: [(pool: String, price: Double, types: [(String, Int)])] = [
                (
                    "AMPERE_16", 0.00016,
                    [
                        ("NVIDIA RTX A4000", 16), ("NVIDIA RTX A4500", 20), ("NVIDIA RTX 4000 Ada Generation", 20),
                        ("NVIDIA RTX 2000 Ada Generation", 16),
                    ]
                ),
                (
                    "AMPERE_24", 0.00019,
                    [("NVIDIA L4", 24), ("NVIDIA RTX A5000", 24), ("NVIDIA GeForce RTX 3090", 24)]
                ),
                ("ADA_24", 0.00031, [("NVIDIA GeForce RTX 4090", 24)]),
                // The vendor's table has no price for this pool; a value between its neighbours.
                ("ADA_32_PRO", 0.00044, [("NVIDIA GeForce RTX 5090", 32)]),
                ("AMPERE_48", 0.00034, [("NVIDIA A40", 48), ("NVIDIA RTX A6000", 48)]),
                (
                    "ADA_48_PRO", 0.00053,
                    [("NVIDIA L40", 48), ("NVIDIA L40S", 48), ("NVIDIA RTX 6000 Ada Generation", 48)]
                ),
                ("AMPERE_80", 0.00076, [("NVIDIA A100 80GB PCIe", 80), ("NVIDIA A100-SXM4-80GB", 80)]),
                (
                    "ADA_80_PRO", 0.00116,
                    [("NVIDIA H100 PCIe", 80), ("NVIDIA H100 80GB HBM3", 80), ("NVIDIA H100 NVL", 94)]
                ),
                (
                    "BLACKWELL_96", 0.00111,
                    [
                        ("NVIDIA RTX PRO 6000 Blackwell Server Edition", 96),
                        ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", 96),
                        ("NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition", 96),
                    ]
                ),
                ("HOPPER_141", 0.00155, [("NVIDIA H200", 141)]),
                ("BLACKWELL_180", 0.00240, [("NVIDIA B200", 180)]),
            ]
            let pooled = members.flatMap { member in
                member.types.map { GPUType(id: $0.0, pool: member.pool, memory: $0.1, manufacturer: "NVIDIA") }
            }
            let podsOnly = [
                GPUType(id: "NVIDIA GeForce RTX 3070", pool: nil, memory: 8, manufacturer: "NVIDIA"),
                GPUType(id: "AMD Instinct MI300X OAM", pool: nil, memory: 192, manufacturer: "AMD"),
            ]
            return Catalogue(
                gpus: pooled + podsOnly,
                prices: Dictionary(uniqueKeysWithValues: members.map { ($0.pool, $0.price) }),
                dataCenters: [
                    "EU-RO-1", "CA-MTL-1", "EU-SE-1", "US-IL-1", "EUR-IS-1", "EU-CZ-1", "US-TX-3", "US-KS-2", "US-GA-2",
                    "EU-NL-1", "US-CA-2", "AP-JP-1", "OC-AU-1",
                ],
                cpuFlavors: ["cpu3c": 2, "cpu3g": 4, "cpu5c": 2, "cpu5g": 4])
        }()

        /// GPUs of one worker at most.
        static let gpusPerHost = 8
        /// US dollars a second for one vCPU.
        static let vcpuPrice = 0.0000125
    }
}
