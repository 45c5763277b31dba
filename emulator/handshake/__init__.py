"""Handshake messages and what is behind them: lists of suites, keys, signatures, sessions; no I/O."""
