import FoundationEssentials
import KubernetesModel
import Testing

@Suite struct QuantityTests {
    @Test(
        "A quantity in any notation has its exact thousandths",
        arguments: [
            ("0", 0), ("1", 1000), ("500m", 500), ("1.5", 1500), (".5", 500), ("2.", 2000), ("-3", -3000), ("+3", 3000),
            ("1k", 1_000_000), ("1Ki", 1_024_000), ("1.5Ki", 1_536_000), ("16Gi", 17_179_869_184_000),
            ("1e3", 1_000_000),
            ("1E3", 1_000_000), ("12e-1", 1200), ("2M", 2_000_000_000),
        ])
    func milli(text: String, milli: Int) {
        #expect(Quantity(text)?.milli == milli)
    }

    @Test("Amounts below a thousandth are rounded up")
    func roundsUp() {
        #expect(Quantity("1n")?.milli == 1)
        #expect(Quantity("1500u")?.milli == 2)
        #expect(Quantity("1001m")?.units == 2)
        #expect(Quantity("0.0000000001")?.description == "1n")
    }

    @Test("Exbibytes are exact and clamp where an Int ends")
    func huge() {
        #expect(Quantity("7Ei")?.units == 7 << 60)
        #expect(Quantity("8Ei")?.units == Int.max)
        #expect(Quantity("1E")?.units == 1_000_000_000_000_000_000)
    }

    @Test(
        "What is no quantity, or none that can be, is refused",
        arguments: [
            "", "-", ".", "1Zi", "1 Gi", "Gi", "1ki", "0x10", "1e", "1e99", "999999999999999999999999999E", "١", "1,5",
            "1111111111111111111111111111",
        ])
    func refused(text: String) {
        #expect(Quantity(text) == nil)
    }

    @Test("Equal amounts are equal however they were written")
    func equality() {
        #expect(Quantity("1") == Quantity("1000m"))
        #expect(Quantity("1Gi") == Quantity("1024Mi"))
        #expect(Quantity(2) < Quantity(milli: 2001))
        #expect(Quantity(1) + Quantity(milli: 500) == Quantity("1.5"))
    }

    @Test(
        "What is printed can be read",
        arguments: ["11111111114999991111111110500m", "-999999999999999999999999999.999999999", "1E", "1n"])
    func printed(text: String) {
        let quantity = Quantity(text)
        #expect(quantity != nil)
        #expect(quantity.flatMap { Quantity($0.description) } == quantity)
    }

    @Test("A quantity survives JSON, and a bare number is taken too")
    func json() throws {
        let decoded = try JSONDecoder().decode([Quantity].self, from: Data(#"["250m", 3, "1Ki"]"#.utf8))
        #expect(decoded == [Quantity(milli: 250), Quantity(3), Quantity(1024)])
        let encoded = try JSONEncoder().encode(decoded)
        #expect(String(decoding: encoded, as: UTF8.self) == #"["250m","3","1024"]"#)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Quantity].self, from: Data(#"["a"]"#.utf8)) }
    }
}
