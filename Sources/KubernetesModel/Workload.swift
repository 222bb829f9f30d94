/// A Deployment, as far as a scaler reads it.
public struct Deployment: KubernetesObject, Equatable {
    /// Where the API has the kind.
    public static let resourceType = ResourceType(
        group: "apps", version: "v1", plural: "deployments", kind: "Deployment")
    /// Name, labels, owners.
    public var metadata: ObjectMeta
    /// What is wanted.
    public var spec: WorkloadSpec?
    /// What is seen.
    public var status: WorkloadStatus?

    /// One to compare with or to send, made by hand.
    public init(metadata: ObjectMeta, spec: WorkloadSpec? = nil, status: WorkloadStatus? = nil) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }
}

/// A StatefulSet, as far as a scaler reads it.
public struct StatefulSet: KubernetesObject, Equatable {
    /// Where the API has the kind.
    public static let resourceType = ResourceType(
        group: "apps", version: "v1", plural: "statefulsets", kind: "StatefulSet")
    /// Name, labels, owners.
    public var metadata: ObjectMeta
    /// What is wanted.
    public var spec: WorkloadSpec?
    /// What is seen.
    public var status: WorkloadStatus?

    /// One to compare with or to send, made by hand.
    public init(metadata: ObjectMeta, spec: WorkloadSpec? = nil, status: WorkloadStatus? = nil) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }
}

/// A ReplicaSet, as far as it links Pods to their Deployment.
public struct ReplicaSet: KubernetesObject, Equatable {
    /// Where the API has the kind.
    public static let resourceType = ResourceType(
        group: "apps", version: "v1", plural: "replicasets", kind: "ReplicaSet")
    /// Name, labels, owners.
    public var metadata: ObjectMeta
    /// What is wanted.
    public var spec: WorkloadSpec?
    /// What is seen.
    public var status: WorkloadStatus?

    /// One to compare with or to send, made by hand.
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
    /// Which Pods belong to it.
    public var selector: LabelSelector?
    /// What each Pod is made from.
    public var template: PodTemplate?
    /// Of a StatefulSet only.
    public var ordinals: Ordinals?

    /// One made by hand; what is not given is left out.
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
        /// The ordinal of the first Pod.
        public var start: Int?
        /// One made by hand.
        public init(start: Int? = nil) { self.start = start }
    }
}

/// The part of `status` that the workload kinds share. The server omits counts that are zero.
public struct WorkloadStatus: Codable, Sendable, Equatable {
    /// Pods that exist.
    public var replicas: Int?
    /// Pods that are ready.
    public var readyReplicas: Int?
    /// Pods that have been ready for long enough.
    public var availableReplicas: Int?
    /// Pods of the current template.
    public var updatedReplicas: Int?
    /// The `metadata.generation` that the writer had seen.
    public var observedGeneration: Int64?

    /// One made by hand; what is not given is left out.
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
    /// What Pods inherit of metadata.
    public var metadata: TemplateMeta?
    /// What Pods inherit of spec.
    public var spec: TemplateSpec?

    /// One to compare with or to send, made by hand.
    public init(metadata: TemplateMeta? = nil, spec: TemplateSpec? = nil) {
        self.metadata = metadata
        self.spec = spec
    }

    /// The metadata that Pods inherit.
    public struct TemplateMeta: Codable, Sendable, Equatable {
        /// What selectors ask for.
        public var labels: [String: String]?
        /// One made by hand; what is not given is left out.
        public init(labels: [String: String]? = nil) { self.labels = labels }
    }

    /// The spec that Pods inherit.
    public struct TemplateSpec: Codable, Sendable, Equatable {
        /// Those that run side by side; init containers are not read.
        public var containers: [ContainerResources]?
        /// Seconds from SIGTERM to SIGKILL; nil means 30, by the API's default.
        public var terminationGracePeriodSeconds: Int?

        /// One made by hand; what is not given is left out.
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
    /// Unique in the Pod.
    public var name: String
    /// Nil if it asks for nothing.
    public var resources: ResourceRequirements?

    /// One made by hand; what is not given is left out.
    public init(name: String, resources: ResourceRequirements? = nil) {
        self.name = name
        self.resources = resources
    }

    /// Limits and requests by resource name.
    public struct ResourceRequirements: Codable, Sendable, Equatable {
        /// The most it may take.
        public var limits: [String: Quantity]?
        /// What is set aside for it.
        public var requests: [String: Quantity]?

        /// One made by hand; what is not given is left out.
        public init(limits: [String: Quantity]? = nil, requests: [String: Quantity]? = nil) {
            self.limits = limits
            self.requests = requests
        }
    }
}
