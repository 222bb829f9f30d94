package import FoundationEssentials

/// What serverless endpoints cost, bucket by bucket.
package struct ServerlessBilling: Sendable, Hashable, Decodable {
    package var records: [BillingRecord]
    /// The sum over all records, if RunPod gave one.
    package var totals: BillingAmounts?

    private enum Fields: String, CodingKey { case records, metadata }
    private enum MetadataFields: String, CodingKey { case totals }

    /// Throws where there is no list.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        records = try fields.decode([BillingRecord].self, forKey: .records)
        totals = (try? fields.nestedContainer(keyedBy: MetadataFields.self, forKey: .metadata))?.lenient(.totals)
    }
}

/// What one endpoint cost in one bucket of time.
package struct BillingRecord: Sendable, Hashable, Decodable {
    package var endpoint: EndpointID?
    package var start: Date?
    /// Not included.
    package var end: Date?
    package var amounts: BillingAmounts

    private enum Fields: String, CodingKey { case serverlessId, startTime, endTime }

    /// Throws where there is no total: none is not zero.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        endpoint = fields.lenient(String.self, .serverlessId).flatMap { EndpointID($0) }
        start = fields.date(.startTime)
        end = fields.date(.endTime)
        amounts = try BillingAmounts(from: decoder)
    }
}

/// Amounts in USD.
package struct BillingAmounts: Sendable, Hashable, Decodable {
    package var total: Double
    package var gpu: Double?
    package var cpu: Double?
    package var disk: Double?
    package var fee: Double?

    private enum Fields: String, CodingKey { case totalAmount, gpuAmount, cpuAmount, diskAmount, feeAmount }

    /// Throws where there is no total.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        guard let total = fields.number(.totalAmount) else {
            throw DecodingError.dataCorruptedError(forKey: .totalAmount, in: fields, debugDescription: "not a number")
        }
        self.total = total
        gpu = fields.number(.gpuAmount)
        cpu = fields.number(.cpuAmount)
        disk = fields.number(.diskAmount)
        fee = fields.number(.feeAmount)
    }
}

/// How long one billing record is.
package enum BillingBucket: String, Sendable, CaseIterable {
    case hour, day, week, month, year
}
