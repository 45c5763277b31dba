"""The emulator measured against pyOpenSSL, which calls the real library: ``python -m benchmarks``."""
