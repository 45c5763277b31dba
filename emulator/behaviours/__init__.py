"""The named differences between releases: each behaviour is a question, its members are the answers."""
