"""Handshake messages: what is known, needed and looked at; what a refusal is called is in ``faults``."""

from __future__ import annotations

from emulator.behaviours.behaviour import Behaviour, question
from emulator.behaviours.faults import Fault, FaultText
from emulator.behaviours.section import Section, about, doc


@question("Where does a method for several versions choose one?")
class VersionChoice(Behaviour):
    # up to 1.0.2
    FIRST_RECORD = (
        "first-record",
        "in ssl23_get_client_hello() and ssl23_get_server_hello(), by the first bytes; then the method "
        "changes",
    )

    # from 1.1.0
    MESSAGE_START = (
        "message-start",
        "in ssl_choose_server_version() and ssl_choose_client_version(); a server's before it parses the "
        "rest of the ClientHello",
    )

    # from 1.1.1
    MESSAGE = "message", "in the same functions; a server's after it has parsed the whole ClientHello"


@question("Which version does the ClientHello of a renegotiation offer?")
class RenegotiationVersion(Behaviour):
    # up to 1.0.0
    NEGOTIATED = "negotiated", "the one in use: ssl3_client_hello() sets s->client_version = s->version"

    # from 1.0.1
    FIRST = "first", "that of the first ClientHello: servers compare it with the RSA premaster secret"


@question("When does a server put the client's server_name into the session, and so into tickets?")
class SessionHostname(Behaviour):
    PARSED = "parsed", "when it has parsed the extension"  # up to 1.1.0
    ACKNOWLEDGED = "acknowledged", "when a callback has accepted the name"  # from 1.1.1


@question("When do the random bytes of a hello begin with the time (gmt_unix_time)?")
class HelloTime(Behaviour):
    # up to 1.0.1e
    ALWAYS = "always"
    # from 1.0.1f
    IF_ASKED = "if-asked", "with SSL_MODE_SEND_CLIENTHELLO_TIME or SSL_MODE_SEND_SERVERHELLO_TIME"


@question("Does the release implement RFC 5746 (secure renegotiation)?")
class SecureRenegotiation(Behaviour):
    UNKNOWN = "unknown", "no"  # up to 0.9.8l
    RFC5746 = "rfc5746", "yes"  # from 0.9.8m


@question("Which extensions of an SSLv3 ClientHello does a server process?")
class Ssl3ExtensionsTaken(Behaviour):
    # up to 0.9.8l, and from 1.1.0
    RENEGOTIATION_INFO = "renegotiation-info", "renegotiation_info, where the release knows it"

    # 0.9.8m to 1.0.2
    ALL = "all", "all but session_ticket: it answers a heartbeat, and refuses a malformed extension"


@question("Does the release implement session tickets (RFC 5077)?")
class Tickets(Behaviour):
    UNKNOWN = "unknown", "no"  # up to 0.9.8i
    RFC5077 = "rfc5077", "yes"  # from 0.9.8j


@question("Does the release negotiate the extended master secret (RFC 7627)?")
class ExtendedMasterSecret(Behaviour):
    UNKNOWN = "unknown", "no"  # up to 1.0.2
    RFC7627 = "rfc7627", "yes"  # from 1.1.0
    UNLESS_OPTION = "unless-option", "yes, unless SSL_OP_NO_EXTENDED_MASTER_SECRET is set"  # from 3.0


@question("Do the random bytes of a server mark a version below its highest (RFC 8446, section 4.1.3)?")
class DowngradeSentinel(Behaviour):
    UNKNOWN = "unknown", "no, and a client does not look for the mark"  # up to 1.1.0
    RFC8446 = "rfc8446", "yes, and a client refuses the mark"  # from 1.1.1


@question("Does a server look for TLS_FALLBACK_SCSV (RFC 7507)?")
class FallbackCheck(Behaviour):
    # up to 0.9.8zb, 1.0.0n and 1.0.1i
    IGNORED = "ignored", "no"
    # from 0.9.8zc, 1.0.0o and 1.0.1j
    RFC7507 = "rfc7507", "yes: it refuses the hello if it knows a higher version"


@question("What must a program do so that its server can use ECDHE?")
class EcdheServer(Behaviour):
    # up to 1.0.1
    CURVE = "curve", "call SSL_CTX_set_tmp_ecdh()"

    # from 1.0.2
    CURVE_OR_AUTO = "curve-or-auto", "call SSL_CTX_set_tmp_ecdh() or SSL_CTX_set_ecdh_auto()"

    # from 1.1.0
    NOTHING = (
        "nothing",
        "nothing: the server chooses a curve that both have; SSL_CTX_set_tmp_ecdh() reduces its list to one",
    )


@question("What must a program do so that its server can use DHE?")
class DheServer(Behaviour):
    # up to 1.0.2
    PARAMETERS = "parameters", "call SSL_CTX_set_tmp_dh()"

    # from 1.1.0
    PARAMETERS_OR_AUTO = "parameters-or-auto", "call SSL_CTX_set_tmp_dh() or SSL_CTX_set_dh_auto()"


@question("Which curves may a server use if the ClientHello names none?")
class MissingGroups(Behaviour):
    ANY = "any", "any, as RFC 4492 allows"  # up to 1.1.0c
    NONE = "none"  # from 1.1.0d


@question("Which curve of a ServerKeyExchange does a client accept?")
class PeerCurve(Behaviour):
    KNOWN = "known", "any that the library knows"  # up to 1.0.1

    OWN_LIST = "own-list", "one of the list that it offered: tls1_check_curve()"  # from 1.0.2


@question("Which signature algorithm of TLS 1.2 is accepted in a peer's message?")
class PeerSignature(Behaviour):
    KEY_TYPE = "key-type", "any that fits the key and whose hash is known"  # up to 1.0.1

    OFFERED = "offered", "one that was offered: tls12_check_peer_sigalg()"  # from 1.0.2


@question("When does a client compare the server's key with the suite (ssl3_check_cert_and_algorithm())?")
class CertificateCheck(Behaviour):
    # up to 1.0.2
    KEY_EXCHANGE = "key-exchange", "after ServerKeyExchange, or after the message that comes in its place"

    # from 1.1.0
    SERVER_DONE = "server-done", "at ServerHelloDone"


@question("When does a client refuse a Diffie-Hellman prime that is too short (CVE-2015-4000)?")
class DhSizeCheck(Behaviour):
    NEVER = "never"  # up to 1.0.1m and 1.0.2a
    CERTIFICATE_CHECK = "certificate-check", "in ssl3_check_cert_and_algorithm()"  # from 1.0.1n and 1.0.2b
    KEY_EXCHANGE = "key-exchange", "when it parses the ServerKeyExchange"  # from 1.1.0


@question("Which encrypted premaster secrets does a server refuse before it decrypts them?")
class RsaCiphertext(Behaviour):
    # up to 1.0.0o and 1.0.1j
    ANY_LENGTH = "any-length", "none"
    # from 1.0.0p and 1.0.1k
    AT_LEAST_PREMASTER = "at-least-premaster", "those of fewer than 48 bytes (SSL_MAX_MASTER_KEY_LENGTH)"

    # from 1.1.0
    BELOW_MODULUS = (
        "below-modulus",
        "those that are longer than the key or not below its modulus: RSA_NO_PADDING comes first",
    )


@question("What does a server do with extensions whose lengths do not add up?")
class ExtensionTail(Behaviour):
    # up to 1.0.1m and 1.0.2a
    IGNORED = (
        "ignored",
        "it parses up to the first extension that is cut short, and ignores the rest; of the length of all "
        "extensions it only checks that the message is not shorter",
    )
    # 1.0.1n to 1.0.1p, and 1.0.2b to 1.0.2d
    REFUSED_AT_THE_END = (
        "refused-at-the-end",
        "it refuses the ClientHello if the last extension does not end where the message ends, and if there "
        "are none behind their length; otherwise the length of all extensions may be too small",
    )
    # from 1.0.1q and 1.0.2e
    REFUSED = "refused", "it refuses the ClientHello"


@question("Which extensions of a ServerHello does a client refuse because it did not send them?")
class ExtensionChecks(Behaviour):
    KNOWN = "known", "server_name, session_ticket and status_request, each in its own check"  # up to 1.1.0

    ALL = "all", "all, and every second one of a type: tls_collect_extensions()"  # from 1.1.1


@about("``[handshake]``: s3_clnt.c, s3_srvr.c, t1_lib.c, t1_reneg.c; from 1.1.0 statem_*.c, extensions*.c.")
class HandshakeSection(Section):
    version_choice: VersionChoice
    renegotiation_version: RenegotiationVersion
    hello_time: HelloTime
    secure_renegotiation: SecureRenegotiation
    ssl3_extensions: Ssl3ExtensionsTaken
    tickets: Tickets
    session_hostname: SessionHostname
    ticket_key_length: int = doc("The bytes of the AES key, and of the HMAC key, of tickets.")
    extended_master_secret: ExtendedMasterSecret
    downgrade_sentinel: DowngradeSentinel
    fallback_scsv: FallbackCheck
    ecdhe_server: EcdheServer
    dhe_server: DheServer
    missing_groups: MissingGroups
    known_groups: tuple[int, ...] = doc(
        "The named groups (RFC 8422, section 5.1.1) that a client knows in a ServerKeyExchange."
    )
    peer_curve: PeerCurve
    peer_signature: PeerSignature
    certificate_check: CertificateCheck
    dh_size_check: DhSizeCheck
    dh_minimum_bits: int = doc("The shortest Diffie-Hellman prime that a client accepts, in bits.")
    rsa_ciphertext: RsaCiphertext
    client_extension_tail: ExtensionTail
    extension_checks: ExtensionChecks
    session_groups: bool = doc("Whether a session, and so a ticket, holds the group of its key exchange.")
    session_timeout: int = doc(
        "How many seconds a session can be resumed that was made with TLS_method or a method for one version."
    )
    session_timeout_v23: int = doc(
        "How many seconds a session can be resumed that was made with SSLv23_method."
    )
    longest_messages: dict[str, int] = doc(
        "The longest body of each message, by its name; a longer one is SSL_R_EXCESSIVE_MESSAGE_SIZE."
    )
    failures: dict[Fault, FaultText] = doc(
        "What each refusal looks like; this release does not refuse what is missing or empty."
    )
