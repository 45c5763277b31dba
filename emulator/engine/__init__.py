"""The write engine: one connection's state and what OpenSSL's functions do with it.

The functions keep the C names in their docstrings and the C loops' shape where a quirk lives in it.
They ask the profile what a behaviour *is*; none of them knows which release it plays.
"""
