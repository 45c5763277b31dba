"""What runs in the process that loads the library: ctypes, json and threads, and no OpenSSL of Python's own.

It is started as ``python -I -S .../reallib/child``.
"""
