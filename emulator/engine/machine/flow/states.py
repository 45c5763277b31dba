"""The states of the message flow (statem.h), and the decisions of its steps."""

from __future__ import annotations

from enum import StrEnum

CCS_MESSAGE = 0x101
"""SSL3_MT_CHANGE_CIPHER_SPEC: a ChangeCipherSpec counts as a message here."""


class Flow(StrEnum):
    """``st->state``."""

    UNINITED = "uninited"
    RENEGOTIATE = "renegotiate"  # 1.1.0
    WRITING = "writing"
    READING = "reading"
    FINISHED = "finished"
    ERROR = "error"


class Hand(StrEnum):
    """``st->hand_state`` without its ``TLS_ST_``."""

    BEFORE = "BEFORE"
    OK = "OK"
    CW_CLNT_HELLO = "CW_CLNT_HELLO"
    CR_SRVR_HELLO = "CR_SRVR_HELLO"
    CR_CERT = "CR_CERT"
    CR_CERT_STATUS = "CR_CERT_STATUS"
    CR_KEY_EXCH = "CR_KEY_EXCH"
    CR_CERT_REQ = "CR_CERT_REQ"
    CR_SRVR_DONE = "CR_SRVR_DONE"
    CR_SESSION_TICKET = "CR_SESSION_TICKET"
    CR_CHANGE = "CR_CHANGE"
    CR_FINISHED = "CR_FINISHED"
    CR_HELLO_REQ = "CR_HELLO_REQ"
    CR_ENCRYPTED_EXTENSIONS = "CR_ENCRYPTED_EXTENSIONS"
    CR_CERT_VRFY = "CR_CERT_VRFY"
    CR_KEY_UPDATE = "CR_KEY_UPDATE"
    CW_CERT = "CW_CERT"
    CW_KEY_EXCH = "CW_KEY_EXCH"
    CW_CERT_VRFY = "CW_CERT_VRFY"
    CW_CHANGE = "CW_CHANGE"
    CW_FINISHED = "CW_FINISHED"
    CW_END_OF_EARLY_DATA = "CW_END_OF_EARLY_DATA"
    CW_KEY_UPDATE = "CW_KEY_UPDATE"
    PENDING_EARLY_DATA_END = "PENDING_EARLY_DATA_END"
    EARLY_DATA = "EARLY_DATA"
    SW_HELLO_REQ = "SW_HELLO_REQ"
    SR_CLNT_HELLO = "SR_CLNT_HELLO"
    SW_SRVR_HELLO = "SW_SRVR_HELLO"
    SW_CERT = "SW_CERT"
    SW_KEY_EXCH = "SW_KEY_EXCH"
    SW_CERT_REQ = "SW_CERT_REQ"
    SW_SRVR_DONE = "SW_SRVR_DONE"
    SR_CERT = "SR_CERT"
    SR_KEY_EXCH = "SR_KEY_EXCH"
    SR_CERT_VRFY = "SR_CERT_VRFY"
    SR_CHANGE = "SR_CHANGE"
    SR_FINISHED = "SR_FINISHED"
    SW_SESSION_TICKET = "SW_SESSION_TICKET"
    SW_CHANGE = "SW_CHANGE"
    SW_FINISHED = "SW_FINISHED"
    SW_ENCRYPTED_EXTENSIONS = "SW_ENCRYPTED_EXTENSIONS"
    SW_CERT_VRFY = "SW_CERT_VRFY"
    SW_KEY_UPDATE = "SW_KEY_UPDATE"
    SR_END_OF_EARLY_DATA = "SR_END_OF_EARLY_DATA"
    SR_KEY_UPDATE = "SR_KEY_UPDATE"


class Sub(StrEnum):
    """``st->read_state`` and ``st->write_state``: where the inner machine goes on after it was blocked."""

    HEADER = "header"
    BODY = "body"
    TRANSITION = "transition"
    SEND = "send"
    POST_WORK = "post-work"


class Progress(StrEnum):
    """SUB_STATE_RETURN and WORK_STATE: the decision of a step."""

    CONTINUE = "continue"
    FINISHED = "finished"
    END_HANDSHAKE = "end-handshake"
    STOP = "stop"
