"""What the handshakes of all versions share: settings, state, messages, keys, certificates, sessions."""
