"""The handshake state machines: states up to 1.0.2, the message flow from 1.1.0."""
