"""Which behaviours of a profile are read while something is done: seen by a copy that records."""

from __future__ import annotations

import threading

from emulator import Context, connected_pair
from emulator.profile import load_profile
from emulator.profiles.watch import Watched

WHAT_A_PAIR_READS = {
    "write.retry_length_check",
    "machine.design",
    "hello.client_extensions",
    "ciphers.suites",
}


def exchange(profile):
    client, server = connected_pair(profile)
    client.write(b"hello")
    assert server.read(10) == (5, b"hello")


def test_what_is_read_of_the_copy_is_recorded_by_its_key():
    watched = Watched(load_profile("1.0.2k"))
    assert watched.profile.write.bio_zero is load_profile("1.0.2k").write.bio_zero
    assert watched.profile.name
    assert watched.looked_at == {"write.bio_zero"}


def test_the_profile_itself_is_not_watched():
    profile = load_profile("1.0.2k")
    watched = Watched(profile)
    assert profile.write.bio_zero
    assert not watched.looked_at
    assert watched.profile == profile


def test_the_copy_of_a_copy_is_watched_too():
    watched = Watched(load_profile("1.0.2k"))
    other = watched.profile.with_build("no-asm")
    assert not watched.looked_at
    assert not other.build.assembler
    assert other.write.multiblock
    assert watched.looked_at == {"build.assembler", "write.multiblock"}


def test_two_profiles_are_watched_apart():
    one, other = Watched(load_profile("1.0.2k")), Watched(load_profile("1.0.2k"))
    assert one.profile.write.bio_zero
    assert other.profile.write.multiblock
    assert (one.looked_at, other.looked_at) == ({"write.bio_zero"}, {"write.multiblock"})


def test_a_section_that_a_release_lacks_is_lacking():
    assert Watched(load_profile("1.1.0l")).profile.tls13 is None
    assert Watched(load_profile("1.1.1w")).profile.tls13.early_alerts


def test_what_was_made_of_the_profile_before_and_cached_is_read_again_of_the_copy():
    """Cipher lists, tables of suites and of error strings, known versions."""
    exchange(load_profile("1.0.2k"))
    watched = Watched(load_profile("1.0.2k"))
    Context(watched.profile)
    assert {"ciphers.default_string", "ciphers.suites", "errors.strings"} <= watched.looked_at
    exchange(watched.profile)
    assert watched.looked_at >= WHAT_A_PAIR_READS | {"build.ssl3", "exists.protocols"}
    again = Watched(load_profile("1.0.2k"))
    exchange(again.profile)
    assert again.looked_at == watched.looked_at


def test_it_is_seen_in_every_thread_what_that_thread_s_profile_is_asked():
    names = ["0.9.8zh", "1.0.2k", "1.1.1w", "3.0"]
    alone = {}
    for name in names:
        watched = Watched(load_profile(name))
        exchange(watched.profile)
        alone[name] = watched.looked_at
    together = {name: Watched(load_profile(name)) for name in names}
    threads = [threading.Thread(target=exchange, args=(each.profile,)) for each in together.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: watched.looked_at for name, watched in together.items()} == alone
