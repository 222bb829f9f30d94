/// An authority `ca`, and certificates with keys: `server` for `redis.example` and 127.0.0.1, `client` for any client, both
/// signed by it, and `other`, which nobody signed.
package struct TLSFiles {
    package let directory: String

    /// The directory is removed by the first server that it is given to.
    package init() throws {
        directory = try RedisServerProcess.temporaryDirectory()
        try RedisServerProcess.shell(
            """
            cd \(directory) && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
              -subj /CN=authority -keyout ca.key -out ca.crt -addext basicConstraints=critical,CA:TRUE &&
            printf 'subjectAltName=DNS:redis.example,IP:127.0.0.1' > san &&
            for name in server client; do
              openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=$name \
                -keyout $name.key -out $name.csr &&
              openssl x509 -req -in $name.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile san \
                -out $name.crt || exit 1
            done
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=other \
              -keyout other.key -out other.crt
            """)
    }

    /// What makes redis-server speak TLS only, to clients with a certificate of the authority only.
    package static let serverOptions = [
        "--tls-port", "{port}", "--tls-cert-file", "{dir}/server.crt", "--tls-key-file", "{dir}/server.key",
        "--tls-ca-cert-file", "{dir}/ca.crt", "--tls-auth-clients", "yes",
    ]

    /// What makes redis-cli such a client.
    package static let clientOptions = [
        "--tls", "--cert", "{dir}/client.crt", "--key", "{dir}/client.key", "--cacert", "{dir}/ca.crt",
    ]

    /// A PEM text, such as that of `ca.crt`.
    package func text(_ name: String) throws -> String { try RedisServerProcess.contents(of: "\(directory)/\(name)") }
}
