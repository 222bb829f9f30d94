import Glibc

/// How long the API server stays away: MARTLET_TEST_OUTAGE_SECONDS, or as long as everyday runs can bear.
enum Outage {
    static var seconds: Int { getenv("MARTLET_TEST_OUTAGE_SECONDS").flatMap { Int(String(cString: $0)) } ?? 8 }
}
