"""Protection of records, TLSPlaintext to TLSCiphertext and back, without any I/O."""
