"""How renegotiation is asked for and answered: the questions on which releases differ."""

from __future__ import annotations

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about


@question("Is renegotiation allowed at all?")
class Policy(Behaviour):
    ALLOWED = "allowed"
    BANNED = "banned", "no (0.9.8l): SSL_renegotiate() returns 0, HelloRequests are ignored"
    NO_RENEGOTIATION_OPTION = "no-renegotiation-option", "yes, without SSL_OP_NO_RENEGOTIATION"


@question("May a client start a renegotiation that the server did not ask for?")
class ClientInitiated(Behaviour):
    ALLOWED = "allowed"
    BY_OPTION = "by-option", "only with the server's SSL_OP_ALLOW_CLIENT_RENEGOTIATION"


@question("What does a server that starts a renegotiation do with a peer that lacks RFC 5746?")
class UnpatchedPeer(Behaviour):
    ASKED = "asked"
    REFUSED = "refused", "SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED before the HelloRequest"
    REFUSED_AT_HELLO = "refused-at-hello", "when its ClientHello arrives"


@question("How does a client that may not renegotiate answer a HelloRequest?")
class RefusedHelloRequest(Behaviour):
    NOTHING = "nothing"
    NO_RENEGOTIATION = "no-renegotiation", "a warning alert"


@question("Does a client answer a HelloRequest with its session or ask for a new one?")
class HelloRequestSession(Behaviour):
    NEW = "new"
    OFFERED = "offered"


@about("``[renegotiation]``: ssl_lib.c SSL_renegotiate(), s3_lib.c ssl3_renegotiate(), t1_reneg.c.")
class RenegotiationBehaviours(Section):
    policy: Policy
    client_initiated: ClientInitiated
    unpatched_peer: UnpatchedPeer
    refused_hello_request: RefusedHelloRequest
    hello_request_session: HelloRequestSession
