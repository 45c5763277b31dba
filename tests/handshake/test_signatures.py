import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from emulator.handshake.common import signatures
from emulator.handshake.common.certificates import pem_certificates, public_key_of
from emulator.handshake.common.key_exchange import (
    EMULATED_GROUPS,
    BadPublicValue,
    DhKey,
    DhParameters,
    EcdhKey,
    read_point,
)
from emulator.handshake.common.messages import ParseError
from emulator.record.suite import Authentication

SCHEMES = [0x0101, 0x0201, 0x0301, 0x0401, 0x0501, 0x0601, 0x0804, 0x0805, 0x0806]
ECDSA_SCHEMES = [0x0203, 0x0303, 0x0403, 0x0503, 0x0603]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_rsa_signature_of_tls12_is_good_for_its_own_bytes_only(rsa_credential, scheme):
    key = rsa_credential.key.public_key()
    signature = signatures.sign_scheme(rsa_credential.key, scheme, b"data")
    assert signatures.verify_scheme(key, scheme, signature, b"data")
    assert not signatures.verify_scheme(key, scheme, signature, b"date")
    assert len(signature) == signatures.signature_size(key)


@pytest.mark.parametrize("scheme", ECDSA_SCHEMES)
def test_an_ecdsa_signature_of_tls12_is_good_for_its_own_bytes_only(ecdsa_credential, scheme):
    key = ecdsa_credential.key.public_key()
    signature = signatures.sign_scheme(ecdsa_credential.key, scheme, b"data")
    assert signatures.verify_scheme(key, scheme, signature, b"data")
    assert not signatures.verify_scheme(key, scheme, signature[:-1], b"data")


def test_older_versions_sign_two_hashes_with_rsa_and_one_with_ecdsa(rsa_credential, ecdsa_credential):
    digest = signatures.legacy_digest(b"data")
    assert len(digest) == 36
    for credential in (rsa_credential, ecdsa_credential):
        signature = signatures.sign_legacy(credential.key, digest)
        assert signatures.verify_legacy(credential.key.public_key(), signature, digest)
        assert not signatures.verify_legacy(credential.key.public_key(), signature, bytes(36))


@pytest.mark.parametrize(
    ("curve", "size"), [(ec.SECP256R1(), 72), (ec.SECP384R1(), 104), (ec.SECP521R1(), 141)]
)
def test_the_longest_ecdsa_signature_is_ecdsa_sizes(curve, size):
    """ECDSA_size() of OpenSSL: 72 for P-256, 104 for P-384, 141 for P-521."""
    assert signatures.signature_size(ec.generate_private_key(curve).public_key()) == size


def test_a_peer_that_names_no_algorithm_gets_sha1():
    assert signatures.choose_scheme(Authentication.RSA, None, (0x0401,)) == 0x0201
    assert signatures.choose_scheme(Authentication.ECDSA, None, (0x0403,)) == 0x0203


def test_the_peers_first_algorithm_that_fits_is_chosen():
    own = (0x0401, 0x0601, 0x0403)
    assert signatures.choose_scheme(Authentication.RSA, (0x0403, 0x0601, 0x0401), own) == 0x0601
    assert signatures.choose_scheme(Authentication.RSA, (0x0403,), own) is None


def test_the_key_of_the_public_fixture_is_found_without_parsing_the_certificate(rsa_credential):
    (certificate,) = rsa_credential.chain
    expected = rsa_credential.key.public_key().public_numbers()
    assert public_key_of(certificate).public_numbers() == expected
    with pytest.raises(ParseError):
        public_key_of(certificate[:-1])


def test_a_pem_file_holds_certificates_in_order():
    text = b"x\n-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n"
    assert pem_certificates(text * 2) == [b"\x00\x01\x02"] * 2


@pytest.mark.parametrize("group", sorted(EMULATED_GROUPS))
def test_both_ends_of_a_curve_get_one_secret(group):
    one, two = EcdhKey(group), EcdhKey(group)
    first = one.shared_secret(read_point(group, two.public))
    assert first == two.shared_secret(read_point(group, one.public))
    for bad in (b"", b"\x04", one.public[:-1], bytes(len(one.public))):
        with pytest.raises(BadPublicValue):
            one.shared_secret(read_point(group, bad))


def test_both_ends_of_diffie_hellman_get_one_secret():
    parameters = DhParameters(0xFFFFFFFFFFFFFFC5, 2)
    one, two = DhKey(parameters), DhKey(parameters)
    first = one.shared_secret(int.from_bytes(two.public, "big"))
    assert first == two.shared_secret(int.from_bytes(one.public, "big"))


@pytest.mark.parametrize("p", [1, 2, 3, 4, 5])
def test_a_group_that_is_none_still_gives_a_number(p):
    assert len(DhKey(DhParameters(p, 2)).shared_secret(3)) <= 1
