import FoundationEssentials
import KubernetesModel
import MartletAPI

/// Reads an object with this `spec`, as the API server would send it.
func endpoint(spec: String, status: String? = nil) throws -> InferenceEndpoint {
    let json = """
        {"apiVersion": "martlet.dev/v1alpha1", "kind": "InferenceEndpoint",
         "metadata": {"name": "image-gen", "namespace": "dev", "generation": 3, "managedFields": []},
         "spec": \(spec)\(status.map { ", \"status\": \($0)" } ?? "")}
        """
    return try JSONDecoder().decode(InferenceEndpoint.self, from: Data(json.utf8))
}

/// A spec in which every required field stands and nothing else.
let minimal = """
    {"queue": {"redis": {"addresses": ["redis.dev.svc:6379"]}, "celery": {}}, "workers": {"targetRef": {"name": "worker"}}}
    """

/// The specification's own example, with the parts that contradict each other left to tests.
let complete = """
    {"suspend": false,
     "queue": {
       "redis": {"mode": "Standalone", "addresses": ["redis-primary.dev.svc:6379"], "database": 0, "pollSeconds": 2,
         "credentialsSecretRef": {"name": "redis", "usernameKey": "username", "passwordKey": "password"},
         "tls": {"serverName": "redis.example", "caSecretRef": {"name": "redis-ca", "key": "ca.crt"},
                 "certificateSecretRef": {"name": "redis-client"}}},
       "celery": {"queues": ["celery"], "priorities": [0, 3, 6, 9], "keyPrefix": "", "unackedKey": "unacked"},
       "tasksPerReplica": 5, "activationTasks": 0},
     "workers": {
       "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "invokeai-worker"},
       "minReplicas": 0, "maxReplicas": 20, "scaleUp": {"maxStep": 0},
       "scaleDown": {"cooldownSeconds": 300, "stabilizationSeconds": 60, "maxStep": 0, "maxBusySeconds": 3600},
       "onReadingLost": {"afterSeconds": 60, "behavior": "Hold", "replicas": 1}, "closing": {"drainSeconds": 600},
       "onDelete": "ScaleToMin",
       "interruption": {"drain": true, "surge": true, "requeue": true, "rebalance": "Surge"},
       "gpuLimit": 20, "pricePerReplicaHourUSD": "0.53"}}
    """

extension InferenceEndpoint {
    /// The reasons for which the spec is refused; empty if it is accepted.
    var reasons: [SpecProblemReason] {
        switch resolution {
        case .accepted: []
        case .refused(let problems): problems.map(\.reason)
        }
    }

    var problems: [SpecProblem] {
        switch resolution {
        case .accepted: []
        case .refused(let problems): problems
        }
    }

    /// The checked spec.
    func accepted() throws -> ResolvedScaling {
        switch resolution {
        case .accepted(let endpoint):
            guard let scaling = endpoint.scaling else { throw Refused(problems: []) }
            return scaling
        case .refused(let problems): throw Refused(problems: problems)
        }
    }

    struct Refused: Error { var problems: [SpecProblem] }
}
