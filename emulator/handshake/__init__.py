"""Handshake messages, and the lists of suites, keys, signatures and sessions behind them; no I/O."""
