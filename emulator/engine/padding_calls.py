"""SSL_set_record_padding_callback() and SSL_set_block_padding(): from when on records are padded."""

from __future__ import annotations
