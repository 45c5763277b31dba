"""Handshake messages: what is known, needed and looked at; what a refusal is called is in ``faults``."""

from __future__ import annotations

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.faults import Fault, FaultText
from emulator.behaviours.section import Section, about, doc


@question("At which step does a connection with several versions choose one?")
class VersionChoice(Behaviour):
    FIRST_RECORD = (
        "first-record",
        "ssl23_get_client_hello() and ssl23_get_server_hello() read its bytes, then change the method.",
    )

    MESSAGE_START = (
        "message-start",
        "ssl_choose_server_version() and ssl_choose_client_version(); a server calls it before it "
        "parses the rest of the ClientHello.",
    )

    MESSAGE = "message", "The same, but a server parses the whole ClientHello before."


@question("Which version does the ClientHello of a renegotiation offer?")
class RenegotiationVersion(Behaviour):
    NEGOTIATED = "negotiated", "The one in use: ssl3_client_hello() sets ``client_version`` to ``version``."

    FIRST = "first", "That of the first ClientHello."


@question("When does a server put the client's server_name into the session, and so into tickets?")
class SessionHostname(Behaviour):
    PARSED = "parsed"
    ACKNOWLEDGED = "acknowledged", "When a callback has accepted it."


@question("When do a hello's random bytes begin with the time (gmt_unix_time)?")
class HelloTime(Behaviour):
    ALWAYS = "always"
    IF_ASKED = "if-asked", "With SSL_MODE_SEND_CLIENTHELLO_TIME or SSL_MODE_SEND_SERVERHELLO_TIME."


@question("Does the release implement RFC 5746?")
class SecureRenegotiation(Behaviour):
    UNKNOWN = "unknown"
    RFC5746 = "rfc5746"


@question("Which extensions of an SSLv3 ClientHello, as in a renegotiation, does a server process?")
class Ssl3Extensions(Behaviour):
    RENEGOTIATION_INFO = "renegotiation-info", "Only this one, if the release has it."

    ALL = "all", "All except tickets: heartbeats are answered, and a malformed extension is refused."


@question("Does the release have session tickets (RFC 5077)?")
class Tickets(Behaviour):
    UNKNOWN = "unknown"
    RFC5077 = "rfc5077"


@question("Does the release have the extended master secret (RFC 7627)?")
class ExtendedMasterSecret(Behaviour):
    UNKNOWN = "unknown"
    RFC7627 = "rfc7627"
    UNLESS_OPTION = "unless-option", "yes, without SSL_OP_NO_EXTENDED_MASTER_SECRET: from 3.0 on"


@question("Do a server's random bytes mark a version below the highest (RFC 8446, section 4.1.3)?")
class DowngradeSentinel(Behaviour):
    UNKNOWN = "unknown"
    RFC8446 = "rfc8446"


@question("Does a server look for TLS_FALLBACK_SCSV (RFC 7507)?")
class FallbackScsv(Behaviour):
    IGNORED = "ignored"
    RFC7507 = "rfc7507"


@question("What does a server need to use ECDHE?")
class EcdheServer(Behaviour):
    CURVE = "curve", "SSL_CTX_set_tmp_ecdh()."

    CURVE_OR_AUTO = "curve-or-auto", "That, or SSL_CTX_set_ecdh_auto()."

    NOTHING = (
        "nothing",
        "Nothing: it chooses among the curves that both have. SSL_CTX_set_tmp_ecdh() reduces its "
        "own list to one.",
    )


@question("What does a server need to use DHE?")
class DheServer(Behaviour):
    PARAMETERS = "parameters", "SSL_CTX_set_tmp_dh()."

    PARAMETERS_OR_AUTO = "parameters-or-auto", "That, or SSL_CTX_set_dh_auto()."


@question("Which curves may a server use with a client that names none?")
class MissingGroups(Behaviour):
    ANY = "any"
    NONE = "none"


@question("Which curve of a ServerKeyExchange does a client accept?")
class PeerCurve(Behaviour):
    KNOWN = "known", "Any curve that it has."

    OWN_LIST = "own-list", "One of its own list."


@question("Which signature algorithm of TLS 1.2 is accepted in a peer's message?")
class PeerSignature(Behaviour):
    KEY_TYPE = "key-type", "Any that fits the key and whose hash the release has."

    OFFERED = "offered", "Only one that was offered."


@question("When does a client compare the server's key with the suite (ssl3_check_cert_and_algorithm())?")
class CertificateCheck(Behaviour):
    KEY_EXCHANGE = "key-exchange", "After ServerKeyExchange, or in its place if it did not come."

    SERVER_DONE = "server-done"


@question("When does a client check that a Diffie-Hellman prime is long enough?")
class DhSizeCheck(Behaviour):
    NEVER = "never"
    CERTIFICATE_CHECK = "certificate-check"
    KEY_EXCHANGE = "key-exchange"


@question("Which encrypted premaster secrets does a server refuse before decryption?")
class RsaCiphertext(Behaviour):
    ANY_LENGTH = "any-length"
    AT_LEAST_PREMASTER = "at-least-premaster", "Shorter than 48 bytes is refused."

    BELOW_MODULUS = (
        "below-modulus",
        "A number that is longer than the key or not below its modulus is refused, because it is "
        "decrypted without padding first.",
    )


@question("What happens to extensions whose lengths do not add up?")
class ExtensionTail(Behaviour):
    IGNORED = "ignored", "Parsing stops, and the rest is ignored."

    REFUSED = "refused"


@question("Which extensions of a ServerHello are refused if the client did not send them?")
class ExtensionChecks(Behaviour):
    KNOWN = "known", "server_name, session_ticket and status_request, by separate checks."

    ALL = (
        "all",
        "Every extension that the client did not send, and every second one of a type "
        "(tls_collect_extensions()).",
    )


@about("``[handshake]``: s3_clnt.c, s3_srvr.c, t1_lib.c, t1_reneg.c; from 1.1.0 statem_*.c, extensions*.c.")
class HandshakeSection(Section):
    version_choice: VersionChoice
    renegotiation_version: RenegotiationVersion
    hello_time: HelloTime
    secure_renegotiation: SecureRenegotiation
    ssl3_extensions: Ssl3Extensions
    tickets: Tickets
    session_hostname: SessionHostname
    ticket_key_length: int = doc("Bytes of a ticket's AES and HMAC keys.")
    extended_master_secret: ExtendedMasterSecret
    downgrade_sentinel: DowngradeSentinel
    fallback_scsv: FallbackScsv
    ecdhe_server: EcdheServer
    dhe_server: DheServer
    missing_groups: MissingGroups
    known_groups: tuple[int, ...] = doc(
        "The named groups (RFC 8422, section 5.1.1) that a client recognises in a ServerKeyExchange."
    )
    peer_curve: PeerCurve
    peer_signature: PeerSignature
    certificate_check: CertificateCheck
    dh_size_check: DhSizeCheck
    dh_minimum_bits: int = doc("The shortest Diffie-Hellman prime that a client accepts, in bits.")
    rsa_ciphertext: RsaCiphertext
    client_extension_tail: ExtensionTail
    extension_checks: ExtensionChecks
    session_groups: bool = doc("Whether a session, and so a ticket, names the group of its key exchange.")
    session_timeout: int = doc(
        "Seconds that a session of TLS_method and of methods for one version may be resumed."
    )
    session_timeout_v23: int = doc("The same for SSLv23_method.")
    longest_messages: dict[str, int] = doc(
        "The longest body of each message, by its name: more is SSL_R_EXCESSIVE_MESSAGE_SIZE."
    )
    failures: dict[Fault, FaultText] = doc(
        "What each refusal looks like; one that is missing or empty is not made by this release."
    )
