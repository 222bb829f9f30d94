/// A name that RunPod gave to something.
package protocol RunPodIdentifier: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible, Comparable {
    /// As it stands in paths and bodies.
    var text: String { get }
    init(_ text: String)
}

extension RunPodIdentifier {
    package init(stringLiteral value: String) { self.init(value) }
    package var description: String { text }
    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

extension RunPodWorld {
    /// Names a serverless endpoint.
    package struct EndpointID: RunPodIdentifier {
        package let text: String
        package init(_ text: String) { self.text = text }
    }

    /// Names a worker of an endpoint.
    package struct WorkerID: RunPodIdentifier {
        package let text: String
        package init(_ text: String) { self.text = text }
    }

    /// Names a job of an endpoint.
    package struct JobID: RunPodIdentifier {
        package let text: String
        package init(_ text: String) { self.text = text }
    }

    /// Names a template.
    package struct TemplateID: RunPodIdentifier {
        package let text: String
        package init(_ text: String) { self.text = text }
    }

    /// Names an account: who pays. Only the simulator knows it; RunPod tells accounts apart by their keys.
    package struct AccountID: RunPodIdentifier {
        package let text: String
        package init(_ text: String) { self.text = text }
    }
}
