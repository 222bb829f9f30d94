/// What a document may make its reader hold. Manifests and kubeconfigs stay far below.
enum YAMLLimits {
    /// Collections inside one another.
    static let depth = 100
    /// Values and bytes of strings that aliases and merge keys add to what the text itself holds. Nested aliases grow
    /// exponentially (the "billion laughs").
    static let expansion = 4 << 20
}
