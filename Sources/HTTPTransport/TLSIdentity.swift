internal import CCurl

/// The PEM texts of a transport in memory that does not move, because libcurl keeps pointers to them.
final class TLSIdentity {
    private let authorities: UnsafeMutableRawBufferPointer?
    private let certificate: UnsafeMutableRawBufferPointer?
    private let privateKey: UnsafeMutableRawBufferPointer?
    private let verification: CurlTransport.TLSOptions.Verification

    init(_ options: CurlTransport.TLSOptions) {
        authorities = options.caPEM.map(Self.copy)
        certificate = options.certificatePEM.map(Self.copy)
        privateKey = options.privateKeyPEM.map(Self.copy)
        verification = options.verification
    }

    deinit {
        for bytes in [authorities, certificate, privateKey] { bytes?.deallocate() }
    }

    /// Sets what concerns TLS on `easy`; false if libcurl refused.
    func apply(to easy: UnsafeMutableRawPointer) -> Bool {
        var codes: [CURLcode] = []
        switch verification {
        case .full: break
        case .none:
            codes.append(martlet_easy_set_long(easy, CURLOPT_SSL_VERIFYPEER, 0))
            codes.append(martlet_easy_set_long(easy, CURLOPT_SSL_VERIFYHOST, 0))
        }
        if let authorities {
            codes.append(martlet_easy_set_blob(easy, CURLOPT_CAINFO_BLOB, authorities.baseAddress, authorities.count))
            // The blob replaces the system's bundle but not its directory, whose authorities would stay trusted.
            codes.append(martlet_easy_set_string(easy, CURLOPT_CAPATH, nil))
        }
        if let certificate {
            codes.append(martlet_easy_set_blob(easy, CURLOPT_SSLCERT_BLOB, certificate.baseAddress, certificate.count))
        }
        if let privateKey {
            codes.append(martlet_easy_set_blob(easy, CURLOPT_SSLKEY_BLOB, privateKey.baseAddress, privateKey.count))
            // Without a pass phrase OpenSSL would ask the terminal for one.
            codes.append(martlet_easy_set_string(easy, CURLOPT_KEYPASSWD, ""))
        }
        return codes.allSatisfy { $0 == CURLE_OK }
    }

    private static func copy(_ bytes: [UInt8]) -> UnsafeMutableRawBufferPointer {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
        // An empty PEM must be refused, not taken for "none given": one byte that is no certificate does that.
        memory.initializeMemory(as: UInt8.self, repeating: 0x0A)
        memory.copyBytes(from: bytes)
        return memory
    }
}
