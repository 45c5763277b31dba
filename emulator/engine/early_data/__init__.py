"""Early data of TLS 1.3: its states, its limits and its two calls."""
