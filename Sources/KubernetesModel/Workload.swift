/// A Deployment, as far as a scaler reads it.
public struct Deployment: KubernetesObject, Equatable {
    public static let resourceType = ResourceType(
        group: "apps", version: "v1", plural: "deployments", kind: "Deployment")
    public var metadata: ObjectMeta
    public var spec: WorkloadSpec?
    public var status: WorkloadStatus?

    public init(metadata: ObjectMeta, spec: WorkloadSpec? = nil, status: WorkloadStatus? = nil) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }
}

/// A StatefulSet, as far as a scaler reads it.
public struct StatefulSet: KubernetesObject, Equatable {
    public static let resourceType = ResourceType(
        group: "apps", version: "v1", plural: "statefulsets", kind: "StatefulSet")
    public var metadata: ObjectMeta
    public var spec: WorkloadSpec?
    public var status: WorkloadStatus?

    public init(metadata: ObjectMeta, spec: WorkloadSpec? = nil, status: WorkloadStatus? = nil) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }
}

/// A ReplicaSet, as far as it links Pods to their Deployment.
public struct ReplicaSet: KubernetesObject, Equatable {
    public static let resourceType = ResourceType(
        group: "apps", version: "v1", plural: "replicasets", kind: "ReplicaSet")
    public var metadata: ObjectMeta
    public var spec: WorkloadSpec?
    public var status: WorkloadStatus?

    public init(metadata: ObjectMeta, spec: WorkloadSpec? = nil, status: WorkloadStatus? = nil) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }
}

/// The part of `spec` that the workload kinds share.
public struct WorkloadSpec: Codable, Sendable, Equatable {
    /// Nil means one, by the API's default.
    public var replicas: Int?
    public var selector: LabelSelector?
    public var template: PodTemplate?
    /// Of a StatefulSet only.
    public var ordinals: Ordinals?

    public init(
        replicas: Int? = nil, selector: LabelSelector? = nil, template: PodTemplate? = nil, ordinals: Ordinals? = nil
    ) {
        self.replicas = replicas
        self.selector = selector
        self.template = template
        self.ordinals = ordinals
    }

    /// Where a StatefulSet begins to count (Kubernetes 1.26); nil means at zero.
    public struct Ordinals: Codable, Sendable, Equatable {
        public var start: Int?
        public init(start: Int? = nil) { self.start = start }
    }
}

/// The part of `status` that the workload kinds share. The server omits counts that are zero.
public struct WorkloadStatus: Codable, Sendable, Equatable {
    public var replicas: Int?
    public var readyReplicas: Int?
    public var availableReplicas: Int?
    public var updatedReplicas: Int?
    public var observedGeneration: Int64?

    public init(
        replicas: Int? = nil, readyReplicas: Int? = nil, availableReplicas: Int? = nil, updatedReplicas: Int? = nil,
        observedGeneration: Int64? = nil
    ) {
        self.replicas = replicas
        self.readyReplicas = readyReplicas
        self.availableReplicas = availableReplicas
        self.updatedReplicas = updatedReplicas
        self.observedGeneration = observedGeneration
    }
}

/// The template of a workload's Pods: labels, what a Pod asks for and how long it may take to stop.
public struct PodTemplate: Codable, Sendable, Equatable {
    public var metadata: TemplateMeta?
    public var spec: TemplateSpec?

    public init(metadata: TemplateMeta? = nil, spec: TemplateSpec? = nil) {
        self.metadata = metadata
        self.spec = spec
    }

    /// The metadata that Pods inherit.
    public struct TemplateMeta: Codable, Sendable, Equatable {
        public var labels: [String: String]?
        public init(labels: [String: String]? = nil) { self.labels = labels }
    }

    /// The spec that Pods inherit.
    public struct TemplateSpec: Codable, Sendable, Equatable {
        public var containers: [ContainerResources]?
        /// Seconds from SIGTERM to SIGKILL; nil means 30, by the API's default.
        public var terminationGracePeriodSeconds: Int?

        public init(containers: [ContainerResources]? = nil, terminationGracePeriodSeconds: Int? = nil) {
            self.containers = containers
            self.terminationGracePeriodSeconds = terminationGracePeriodSeconds
        }
    }

    /// What one Pod of the template takes of `resource` (`nvidia.com/gpu`) over its containers; a limit counts as request.
    public func amount(of resource: String) -> Quantity {
        (spec?.containers ?? []).reduce(Quantity(0)) { sum, container in
            sum + (container.resources?.limits?[resource] ?? container.resources?.requests?[resource] ?? Quantity(0))
        }
    }

    /// `terminationGracePeriodSeconds` with the API's default.
    public var gracePeriod: Duration { .seconds(spec?.terminationGracePeriodSeconds ?? 30) }
}

/// A container's name and the resources that it asks for.
public struct ContainerResources: Codable, Sendable, Equatable {
    public var name: String
    public var resources: ResourceRequirements?

    public init(name: String, resources: ResourceRequirements? = nil) {
        self.name = name
        self.resources = resources
    }

    /// Limits and requests by resource name.
    public struct ResourceRequirements: Codable, Sendable, Equatable {
        public var limits: [String: Quantity]?
        public var requests: [String: Quantity]?

        public init(limits: [String: Quantity]? = nil, requests: [String: Quantity]? = nil) {
            self.limits = limits
            self.requests = requests
        }
    }
}
