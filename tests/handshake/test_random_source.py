from __future__ import annotations

import random

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from emulator.api.common_settings import fixture_credential
from emulator.handshake.common.key_exchange import (
    AUTO_DH,
    EMULATED_GROUPS,
    DhKey,
    EcdhKey,
    read_point,
    rsa_encrypt,
)
from emulator.handshake.common.session import Session, TicketKeys


def source(seed):
    return random.Random(seed).randbytes


@pytest.mark.parametrize("group", sorted(EMULATED_GROUPS))
def test_the_same_source_gives_the_same_curve_key_and_another_gives_another(group):
    one, same, other = (EcdhKey(group, source(seed)) for seed in (1, 1, 2))
    assert one.public == same.public != other.public
    secret = one.shared_secret(read_point(group, other.public))
    assert secret == other.shared_secret(read_point(group, one.public))


def test_the_same_source_gives_the_same_diffie_hellman_key():
    one, same, other = (DhKey(AUTO_DH, source(seed)) for seed in (1, 1, 2))
    assert one.public == same.public != other.public


def test_a_secret_that_was_padded_from_a_source_decrypts():
    key = fixture_credential().key
    sealed = [rsa_encrypt(key.public_key(), b"secret" * 8, source(seed)) for seed in (1, 1, 2)]
    assert sealed[0] == sealed[1] != sealed[2]
    assert [key.decrypt(one, PKCS1v15()) for one in sealed] == [b"secret" * 8] * 3


def test_a_key_too_short_for_the_secret_is_refused_with_any_source():
    key = rsa.generate_private_key(65537, 1024).public_key()
    with pytest.raises(ValueError, match="short"):
        rsa_encrypt(key, bytes(118), source(1))


def test_tickets_of_the_same_source_are_equal():
    session = Session(version=0x0303, suite_id=0x2F, master_key=bytes(48))
    one, same, other = (
        TicketKeys.generate(16, source(seed)).seal(session, source(seed)) for seed in (1, 1, 2)
    )
    assert one == same != other
