"""Explanations: why a call answered as it did, what to do now, and which releases answer otherwise."""
