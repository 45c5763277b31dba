"""The handshake of SSLv3 to TLS 1.2 after the hellos (RFC 6101, RFC 5246)."""
