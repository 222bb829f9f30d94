// swift-format-ignore-file
// Written by scripts/embed-crds from crds/. Change it there.

/// The CustomResourceDefinitions of this version, as YAML.
enum CustomResourceDefinitions {
    static let yaml = #"""
# Copyright Martlet contributors. SPDX-License-Identifier: Apache-2.0
#
# Servers before 1.25 know no x-kubernetes-validations and drop them (kubectl apply --validate=false); the operator makes the
# same checks and answers with the condition Accepted=False. Cron expressions are read by the operator alone.
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: gpuschedules.martlet.dev
spec:
  group: martlet.dev
  scope: Namespaced
  names:
    kind: GPUSchedule
    listKind: GPUScheduleList
    plural: gpuschedules
    singular: gpuschedule
    shortNames: [gsch]
    categories: [martlet]
  versions:
  - name: v1alpha1
    served: true
    storage: true
    subresources:
      status: {}
    additionalPrinterColumns:
    - name: Open
      type: boolean
      description: Whether capacity may exist now.
      jsonPath: .status.open
    - name: Window
      type: string
      description: The windows and exceptions that it is open for, or the exceptions that close it.
      jsonPath: .status.window
    - name: Next
      type: string
      description: Whether it opens or closes next.
      jsonPath: .status.nextTransition
    - name: NextAt
      type: string
      description: When it does.
      jsonPath: .status.nextTransitionTime
    - name: Ready
      type: string
      description: Whether the schedule is carried out.
      jsonPath: .status.conditions[?(@.type=="Ready")].status
    - name: Age
      type: date
      description: Time since the object was created.
      jsonPath: .metadata.creationTimestamp
    schema:
      openAPIV3Schema:
        type: object
        description: When capacity of InferenceEndpoints may exist, as windows in a time zone, with exceptions.
        required: [spec]
        properties:
          apiVersion:
            type: string
            description: Version of the schema of this object.
          kind:
            type: string
            description: Always GPUSchedule.
          metadata:
            type: object
          spec:
            type: object
            description: What is asked for.
            required: [timeZone, targets]
            x-kubernetes-validations:
            - rule: (has(self.windows) && size(self.windows) > 0) || (has(self.exceptions) && size(self.exceptions) > 0)
              message: must have windows or exceptions
            - rule: "!has(self.windows) || !has(self.inside) || !has(self.inside.workers) || self.windows.all(w, !has(w.bounds) || !has(w.bounds.workers) || (has(w.bounds.workers.min) ? w.bounds.workers.min : has(self.inside.workers.min) ? self.inside.workers.min : 0) <= (has(w.bounds.workers.max) ? w.bounds.workers.max : has(self.inside.workers.max) ? self.inside.workers.max : 10000))"
              message: with what it takes from inside, a window's workers.min must not be above its workers.max
            - rule: "!has(self.windows) || !has(self.inside) || !has(self.inside.runpod) || self.windows.all(w, !has(w.bounds) || !has(w.bounds.runpod) || (has(w.bounds.runpod.min) ? w.bounds.runpod.min : has(self.inside.runpod.min) ? self.inside.runpod.min : 0) <= (has(w.bounds.runpod.max) ? w.bounds.runpod.max : has(self.inside.runpod.max) ? self.inside.runpod.max : 1000))"
              message: with what it takes from inside, a window's runpod.min must not be above its runpod.max
            properties:
              timeZone:
                type: string
                description: Time zone of every time and date below, by its IANA name, such as Asia/Seoul.
                minLength: 1
                maxLength: 64
                pattern: ^[A-Za-z0-9_][A-Za-z0-9_+-]*(/[A-Za-z0-9_][A-Za-z0-9_+-]*)*$
                x-kubernetes-validations:
                - rule: "!self.startsWith('posix/') && !self.startsWith('right/') && !(self in ['posix', 'right', 'posixrules', 'localtime', 'Factory', 'Local'])"
                  message: must be the IANA name of a time zone, such as Asia/Seoul
              targets:
                type: array
                description: The InferenceEndpoints of this namespace that are governed.
                minItems: 1
                maxItems: 256
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name]
                items:
                  type: object
                  description: One InferenceEndpoint.
                  required: [name]
                  properties:
                    name:
                      type: string
                      description: Name of the InferenceEndpoint.
                      minLength: 1
                      maxLength: 253
                      pattern: ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$
              windows:
                type: array
                description: >-
                  When capacity may exist. A window opens at each start and closes at the first end after it. A time of the day
                  that the clocks skip happens at the first instant after the gap, one that comes twice at the first; a
                  window wholly inside the gap does not open. With several open, the highest of their bounds hold.
                maxItems: 32
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name]
                items:
                  type: object
                  description: One window, by days, from and to, or by start and end.
                  required: [name]
                  x-kubernetes-validations:
                  - rule: "has(self.days) || has(self.from) || has(self.to) || has(self.start) || has(self.end)"
                    message: must have days, from and to, or start and end
                  - rule: "!(has(self.days) || has(self.from) || has(self.to)) || !(has(self.start) || has(self.end))"
                    message: must have either days, from and to, or start and end
                  - rule: "has(self.days) == has(self.from) && has(self.from) == has(self.to)"
                    message: must have all of days, from and to
                  - rule: "has(self.start) == has(self.end)"
                    message: must have both start and end
                  properties:
                    name:
                      type: string
                      description: Name of the window, for status and events.
                      minLength: 1
                      maxLength: 63
                      pattern: ^[A-Za-z0-9._-]+$
                    days:
                      type: array
                      description: Days of the week on which it opens. With from and to.
                      minItems: 1
                      maxItems: 7
                      x-kubernetes-list-type: set
                      items:
                        type: string
                        description: A day of the week.
                        enum: [Mon, Tue, Wed, Thu, Fri, Sat, Sun]
                    from:
                      type: string
                      description: When it opens, HH:MM.
                      maxLength: 5
                      pattern: ^([01][0-9]|2[0-3]):[0-5][0-9]$
                    to:
                      type: string
                      description: When it closes, HH:MM; on the next day unless it is later than from.
                      maxLength: 5
                      pattern: ^([01][0-9]|2[0-3]):[0-5][0-9]$
                    start:
                      type: string
                      description: >-
                        When it opens, as crontab writes it: minute, hour, day of the month, month, day of the week, or @daily and
                        the like. With end.
                      maxLength: 256
                      pattern: ^[ \t]*(@[A-Za-z]+|[^ \t]+([ \t]+[^ \t]+){4})[ \t]*$
                    end:
                      type: string
                      description: When it closes, written as start is.
                      maxLength: 256
                      pattern: ^[ \t]*(@[A-Za-z]+|[^ \t]+([ \t]+[^ \t]+){4})[ \t]*$
                    bounds:
                      type: object
                      description: Bounds that replace those of inside, one by one, while this window is open.
                      properties:
                        workers:
                          type: object
                          description: Bounds of the in-cluster workers.
                          x-kubernetes-validations:
                          - rule: "!has(self.min) || !has(self.max) || self.min <= self.max"
                            message: min must not be above max
                          properties:
                            min:
                              type: integer
                              format: int32
                              description: Workers at least. Omitted, it is that of inside.
                              minimum: 0
                              maximum: 10000
                            max:
                              type: integer
                              format: int32
                              description: Workers at most; the endpoint's own max is never exceeded. Omitted, it is that of inside.
                              minimum: 0
                              maximum: 10000
                        runpod:
                          type: object
                          description: Bounds of the RunPod endpoint's workers.
                          x-kubernetes-validations:
                          - rule: "!has(self.min) || !has(self.max) || self.min <= self.max"
                            message: min must not be above max
                          properties:
                            min:
                              type: integer
                              format: int32
                              description: Workers at least. Omitted, it is that of inside.
                              minimum: 0
                              maximum: 1000
                            max:
                              type: integer
                              format: int32
                              description: Workers at most; the endpoint's own max is never exceeded. Omitted, it is that of inside.
                              minimum: 0
                              maximum: 1000
              inside:
                type: object
                description: >-
                  Bounds while a window is open. A backend that no bounds of the schedule name is not governed by it; if they
                  name neither, both are.
                properties:
                  workers:
                    type: object
                    description: Bounds of the in-cluster workers.
                    x-kubernetes-validations:
                    - rule: "!has(self.min) || !has(self.max) || self.min <= self.max"
                      message: min must not be above max
                    properties:
                      min:
                        type: integer
                        format: int32
                        description: Workers at least. Omitted, it is the endpoint's own.
                        minimum: 0
                        maximum: 10000
                      max:
                        type: integer
                        format: int32
                        description: Workers at most; the endpoint's own max is never exceeded. Omitted, it is the endpoint's own.
                        minimum: 0
                        maximum: 10000
                  runpod:
                    type: object
                    description: Bounds of the RunPod endpoint's workers.
                    x-kubernetes-validations:
                    - rule: "!has(self.min) || !has(self.max) || self.min <= self.max"
                      message: min must not be above max
                    properties:
                      min:
                        type: integer
                        format: int32
                        description: Workers at least. Omitted, it is the endpoint's own.
                        minimum: 0
                        maximum: 1000
                      max:
                        type: integer
                        format: int32
                        description: Workers at most; the endpoint's own max is never exceeded. Omitted, it is the endpoint's own.
                        minimum: 0
                        maximum: 1000
              outside:
                type: object
                description: Bounds while no window is open. A max of 0 closes the backend.
                properties:
                  workers:
                    type: object
                    description: Bounds of the in-cluster workers.
                    x-kubernetes-validations:
                    - rule: "(has(self.min) ? self.min : 0) <= (has(self.max) ? self.max : 0)"
                      message: min must not be above max, which is 0 unless given
                    properties:
                      min:
                        type: integer
                        format: int32
                        description: Workers at least. Omitted, it is 0.
                        minimum: 0
                        maximum: 10000
                      max:
                        type: integer
                        format: int32
                        description: Workers at most; the endpoint's own max is never exceeded. Omitted, it is 0.
                        minimum: 0
                        maximum: 10000
                  runpod:
                    type: object
                    description: Bounds of the RunPod endpoint's workers.
                    x-kubernetes-validations:
                    - rule: "(has(self.min) ? self.min : 0) <= (has(self.max) ? self.max : 0)"
                      message: min must not be above max, which is 0 unless given
                    properties:
                      min:
                        type: integer
                        format: int32
                        description: Workers at least. Omitted, it is 0.
                        minimum: 0
                        maximum: 1000
                      max:
                        type: integer
                        format: int32
                        description: Workers at most; the endpoint's own max is never exceeded. Omitted, it is 0.
                        minimum: 0
                        maximum: 1000
              exceptions:
                type: array
                description: >-
                  Whole days, from midnight to midnight of the time zone, on which it is open or closed whatever the windows say.
                  Where an open and a closed one name the same day, it is closed.
                maxItems: 366
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name]
                items:
                  type: object
                  description: One day or a range of days.
                  required: [name, from, state]
                  x-kubernetes-validations:
                  - rule: "!has(self.to) || self.from <= self.to"
                    message: to must not be before from
                  properties:
                    name:
                      type: string
                      description: Name of the exception, for status and events.
                      minLength: 1
                      maxLength: 63
                      pattern: ^[A-Za-z0-9._-]+$
                    from:
                      type: string
                      format: date
                      description: First day, YYYY-MM-DD.
                      maxLength: 10
                    to:
                      type: string
                      format: date
                      description: Last day, YYYY-MM-DD. The first unless given.
                      maxLength: 10
                    state:
                      type: string
                      description: What holds on these days.
                      enum: [Closed, Open]
              preWarmSeconds:
                type: integer
                format: int32
                description: How much earlier each window opens. Exceptions begin and end at midnight all the same.
                minimum: 0
                maximum: 86400
                default: 0
              suspend:
                type: boolean
                description: "True: hold what was decided last, whatever the clock says."
                default: false
          status:
            type: object
            description: What the operator computed.
            properties:
              observedGeneration:
                type: integer
                format: int64
                description: Generation of the spec that this status is about.
                minimum: 0
                maximum: 9007199254740991
              open:
                type: boolean
                description: Whether the schedule is open now; what it holds while it is suspended or refused.
              window:
                type: string
                description: The windows and exceptions that it is open for, or the exceptions that close it.
                maxLength: 1024
              nextTransitionTime:
                type: string
                format: date-time
                description: When it opens or closes next.
                maxLength: 64
              nextTransition:
                type: string
                description: Whether it opens or closes next.
                enum: [Open, Close]
              conditions:
                type: array
                description: Facts about the object to wait for.
                maxItems: 32
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [type]
                items:
                  type: object
                  description: One fact.
                  required: [type, status, reason, message, lastTransitionTime]
                  properties:
                    type:
                      type: string
                      description: What it is about, such as Ready.
                      minLength: 1
                      maxLength: 316
                    status:
                      type: string
                      description: Whether it holds.
                      enum: ["True", "False", Unknown]
                    reason:
                      type: string
                      description: Why, in one CamelCase word.
                      minLength: 1
                      maxLength: 1024
                    message:
                      type: string
                      description: Why, for people.
                      maxLength: 32768
                    lastTransitionTime:
                      type: string
                      format: date-time
                      description: Since when it holds or doesn't.
                      maxLength: 64
                    observedGeneration:
                      type: integer
                      format: int64
                      description: Generation of the spec that it is about.
                      minimum: 0
                      maximum: 9007199254740991
---
# Copyright Martlet contributors. SPDX-License-Identifier: Apache-2.0
#
# Servers before 1.25 know no x-kubernetes-validations and drop them (kubectl apply --validate=false); the operator makes the
# same checks and answers with the condition Accepted=False.
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: inferenceendpoints.martlet.dev
spec:
  group: martlet.dev
  scope: Namespaced
  names:
    kind: InferenceEndpoint
    listKind: InferenceEndpointList
    plural: inferenceendpoints
    singular: inferenceendpoint
    shortNames: [iep]
    categories: [martlet]
  versions:
  - name: v1alpha1
    served: true
    storage: true
    subresources:
      status: {}
    additionalPrinterColumns:
    - name: Open
      type: boolean
      description: Whether the schedules let capacity exist now.
      jsonPath: .status.schedule.open
    - name: Queue
      type: string
      description: Tasks waiting + tasks in flight.
      jsonPath: .status.queue.summary
    - name: Workers
      type: string
      description: Replicas that there are / that are wanted.
      jsonPath: .status.workers.summary
    - name: RunPod
      type: string
      description: Id of the RunPod endpoint.
      jsonPath: .status.runpod.endpointId
    - name: Ready
      type: string
      description: Whether everything asked for is carried out.
      jsonPath: .status.conditions[?(@.type=="Ready")].status
    - name: Reason
      type: string
      priority: 1
      description: Why that many workers are wanted.
      jsonPath: .status.workers.reason
    - name: Age
      type: date
      description: Time since the object was created.
      jsonPath: .metadata.creationTimestamp
    schema:
      openAPIV3Schema:
        type: object
        description: Capacity for one model, in-cluster workers behind a queue, a RunPod serverless endpoint, or both.
        required: [spec]
        properties:
          apiVersion:
            type: string
            description: Version of the schema of this object.
          kind:
            type: string
            description: Always InferenceEndpoint.
          metadata:
            type: object
          spec:
            type: object
            description: What is asked for.
            x-kubernetes-validations:
            - rule: has(self.workers) || has(self.runpod)
              message: must have workers or runpod
            - rule: "!has(self.workers) || has(self.queue)"
              message: queue is required with workers
            - rule: (!has(self.connection) && !has(self.mirror)) || has(self.runpod)
              message: connection and mirror need runpod, whose id and URLs they publish
            properties:
              suspend:
                type: boolean
                default: false
                description: True makes Martlet observe and report, but write nothing.
              queue:
                type: object
                description: The queue whose tasks the workers take. Required with workers.
                required: [redis]
                x-kubernetes-validations:
                - rule: "(has(self.celery) ? 1 : 0) + (has(self.list) ? 1 : 0) + (has(self.stream) ? 1 : 0) + (has(self.sortedSet) ? 1 : 0) == 1"
                  message: must have exactly one of celery, list, stream and sortedSet
                properties:
                  redis:
                    type: object
                    description: The Redis server that holds the queue.
                    required: [addresses]
                    x-kubernetes-validations:
                    - rule: "has(self.mode) && self.mode != 'Standalone' || size(self.addresses) == 1"
                      message: mode Standalone takes exactly one address
                    - rule: "!has(self.mode) || self.mode != 'Sentinel' || has(self.sentinelMaster)"
                      message: mode Sentinel needs sentinelMaster
                    - rule: "has(self.mode) && self.mode == 'Sentinel' || !has(self.sentinelMaster) && !has(self.sentinelCredentialsSecretRef)"
                      message: sentinelMaster and sentinelCredentialsSecretRef belong to mode Sentinel
                    - rule: "!has(self.mode) || self.mode != 'Cluster' || !has(self.database) || self.database == 0"
                      message: mode Cluster has only database 0
                    properties:
                      mode:
                        type: string
                        description: How the addresses are to be understood.
                        enum: [Standalone, Sentinel, Cluster]
                        default: Standalone
                      addresses:
                        type: array
                        description: Addresses as host:port, an IPv6 address in brackets. Exactly one with mode Standalone; some of the sentinels with mode Sentinel; some of the nodes with mode Cluster.
                        minItems: 1
                        maxItems: 16
                        x-kubernetes-list-type: atomic
                        items:
                          type: string
                          description: One address, such as redis.dev.svc:6379.
                          minLength: 3
                          maxLength: 259
                          pattern: '^(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z_]([0-9A-Za-z_.-]*[0-9A-Za-z_.])?):[0-9]{1,5}$'
                      sentinelMaster:
                        type: string
                        description: Name of the master that the sentinels watch. With mode Sentinel.
                        minLength: 1
                        maxLength: 253
                        pattern: '^[0-9A-Za-z._-]+$'
                      sentinelCredentialsSecretRef:
                        type: object
                        description: Secret of this namespace with the user and password of the sentinels, if they ask for any. With mode Sentinel.
                        required: [name]
                        properties:
                          name:
                            type: string
                            description: Name of the Secret.
                            minLength: 1
                            maxLength: 253
                          usernameKey:
                            type: string
                            description: Key of the user's name in it. Left out, the sentinels' default user logs in.
                            minLength: 1
                            maxLength: 253
                          passwordKey:
                            type: string
                            description: Key of the password in it.
                            minLength: 1
                            maxLength: 253
                            default: password
                      database:
                        type: integer
                        format: int32
                        description: Number of the database.
                        minimum: 0
                        maximum: 1023
                        default: 0
                      pollSeconds:
                        type: integer
                        format: int32
                        description: Seconds between two reads, only where the server refuses tracking.
                        minimum: 1
                        maximum: 3600
                        default: 2
                      credentialsSecretRef:
                        type: object
                        description: Secret of this namespace with the server's user and password. With mode Sentinel those of the master.
                        required: [name]
                        properties:
                          name:
                            type: string
                            description: Name of the Secret.
                            minLength: 1
                            maxLength: 253
                          usernameKey:
                            type: string
                            description: Key of the user's name in it. Left out, the server's default user logs in.
                            minLength: 1
                            maxLength: 253
                          passwordKey:
                            type: string
                            description: Key of the password in it.
                            minLength: 1
                            maxLength: 253
                            default: password
                      tls:
                        type: object
                        description: Speak TLS, to sentinels as well; {} trusts the system's authorities.
                        properties:
                          serverName:
                            type: string
                            description: Name that the certificate must bear, if it isn't the address's host.
                            minLength: 1
                            maxLength: 253
                          caSecretRef:
                            type: object
                            description: Secret of this namespace with the authority that signed the server's certificate.
                            required: [name]
                            properties:
                              name:
                                type: string
                                description: Name of the Secret.
                                minLength: 1
                                maxLength: 253
                              key:
                                type: string
                                description: Key of the PEM text in it.
                                minLength: 1
                                maxLength: 253
                                default: ca.crt
                          certificateSecretRef:
                            type: object
                            description: Secret of this namespace and of type kubernetes.io/tls with the client certificate.
                            required: [name]
                            properties:
                              name:
                                type: string
                                description: Name of the Secret.
                                minLength: 1
                                maxLength: 253
                  celery:
                    type: object
                    description: Celery queues. {} means the queue named celery with Celery's own defaults.
                    properties:
                      queues:
                        type: array
                        description: Names of the queues that the workers consume.
                        minItems: 1
                        maxItems: 64
                        x-kubernetes-list-type: set
                        default: [celery]
                        items:
                          type: string
                          description: Name of a queue, without prefix and priority.
                          minLength: 1
                          maxLength: 512
                      priorities:
                        type: array
                        description: The priority_steps of the broker transport options.
                        minItems: 1
                        maxItems: 16
                        x-kubernetes-list-type: set
                        default: [0, 3, 6, 9]
                        items:
                          type: integer
                          format: int32
                          description: A priority step; 0 is the queue without a suffix.
                          minimum: 0
                          maximum: 255
                      keyPrefix:
                        type: string
                        description: The global_keyprefix of the broker transport options.
                        maxLength: 512
                      unackedKey:
                        type: string
                        description: The unacked_key of the broker transport options, without the prefix.
                        minLength: 1
                        maxLength: 512
                        default: unacked
                  list:
                    type: object
                    description: A plain Redis list.
                    required: [key]
                    properties:
                      key:
                        type: string
                        description: The list in which tasks wait.
                        minLength: 1
                        maxLength: 512
                      inFlightKeys:
                        type: array
                        description: Lists, sets or hashes into which workers move what they work on. Without any, workers are taken only when nothing waits, after the cooldown. With a key of its own for each Pod, such as jobs:processing:{pod}, idle workers are taken while others are busy.
                        maxItems: 16
                        x-kubernetes-list-type: set
                        items:
                          type: string
                          description: One such key. {pod} in it stands for the name of each Pod of the target.
                          minLength: 1
                          maxLength: 512
                  stream:
                    type: object
                    description: A Redis stream.
                    required: [key]
                    properties:
                      key:
                        type: string
                        description: The stream.
                        minLength: 1
                        maxLength: 512
                      group:
                        type: string
                        description: The consumer group; its lag waits, its pending entries are in flight until they are acknowledged. While the group does not exist, one replica is wanted for a stream with entries, to create it. Left out, every entry of the stream waits (KEDA's streamLength), so consumers must delete or trim what is done.
                        minLength: 1
                        maxLength: 512
                  sortedSet:
                    type: object
                    description: A sorted set used as a queue.
                    required: [key]
                    properties:
                      key:
                        type: string
                        description: The sorted set in which tasks wait.
                        minLength: 1
                        maxLength: 512
                      inFlightKeys:
                        type: array
                        description: Keys into which workers move what they work on, as for a list.
                        maxItems: 16
                        x-kubernetes-list-type: set
                        items:
                          type: string
                          description: One such key. {pod} in it stands for the name of each Pod of the target.
                          minLength: 1
                          maxLength: 512
                      maxScore:
                        type: string
                        description: Counts only members whose score, a time by the Redis server's clock, has come. now takes scores for seconds since 1970, nowMilliseconds for milliseconds. Left out, every member waits.
                        enum: [now, nowMilliseconds]
                  tasksPerReplica:
                    type: integer
                    format: int32
                    description: Tasks, waiting and in flight, for which one replica is wanted. KEDA calls it listLength.
                    minimum: 1
                    maximum: 1000000
                    default: 5
                  activationTasks:
                    type: integer
                    format: int32
                    description: To leave zero replicas there must be more tasks than this.
                    minimum: 0
                    maximum: 1000000
                    default: 0
              workers:
                type: object
                description: The in-cluster workers, a Deployment or StatefulSet that Martlet scales.
                required: [targetRef]
                x-kubernetes-validations:
                - rule: "(has(self.minReplicas) ? self.minReplicas : 0) <= (has(self.maxReplicas) ? self.maxReplicas : 10)"
                  message: minReplicas must not be above maxReplicas
                - rule: "!has(self.onReadingLost) || (has(self.onReadingLost.replicas) ? self.onReadingLost.replicas : 1) <= (has(self.maxReplicas) ? self.maxReplicas : 10)"
                  message: onReadingLost.replicas must not be above maxReplicas
                properties:
                  targetRef:
                    type: object
                    description: The object of this namespace whose /scale is written. One endpoint a target, and no other autoscaler on it.
                    required: [name]
                    properties:
                      apiVersion:
                        type: string
                        description: API version of the target.
                        maxLength: 253
                        default: apps/v1
                      kind:
                        type: string
                        description: Deployment or StatefulSet.
                        maxLength: 63
                        default: Deployment
                      name:
                        type: string
                        description: Name of the target.
                        minLength: 1
                        maxLength: 253
                  minReplicas:
                    type: integer
                    format: int32
                    description: Replicas that stay when nothing waits.
                    minimum: 0
                    maximum: 10000
                    default: 0
                  maxReplicas:
                    type: integer
                    format: int32
                    description: Replicas at most.
                    minimum: 1
                    maximum: 10000
                    default: 10
                  scaleUp:
                    type: object
                    description: How fast replicas rise.
                    properties:
                      maxStep:
                        type: integer
                        format: int32
                        description: Replicas added at most every 15 s. 0 means no limit, from zero to N in one write.
                        minimum: 0
                        maximum: 10000
                        default: 0
                  scaleDown:
                    type: object
                    description: How carefully replicas fall. Busy workers are not taken whatever stands here, but see maxBusySeconds.
                    properties:
                      cooldownSeconds:
                        type: integer
                        format: int32
                        description: How long the last replica stays after the last activity.
                        minimum: 0
                        maximum: 604800
                        default: 300
                      stabilizationSeconds:
                        type: integer
                        format: int32
                        description: Replicas fall no lower than what was wanted at any time within so many seconds.
                        minimum: 0
                        maximum: 604800
                        default: 60
                      maxStep:
                        type: integer
                        format: int32
                        description: Replicas removed at most every 15 s. 0 means no limit.
                        minimum: 0
                        maximum: 10000
                        default: 0
                      maxBusySeconds:
                        type: integer
                        format: int32
                        description: How long a worker that has fallen silent is taken for busy. Longer than the longest task.
                        minimum: 60
                        maximum: 604800
                        default: 3600
                  onReadingLost:
                    type: object
                    description: What holds while the queue can't be read. Replicas are never lowered then.
                    properties:
                      afterSeconds:
                        type: integer
                        format: int32
                        description: How long the queue must be unreadable before Fallback acts.
                        minimum: 1
                        maximum: 604800
                        default: 60
                      behavior:
                        type: string
                        description: Hold keeps the replicas; Fallback raises them to the replicas given here.
                        enum: [Hold, Fallback]
                        default: Hold
                      replicas:
                        type: integer
                        format: int32
                        description: What Fallback raises to.
                        minimum: 0
                        maximum: 10000
                        default: 1
                  closing:
                    type: object
                    description: What happens when a schedule closes or lowers the ceiling, or the object is deleted.
                    properties:
                      drainSeconds:
                        type: integer
                        format: int32
                        description: How long busy workers may finish. After it they are stopped, with their Pods' own grace.
                        minimum: 0
                        maximum: 604800
                        default: 600
                  onDelete:
                    type: string
                    description: Whether deleting this object takes the workers to minReplicas, after the closing's drain, or leaves them as they are.
                    enum: [ScaleToMin, Keep]
                    default: ScaleToMin
                  interruption:
                    type: object
                    description: What is done for workers on a Node that is about to die. Not acted on by this version.
                    properties:
                      drain:
                        type: boolean
                        description: Evict the workers in time.
                        default: true
                      surge:
                        type: boolean
                        description: Start replacements first.
                        default: true
                      requeue:
                        type: boolean
                        description: Put tasks of workers that are proven dead back at once.
                        default: true
                      rebalance:
                        type: string
                        description: What a mere recommendation to leave the Node leads to.
                        enum: [Ignore, Surge, Drain]
                        default: Surge
                  onDemand:
                    type: object
                    description: A second target on capacity that is not interrupted. Not supported by this version.
                    required: [targetRef]
                    properties:
                      targetRef:
                        type: object
                        description: The second target, of this namespace.
                        required: [name]
                        properties:
                          apiVersion:
                            type: string
                            description: API version of the target.
                            maxLength: 253
                            default: apps/v1
                          kind:
                            type: string
                            description: Deployment or StatefulSet.
                            maxLength: 63
                            default: Deployment
                          name:
                            type: string
                            description: Name of the target.
                            minLength: 1
                            maxLength: 253
                      afterPendingSeconds:
                        type: integer
                        format: int32
                        description: How long Pods of the first target must be Pending.
                        minimum: 0
                        maximum: 604800
                        default: 180
                      maxReplicas:
                        type: integer
                        format: int32
                        description: Replicas of the second target at most.
                        minimum: 0
                        maximum: 10000
                        default: 1
                  gpuLimit:
                    type: integer
                    format: int32
                    description: GPUs at most, as replicas times the GPUs of the Pod template. Left out, there is no limit.
                    minimum: 0
                    maximum: 100000
                  pricePerReplicaHourUSD:
                    type: string
                    description: What a replica costs an hour in dollars, as a decimal text such as "0.53". For the cost figures only.
                    maxLength: 13
                    pattern: '^[0-9]{1,6}(\.[0-9]{1,6})?$'
              runpod:
                type: object
                description: A RunPod serverless endpoint, created, kept true, drained and ended by Martlet.
                x-kubernetes-validations:
                - rule: has(self.credentialsSecretRef)
                  message: credentialsSecretRef is required
                - rule: "!(has(self.image) && self.image != '' && has(self.templateId) && self.templateId != '')"
                  message: must have either image or templateId, not both
                - rule: "(has(self.adoptEndpointId) && self.adoptEndpointId != '') || (has(self.image) && self.image != '') || (has(self.templateId) && self.templateId != '')"
                  message: must have image or templateId
                - rule: "(has(self.adoptEndpointId) && self.adoptEndpointId != '') || (has(self.gpu) && has(self.gpu.pools) && size(self.gpu.pools) > 0)"
                  message: must have gpu.pools
                - rule: "!has(self.env) || self.env.all(e, e.name != 'MARTLET_OWNER')"
                  message: env must not set MARTLET_OWNER, by which Martlet knows its own endpoints
                - rule: "!has(self.env) || self.env.all(e, !(has(e.value) && has(e.secretKeyRef)))"
                  message: a variable must have either value or secretKeyRef, not both
                properties:
                  credentialsSecretRef:
                    type: object
                    description: Secret of this namespace with the RunPod API key.
                    required: [name]
                    properties:
                      name:
                        type: string
                        description: Name of the Secret.
                        minLength: 1
                        maxLength: 253
                      key:
                        type: string
                        description: Key of the API key in it.
                        minLength: 1
                        maxLength: 253
                  adoptEndpointId:
                    type: string
                    description: An endpoint that exists already and is taken over.
                    maxLength: 64
                  image:
                    type: string
                    description: Container image of the workers. Either this or templateId.
                    maxLength: 512
                  templateId:
                    type: string
                    description: RunPod template of the workers. Either this or image.
                    maxLength: 64
                  env:
                    type: array
                    description: Environment of the workers.
                    maxItems: 128
                    x-kubernetes-list-type: map
                    x-kubernetes-list-map-keys: [name]
                    items:
                      type: object
                      description: One variable.
                      required: [name]
                      properties:
                        name:
                          type: string
                          description: Name of the variable.
                          minLength: 1
                          maxLength: 256
                        value:
                          type: string
                          description: Its value, written out.
                          maxLength: 32768
                        secretKeyRef:
                          type: object
                          description: Its value, taken from a Secret of this namespace.
                          required: [name, key]
                          properties:
                            name:
                              type: string
                              description: Name of the Secret.
                              minLength: 1
                              maxLength: 253
                            key:
                              type: string
                              description: Key in it.
                              minLength: 1
                              maxLength: 253
                  gpu:
                    type: object
                    description: The GPUs to run on.
                    properties:
                      pools:
                        type: array
                        description: GPU pools as the v2 API names them; order is preference.
                        maxItems: 32
                        x-kubernetes-list-type: atomic
                        items:
                          type: string
                          description: One pool, such as ADA_24.
                          minLength: 1
                          maxLength: 64
                      count:
                        type: integer
                        format: int32
                        description: GPUs a worker.
                        minimum: 1
                        maximum: 16
                        default: 1
                  workers:
                    type: object
                    description: Bounds of RunPod's own workers.
                    x-kubernetes-validations:
                    - rule: "(has(self.min) ? self.min : 0) <= (has(self.max) ? self.max : 3)"
                      message: min must not be above max
                    properties:
                      min:
                        type: integer
                        format: int32
                        description: Workers that stay when nothing waits.
                        minimum: 0
                        maximum: 1000
                        default: 0
                      max:
                        type: integer
                        format: int32
                        description: Workers at most.
                        minimum: 0
                        maximum: 1000
                        default: 3
                      idleTimeoutSeconds:
                        type: integer
                        format: int32
                        description: How long an idle worker stays.
                        minimum: 1
                        maximum: 3600
                        default: 10
                  scaling:
                    type: object
                    description: What RunPod's own scaler looks at.
                    properties:
                      type:
                        type: string
                        description: The delay of queued requests, or their count.
                        enum: [QueueDelay, RequestCount]
                        default: QueueDelay
                      value:
                        type: integer
                        format: int32
                        description: Seconds of delay, or requests a worker.
                        minimum: 1
                        maximum: 3600
                        default: 4
                  executionTimeoutSeconds:
                    type: integer
                    format: int32
                    description: How long a job may run.
                    minimum: 5
                    maximum: 604800
                    default: 300
                  flashBoot:
                    type: boolean
                    description: Whether RunPod's FlashBoot is used.
                    default: false
                  dataCenterIds:
                    type: array
                    description: Data centers to run in; empty for any.
                    maxItems: 64
                    x-kubernetes-list-type: set
                    items:
                      type: string
                      description: Id of a data center.
                      minLength: 1
                      maxLength: 64
                  networkVolumeIds:
                    type: array
                    description: Network volumes to attach.
                    maxItems: 16
                    x-kubernetes-list-type: set
                    items:
                      type: string
                      description: Id of a network volume.
                      minLength: 1
                      maxLength: 64
                  whenClosed:
                    type: string
                    description: Disable keeps the endpoint and its id with no workers; Delete gives it a new id at each opening.
                    enum: [Disable, Delete]
                    default: Disable
                  drainSeconds:
                    type: integer
                    format: int32
                    description: How long a closing waits for queued and running jobs.
                    minimum: 0
                    maximum: 604800
                    default: 600
                  discardJobs:
                    type: boolean
                    description: Whether Delete may discard jobs that are left after the drain.
                    default: false
                  deletionPolicy:
                    type: string
                    description: What becomes of the RunPod endpoint when this object is deleted.
                    enum: [Delete, Retain]
                    default: Delete
              connection:
                type: object
                description: Where the RunPod endpoint's id and URLs are published for applications.
                required: [configMapName]
                properties:
                  configMapName:
                    type: string
                    description: Name of the ConfigMap.
                    minLength: 1
                    maxLength: 253
              mirror:
                type: object
                description: Where the same is mirrored for applications outside the cluster.
                properties:
                  supabase:
                    type: object
                    description: A table of a Supabase project, written through its PostgREST interface.
                    required: [url, credentialsSecretRef]
                    properties:
                      url:
                        type: string
                        description: Base address of the project, https.
                        minLength: 1
                        maxLength: 2048
                      table:
                        type: string
                        description: Name of the table.
                        minLength: 1
                        maxLength: 63
                        default: runpod_management
                      serviceName:
                        type: string
                        description: The row, as the value of service_name. The object's own name unless given.
                        maxLength: 253
                      credentialsSecretRef:
                        type: object
                        description: Secret of this namespace with the service key.
                        required: [name]
                        properties:
                          name:
                            type: string
                            description: Name of the Secret.
                            minLength: 1
                            maxLength: 253
                          key:
                            type: string
                            description: Key of the service key in it, serviceKey unless told.
                            minLength: 1
                            maxLength: 253
          status:
            type: object
            description: What Martlet observed and decided.
            properties:
              observedGeneration:
                type: integer
                format: int64
                description: Generation of the spec that this status is about.
                minimum: 0
                maximum: 9007199254740991
              conditions:
                type: array
                description: Facts about the object to wait for.
                maxItems: 32
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [type]
                items:
                  type: object
                  description: One fact.
                  required: [type, status, reason, message, lastTransitionTime]
                  properties:
                    type:
                      type: string
                      description: What it is about, such as Ready.
                      minLength: 1
                      maxLength: 316
                    status:
                      type: string
                      description: Whether it holds.
                      enum: ["True", "False", Unknown]
                    reason:
                      type: string
                      description: Why, in one CamelCase word.
                      minLength: 1
                      maxLength: 1024
                    message:
                      type: string
                      description: Why, for people.
                      maxLength: 32768
                    lastTransitionTime:
                      type: string
                      format: date-time
                      description: Since when it holds or doesn't.
                      maxLength: 64
                    observedGeneration:
                      type: integer
                      format: int64
                      description: Generation of the spec that it is about.
                      minimum: 0
                      maximum: 9007199254740991
              workers:
                type: object
                description: The in-cluster workers.
                properties:
                  summary:
                    type: string
                    description: Replicas that there are / that are wanted.
                    maxLength: 64
                  replicas:
                    type: integer
                    format: int32
                    description: Replicas that the target's spec asks for.
                    minimum: 0
                    maximum: 2147483647
                  desiredReplicas:
                    type: integer
                    format: int32
                    description: Replicas that the last decision wants.
                    minimum: 0
                    maximum: 2147483647
                  busyReplicas:
                    type: integer
                    format: int32
                    description: Workers that run a task, as far as anything tells.
                    minimum: 0
                    maximum: 2147483647
                  reason:
                    type: string
                    description: Why, in one line.
                    maxLength: 1024
                  lastScaleTime:
                    type: string
                    format: date-time
                    description: When replicas were last written.
                    maxLength: 64
                  lastActiveTime:
                    type: string
                    format: date-time
                    description: When a task last waited or ran. The cooldown counts from here.
                    maxLength: 64
                  decision:
                    type: object
                    description: The last decision with its inputs, which martlet explain prints.
                    required: [time, busy, idle, unknown, current, desired, steps]
                    properties:
                      time:
                        type: string
                        format: date-time
                        description: When it was made.
                        maxLength: 64
                      demand:
                        type: integer
                        format: int64
                        description: Tasks waiting and in flight. Absent when the queue can't be read.
                        minimum: 0
                        maximum: 9007199254740991
                      waiting:
                        type: integer
                        format: int64
                        description: Tasks that waited.
                        minimum: 0
                        maximum: 9007199254740991
                      inFlight:
                        type: integer
                        format: int64
                        description: Tasks in flight.
                        minimum: 0
                        maximum: 9007199254740991
                      busy:
                        type: integer
                        format: int32
                        description: Pods that ran a task, as far as anything told.
                        minimum: 0
                        maximum: 2147483647
                      idle:
                        type: integer
                        format: int32
                        description: Pods proven idle.
                        minimum: 0
                        maximum: 2147483647
                      unknown:
                        type: integer
                        format: int32
                        description: Pods of which nothing was heard, or not for too long.
                        minimum: 0
                        maximum: 2147483647
                      current:
                        type: integer
                        format: int32
                        description: Replicas that there were.
                        minimum: 0
                        maximum: 2147483647
                      desired:
                        type: integer
                        format: int32
                        description: Replicas that were wanted.
                        minimum: 0
                        maximum: 2147483647
                      steps:
                        type: array
                        description: The steps of the decision, in order.
                        maxItems: 16
                        x-kubernetes-list-type: atomic
                        items:
                          type: string
                          description: One step.
                          maxLength: 256
              queue:
                type: object
                description: The queue as last read.
                properties:
                  summary:
                    type: string
                    description: Tasks waiting + tasks in flight.
                    maxLength: 64
                  waiting:
                    type: integer
                    format: int64
                    description: Tasks that wait.
                    minimum: 0
                    maximum: 9007199254740991
                  inFlight:
                    type: integer
                    format: int64
                    description: Tasks that are delivered and not yet done.
                    minimum: 0
                    maximum: 9007199254740991
                  source:
                    type: string
                    description: Whether the server says when the queue changes, or is polled.
                    enum: [Push, Poll]
                  estimate:
                    type: string
                    description: Why waiting is no exact count. Absent when it is one.
                    enum: [AtLeast, GroupMissing]
              schedule:
                type: object
                description: What the schedules say. Without a schedule an endpoint is always open.
                properties:
                  open:
                    type: boolean
                    description: Whether capacity may exist now.
                  by:
                    type: string
                    description: The GPUSchedule or override that decides.
                    maxLength: 253
                  lastTransitionTime:
                    type: string
                    format: date-time
                    description: When it last opened or closed.
                    maxLength: 64
                  nextTransitionTime:
                    type: string
                    format: date-time
                    description: When it opens or closes next.
                    maxLength: 64
              runpod:
                type: object
                description: The RunPod endpoint as last seen.
                properties:
                  endpointId:
                    type: string
                    description: Id of the endpoint. Absent while there is none.
                    maxLength: 64
                  intent:
                    type: object
                    description: A create that was, or may have been, sent and is not confirmed yet.
                    required: [name, time]
                    properties:
                      name:
                        type: string
                        description: The name that it is created under.
                        maxLength: 253
                      time:
                        type: string
                        format: date-time
                        description: When the intent was recorded; no create was sent before.
                        maxLength: 64
                  keyFingerprint:
                    type: string
                    description: Fingerprint of the API key that it was last seen with. Only that account's 404 proves it gone.
                    maxLength: 64
                  url:
                    type: string
                    description: Base URL of its jobs.
                    maxLength: 2048
                  workers:
                    type: object
                    description: Its workers as RunPod counts them.
                    properties:
                      idle:
                        type: integer
                        format: int64
                        description: Warm, without a job.
                        minimum: 0
                        maximum: 9007199254740991
                      running:
                        type: integer
                        format: int64
                        description: Working on a job.
                        minimum: 0
                        maximum: 9007199254740991
                      throttled:
                        type: integer
                        format: int64
                        description: Wanted, but there is no GPU for them.
                        minimum: 0
                        maximum: 9007199254740991
                      unhealthy:
                        type: integer
                        format: int64
                        description: Crashed.
                        minimum: 0
                        maximum: 9007199254740991
                      initializing:
                        type: integer
                        format: int64
                        description: Starting.
                        minimum: 0
                        maximum: 9007199254740991
                  jobs:
                    type: object
                    description: Its jobs as RunPod counts them; completed and failed since its creation.
                    properties:
                      queued:
                        type: integer
                        format: int64
                        description: Waiting for a worker.
                        minimum: 0
                        maximum: 9007199254740991
                      running:
                        type: integer
                        format: int64
                        description: With a worker.
                        minimum: 0
                        maximum: 9007199254740991
                      completed:
                        type: integer
                        format: int64
                        description: Done.
                        minimum: 0
                        maximum: 9007199254740991
                      failed:
                        type: integer
                        format: int64
                        description: Ended without a result.
                        minimum: 0
                        maximum: 9007199254740991
                  version:
                    type: integer
                    format: int64
                    description: Number of its newest release, where RunPod tells it.
                    minimum: 0
                    maximum: 9007199254740991
"""#
}
