"""How renegotiation is asked for and answered: the questions on which releases differ."""

from __future__ import annotations

from enum import StrEnum

from emulator.behaviours.section import Section


class Policy(StrEnum):
    """Is renegotiation allowed at all?"""

    ALLOWED = "allowed"
    BANNED = "banned"  # 0.9.8l: SSL_renegotiate() answers 0, HelloRequests are ignored
    NO_RENEGOTIATION_OPTION = "no-renegotiation-option"  # unless SSL_OP_NO_RENEGOTIATION


class ClientInitiated(StrEnum):
    """May a client start a renegotiation that the server did not ask for?"""

    ALLOWED = "allowed"
    BY_OPTION = "by-option"  # only with the server's SSL_OP_ALLOW_CLIENT_RENEGOTIATION


class UnpatchedPeer(StrEnum):
    """What does a server that starts a renegotiation do with a peer that lacks RFC 5746?"""

    ASKED = "asked"
    REFUSED = "refused"  # SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED before the HelloRequest
    REFUSED_AT_HELLO = "refused-at-hello"  # when its ClientHello arrives


class RefusedHelloRequest(StrEnum):
    """What does a client that may not renegotiate answer to a HelloRequest?"""

    NOTHING = "nothing"
    NO_RENEGOTIATION = "no-renegotiation"  # a warning alert


class HelloRequestSession(StrEnum):
    """Does a client answer a HelloRequest with its session or ask for a new one?"""

    NEW = "new"
    OFFERED = "offered"


class RenegotiationBehaviours(Section):
    """``[renegotiation]``: ssl_lib.c SSL_renegotiate(), s3_lib.c ssl3_renegotiate(), t1_reneg.c."""

    policy: Policy
    client_initiated: ClientInitiated
    unpatched_peer: UnpatchedPeer
    refused_hello_request: RefusedHelloRequest
    hello_request_session: HelloRequestSession
