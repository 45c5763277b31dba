"""How renegotiation is asked for and answered: the questions on which releases differ."""

from __future__ import annotations

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.section import Section, about


@question("Is renegotiation allowed?")
class Policy(Behaviour):
    # up to 1.1.0g, but not 0.9.8l
    ALLOWED = "allowed", "yes"
    # only 0.9.8l
    BANNED = "banned", "no: SSL_renegotiate() returns 0, and a HelloRequest is ignored (CVE-2009-3555)"
    # from 1.1.0h
    NO_RENEGOTIATION_OPTION = "no-renegotiation-option", "yes, unless SSL_OP_NO_RENEGOTIATION is set"


@question("May a client start a renegotiation without a HelloRequest?")
class ClientInitiated(Behaviour):
    ALLOWED = "allowed", "yes"  # up to 1.1.1
    BY_OPTION = "by-option", "only if the server has SSL_OP_ALLOW_CLIENT_RENEGOTIATION"  # from 3.0


@question("What does a server do that starts a renegotiation with a client which lacks RFC 5746?")
class UnpatchedPeer(Behaviour):
    # up to 0.9.8l
    ASKED = "asked", "it sends the HelloRequest and renegotiates"
    # from 0.9.8m
    REFUSED = "refused", "SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED, and no HelloRequest is sent"
    # from 1.1.1
    REFUSED_AT_HELLO = (
        "refused-at-hello",
        "it sends the HelloRequest, and refuses the ClientHello that answers it",
    )


@question("How does a client that may not renegotiate answer a HelloRequest?")
class RefusedHelloRequest(Behaviour):
    NOTHING = "nothing", "not at all"  # up to 1.1.0g
    NO_RENEGOTIATION = "no-renegotiation", "by a warning no_renegotiation"  # from 1.1.0h


@question("Which session does a client offer that answers a HelloRequest?")
class HelloRequestSession(Behaviour):
    NEW = "new", "none: the handshake is a full one"  # up to 1.0.0
    OFFERED = "offered", "the session in use: the handshake may be an abbreviated one"  # from 1.0.1


@about("``[renegotiation]``: ssl_lib.c SSL_renegotiate(), s3_lib.c ssl3_renegotiate(), t1_reneg.c.")
class RenegotiationBehaviours(Section):
    policy: Policy
    client_initiated: ClientInitiated
    unpatched_peer: UnpatchedPeer
    refused_hello_request: RefusedHelloRequest
    hello_request_session: HelloRequestSession
