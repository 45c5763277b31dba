"""The codes of losses, and what each means.  No call is needed to look one up."""

MEANINGS = {
    "changed": "The records have other bytes than the call that succeeded: other content at a "
    "retry, a buffer changed in place, or bytes that were sent twice.",
    "unrecorded": "The call has succeeded, and no record has its bytes.",
    "unsent": "The call has succeeded, and the transport has not taken the record: from 3.2.0 a "
    "BIO_write() that answers 0 counts as success.",
    "beyond": "Bytes behind the caller's buffer were sent: a shorter retry up to 1.0.2k and 1.1.0e.",
    "plaintext": "The bytes were sent without keys.",
    "delivered-other": "The peer was given other bytes than those of the records.",
    "unopened": "The peer was given bytes of a record that could not be opened: up to 1.0.2p a "
    "read after the failure returns what is left of it.",
    "discarded": "The receiver has thrown the bytes away, in SSL_shutdown() for example.",
    "cleared": "SSL_clear() of the receiver has forgotten the keys for the bytes on the way.",
    "early-data-rejected": "The server has rejected early data, and the program has not called "
    "get_early_data_status().",
    "receiver-failed": "The receiver has failed, and cannot read the bytes.",
    "unreadable": "The receiver could not open a record, and cannot read the bytes.",
    "shut-down": "The receiver counts as closed by its peer, and reads no more.",
    "crashed": "The receiver's process has died with the bytes on the way.",
    "transport-ended": "The transport has ended before the bytes arrived.",
    "sender-failed": "The sender has failed with the bytes in its buffer.",
    "left": "The receiver was closed, or was given another transport or none, with unread bytes in the "
    "former one.",
    "unflushed": "The sender was closed, or was given another transport or none, and its former BufferBIO "
    "was not flushed.",
    "missing": "Neither the transport nor a connection has the bytes any more.",
    "reentered": "A transport has called a write of the connection in the middle of another write: nobody "
    "can tell whose bytes are whose.",
    "unheard": "A class of the caller's own has called the library past the ledger: "
    "Connection.write(self, data) in place of super().write(data).",
    "undelivered": "The bytes are on the way: only with check(delivered=True).",
    "unexpected": "After expect() the call has written other bytes than expected, such as bytes twice.",
    "unwritten": "After expect() bytes were never written: only with check(delivered=True).",
    "abandoned": "No retry can finish the write: only of doomed().",
}
"""What each code of a loss means."""
