"""How much a record of TLS 1.3 is padded: SSL_set_record_padding_callback() and SSL_set_block_padding()."""

from __future__ import annotations
