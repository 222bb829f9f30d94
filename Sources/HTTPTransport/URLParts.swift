internal import CCurl

/// A URL taken apart by libcurl, so that we and it never disagree about what is the host.
final class URLParts {
    private let parts: OpaquePointer

    /// nil if `text` is no URL. `text` holds no zero byte.
    init?(_ text: String, flags: Int32) {
        guard let parts = curl_url() else { return nil }
        self.parts = parts
        guard curl_url_set(parts, CURLUPART_URL, text, UInt32(flags)) == CURLUE_OK else { return nil }
    }

    deinit { curl_url_cleanup(parts) }

    /// The part as it is written in the URL; nil if there is none.
    subscript(part: CURLUPart) -> String? { text(of: part) }

    /// As the subscript, with libcurl's own flags for reading.
    func text(of part: CURLUPart, flags: Int32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parts, part, &text, UInt32(flags)) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }

    /// False if `host`, which holds no zero byte, is none.
    func replaceHost(by host: String) -> Bool { curl_url_set(parts, CURLUPART_HOST, host, 0) == CURLUE_OK }
}
