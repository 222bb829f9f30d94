extension PrometheusRegistry {
    /// The operator's metrics, each with its help text.
    package static var martlet: PrometheusRegistry { PrometheusRegistry(MetricDescription.all) }
}

extension MetricDescription {
    /// Every metric that the operator exposes.
    package static let all = [
        MetricDescription("martlet_queue_tasks", help: "Tasks of an endpoint's queue, waiting or in flight."),
        MetricDescription(
            "martlet_workers_replicas", help: "Replicas of an endpoint's target: desired, current, and busy ones."),
        MetricDescription("martlet_scale_decisions_total", help: "Scale writes that the API server accepted."),
        MetricDescription("martlet_scale_failures_total", help: "Scale writes that failed; each is tried again."),
        MetricDescription(
            "martlet_queue_to_scale_seconds",
            help: "From the server's push of a queue change to the accepted scale write that answers it."),
        MetricDescription(
            "martlet_schedule_lag_seconds",
            help: "From the instant at which a schedule opens or closes to the accepted API call that carries it out.",
            buckets: MetricDescription.secondsBuckets + [600, 3600]),
        MetricDescription(
            "martlet_runpod_requests_total",
            help: "Calls to RunPod by operation and HTTP status; none: no answer came."),
        MetricDescription(
            "martlet_runpod_endpoints", help: "Objects with a RunPod endpoint by the reason of RunPodReady."),
        MetricDescription(
            "martlet_runpod_orphans", help: "RunPod endpoints that bear this cluster's marker and belong to no object."),
        MetricDescription(
            "martlet_runpod_abandoned",
            help: "RunPod endpoints in the ledger martlet-abandoned-endpoints: no key reached them."),
        MetricDescription("martlet_leader", help: "1 for the operator that acts, 0 for one that stands by."),
        MetricDescription("martlet_reconcile_total", help: "Reconciles by controller and result."),
        MetricDescription("martlet_reconcile_seconds", help: "Duration of a reconcile."),
        MetricDescription("martlet_workqueue_depth", help: "Keys that wait for a worker."),
        MetricDescription("martlet_workqueue_retries_total", help: "Reconciles that failed and were queued again."),
    ]
}
