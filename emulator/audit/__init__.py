"""The audit: every recorded call of a real library against the clauses of its own release's manual pages."""
