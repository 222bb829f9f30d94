/// Expands `$(NAME)` as Kubernetes does in `command`, `args` and the values of `env`: an unknown name stays as it is
/// written, `$$` is a literal dollar, and so `$$(NAME)` is `$(NAME)`.
func expandVariables(in text: String, using variables: [String: String]) -> String {
    var result = ""
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
        result += rest[..<dollar]
        rest = rest[dollar...].dropFirst()
        switch rest.first {
        case "$":
            result += "$"
            rest = rest.dropFirst()
        case "(":
            guard let close = rest.firstIndex(of: ")") else {
                result += "$"
                continue
            }
            let name = String(rest[rest.startIndex..<close].dropFirst())
            result += variables[name] ?? "$(\(name))"
            rest = rest[close...].dropFirst()
        default: result += "$"
        }
    }
    return result + rest
}
