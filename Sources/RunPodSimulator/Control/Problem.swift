internal import HTTPTransport

/// The error bodies of the control plane: RFC 9457's fields as v2 uses them.
enum Problem {
    static let capacitySentence =
        "There are no longer any instances available with the requested specifications. Please refresh and try again."

    static func quotaSentence(limit: Int) -> String {
        "Your worker concurrency cannot go beyond the maximum limit of (\(limit)). "
            + "Please contact support if you wish to scale past this number."
    }

    private static let titles = [
        400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 409: "Conflict", 410: "Gone", 422: "Unprocessable Entity", 429: "Too Many Requests",
        500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
    ]

    static func response(_ status: Int, _ detail: String, errors: [String] = []) -> SimulatedResponse {
        var body: [String: WireJSON] = [
            "title": .string(titles[status] ?? "Error"), "status": WireJSON(status), "detail": .string(detail),
        ]
        if !errors.isEmpty { body["errors"] = WireJSON(errors) }
        return SimulatedResponse(
            status: status, headers: ["Content-Type": "application/problem+json"], body: WireJSON.object(body).bytes)
    }

    static let notFound = response(404, "resource not found")
    static let forbidden = response(403, "access denied")
    static let capacity = response(400, capacitySentence)

    static func invalid(_ errors: [String]) -> SimulatedResponse {
        response(422, "Request validation failed.", errors: errors)
    }

    static func methodNotAllowed(allow: [String]) -> SimulatedResponse {
        var response = response(405, "The requested method is not allowed for this path.")
        response.headers["Allow"] = allow.joined(separator: ", ")
        return response
    }
}

/// The error bodies of the job plane. Undocumented beyond the status: a JSON object with one text.
enum JobProblem {
    static func response(_ status: Int, _ text: String) -> SimulatedResponse {
        .json(status, ["error": .string(text)])
    }

    static let unauthorized = response(401, "unauthorized")
    static let forbidden = response(403, "forbidden")
    static let noEndpoint = response(404, "endpoint not found")
    static let noJob = response(404, "job not found")
    static let noRoute = response(404, "not found")
    static let tooMany = response(429, "too many requests")
}

/// A refusal on the way to an answer.
struct Refusal: Error {
    let response: SimulatedResponse

    init(_ response: SimulatedResponse) { self.response = response }
    init(_ status: Int, _ detail: String) { response = Problem.response(status, detail) }
}
