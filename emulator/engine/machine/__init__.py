"""The handshake state machines of the two generations: states to 1.0.2, message flow from 1.1.0."""
