"""The caller's contract: which calls a program makes, and how its page binds both sides."""
