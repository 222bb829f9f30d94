/// A container definition that endpoints may be created from. What it holds of `env` is not read.
package struct RunPodTemplate: Sendable, Hashable, Decodable {
    package var id: TemplateID
    package var name: String?
    package var image: String?
    /// In GB.
    package var disk: Int?
    /// Only such templates suit endpoints.
    package var isServerless: Bool?
    package var isPublic: Bool?
    /// `NVIDIA`, `AMD`, `CPU`, or what came later.
    package var category: String?

    private enum Fields: String, CodingKey { case id, name, image, disk, serverless, `public`, category }

    /// Throws only where the id is missing.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        id = try fields.decode(TemplateID.self, forKey: .id)
        name = fields.lenient(.name)
        image = fields.lenient(.image)
        disk = fields.integer(.disk)
        isServerless = fields.lenient(.serverless)
        isPublic = fields.lenient(.public)
        category = fields.lenient(.category)
    }
}

/// A GPU type of the catalogue. Its `pool` is the authority on which pool holds it.
package struct GPUType: Sendable, Hashable, Decodable {
    /// As `excludedTypes` takes it, such as `NVIDIA GeForce RTX 4090`.
    package var id: String
    package var name: String?
    /// Nil if serverless workers can't have it.
    package var pool: GPUPool?
    package var manufacturer: String?
    /// In GB.
    package var memory: Int?
    /// Of one GPU on a serverless worker, in USD an hour; nil: not offered, or not told.
    package var serverlessPrice: Double?
    package var availability: Availability?
    /// Where it is to be had.
    package var dataCenters: [DataCenterAvailability]

    private enum Fields: String, CodingKey {
        case id, name, pool, manufacturer, memory, price, availability, dataCenters
    }
    private enum PriceFields: String, CodingKey { case serverless }

    /// Throws only where the id is missing.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        id = try fields.decode(String.self, forKey: .id)
        name = fields.lenient(.name)
        pool = fields.lenient(.pool)
        manufacturer = fields.lenient(.manufacturer)
        memory = fields.integer(.memory)
        serverlessPrice = (try? fields.nestedContainer(keyedBy: PriceFields.self, forKey: .price))?.number(.serverless)
        availability = fields.lenient(.availability)
        dataCenters = fields.elements(DataCenterAvailability.self, .dataCenters) ?? []
    }
}

/// How much of a GPU type is free, in the vendor's words.
package enum Availability: OpenEnum {
    case soldOut
    case low
    case medium
    case high
    case unknown(String)

    package static let known: [Availability] = [.soldOut, .low, .medium, .high]
    /// As on the wire.
    package var rawValue: String {
        switch self {
        case .soldOut: "NONE"
        case .low: "LOW"
        case .medium: "MEDIUM"
        case .high: "HIGH"
        case .unknown(let word): word
        }
    }
}

/// How much of a GPU type is free at one place.
package struct DataCenterAvailability: Sendable, Hashable, Decodable {
    package var id: String
    package var name: String?
    package var availability: Availability?
}
