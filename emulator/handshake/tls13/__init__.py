"""TLS 1.3: its key schedule, key shares, tickets and messages (RFC 8446)."""
