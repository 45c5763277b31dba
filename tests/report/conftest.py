"""Comparisons as ``Comparison.as_json()`` gives them, written by hand, and a browser to look at them."""

from __future__ import annotations

import copy
import shutil

import pytest
from playwright.sync_api import sync_playwright

EVIL = "<script>alert('x')</script> </script><!-- \u2028 & \"q\" 'a'"
RETRY = "error:1409F07F:SSL routines:SSL3_WRITE_PENDING:bad write retry"
KEY = "write.after_bad_retry"
QUESTION = "What does a refused retry leave behind?"


def make_record(sender="client", kind=23, name="application_data", length=300, **more):
    body = bytes(range(256)) * (length // 256 + 1)
    text = bytes([kind]) + b"\x03\x03" + length.to_bytes(2, "big") + body[:length]
    found = {"sender": sender, "type": kind, "type_name": name, "version": "0x0303", "length": length}
    return {**found, "hex": text.hex(), "complete": True, "continued": False, **more}


def make_cell(ret=None, error=None, group=0, **more):
    told = error is not None
    answer = {
        "ret": ret,
        "error": error,
        "errno": 0,
        "queue": [],
        "want": "NOTHING" if told else None,
        "shutdown": 0,
        "in_init": False if told else None,
        "extra": {},
    }
    rest = {"blocked": False, "completed": None, "completed_after": None, "skipped": None, "missing": False}
    return {
        **answer,
        **rest,
        "records": [],
        "bytes": 0,
        "manual": [],
        "promise": None,
        "group": group,
        **more,
    }


def make_row(index, title, cells, decided=()):
    who, _, do = title.rpartition(" ")
    groups = {cell["group"] for cell in cells if cell}
    return {
        "index": index,
        "title": title,
        "who": who.split(" ")[0] or None,
        "do": do,
        "differs": len(groups) > 1,
        "cells": cells,
        "decided": list(decided),
    }


def make_lane(name, **more):
    found = {"name": name, "release": f"{name}z", "follow": "library", "protocol": "TLSv1.2"}
    return {**found, "cipher": "AES128-SHA", "outcome": None, **more}


def make_comparison(title, lanes, rows, about="What it shows.", source="@hand"):
    return {"title": title, "about": about, "source": source, "lanes": lanes, "rows": rows}


def moved():
    """Three releases part over a moved buffer; a fourth lacks the protocol."""
    manual = [{"page": "SSL_write(3) of a release", "key": "manual.retry", "words": "The same buffer."}]
    wants = {
        "want": "WRITING",
        "records": [make_record(length=16408, complete=False, hex="1703034018" + "ab" * 99)],
    }
    alert = make_record("server", 21, "alert", 2, hex="15030300020228")
    behaviour = {"key": KEY, "left": "recoverable", "right": "fatal", "question": QUESTION}
    decided = [{"left": 0, "right": 2, "behaviours": [behaviour]}]
    lanes = [make_lane("1.0.0"), make_lane("1.0.1"), make_lane("1.1.0")]
    lacks = make_lane("0.9.8", protocol=None, cipher=None, outcome={"kind": "unsupported", "what": "TLSv1.2"})
    rows = [
        make_row(0, "client capacity 3000", [*(make_cell() for _ in lanes), None]),
        make_row(1, "client write 40000", [*(make_cell(-1, "WANT_WRITE", **wants) for _ in lanes), None]),
        make_row(
            2,
            "client write 40000 buffer=b",
            [
                make_cell(-1, "SSL", queue=[RETRY], manual=manual),
                make_cell(-1, "SSL", queue=[RETRY]),
                make_cell(-1, "SSL", 1, queue=[RETRY], in_init=True, records=[make_record(), alert]),
                None,
            ],
            decided,
        ),
        make_row(
            3,
            "client write 40000",
            [
                *(make_cell(40000, "NONE", 0, bytes=300, records=[make_record()] * 12) for _ in range(2)),
                make_cell(-1, "SYSCALL", 1, shutdown=3),
                None,
            ],
        ),
        make_row(
            4,
            "server read 9",
            [*(make_cell(9, "NONE", extra={"data": {"len": 9, "crc32": 7}}) for _ in lanes), None],
        ),
    ]
    return make_comparison("A retry from a moved buffer", [*lanes, lacks], rows)


def ends():
    """A call that blocks and returns, one that is skipped, a function that is missing, and a crash."""
    crash = {"kind": "crash", "signal": "SIGSEGV", "why": "an over-read"}
    lanes = [make_lane("1.0.1"), make_lane("0.9.8", outcome=crash)]
    completed = {
        key: make_cell(5, "NONE")[key] for key in ("ret", "error", "errno", "queue", "want", "extra")
    }
    blocked = make_cell(blocked=True, completed=completed, completed_after=2)
    rows = [
        make_row(0, "client write 5", [blocked, make_cell(-1, "WANT_READ", 1)]),
        make_row(
            1, "client read 5", [make_cell(skipped="side is blocked"), make_cell(missing=True, group=1)]
        ),
        make_row(2, "client wake", [make_cell(), None]),
        make_row(3, "client write -5", [make_cell(-1, "SSL", queue=["no error's form"]), None]),
    ]
    return make_comparison("Ends", lanes, rows)


def alike():
    """Two lanes that agree in everything."""
    lanes = [make_lane("1.0.1"), make_lane("1.1.0")]
    return make_comparison(
        "Nothing differs", lanes, [make_row(0, "client write 1", [make_cell(1, "NONE")] * 2)]
    )


def evil():
    """Texts that would be markup."""
    cells = [make_cell(-1, "SSL", queue=[f"error:1:a:{EVIL}:{EVIL}"]), make_cell(1, "NONE", 1)]
    behaviour = {"key": EVIL, "left": EVIL, "right": EVIL, "question": EVIL}
    row = make_row(0, EVIL, cells, [{"left": 0, "right": 1, "behaviours": [behaviour]}])
    cells[0]["manual"] = [{"page": EVIL, "key": EVIL, "words": EVIL}]
    return make_comparison(EVIL, [make_lane(EVIL), make_lane("b")], [row], EVIL, EVIL)


MADE = {"moved": moved(), "ends": ends(), "alike": alike(), "evil": evil()}


@pytest.fixture
def made():
    """The hand-made comparisons by their names, to alter at will."""
    return copy.deepcopy(MADE)


@pytest.fixture
def make():
    """What makes a comparison out of groups alone: a list of rows, each a list of one group per lane."""

    def of_groups(groups, title="Groups"):
        lanes = [make_lane(f"r{index}") for index in range(len(groups[0]))]
        rows = [
            make_row(
                index,
                "client write 1",
                [None if group is None else make_cell(1, "NONE", group) for group in row],
            )
            for index, row in enumerate(groups)
        ]
        return make_comparison(title, lanes, rows)

    return of_groups


@pytest.fixture(scope="module")
def chromium():
    """A headless Chromium that is driven by the DevTools protocol; a missing one fails.

    Not of the whole session: its driver has a thread, and other tests count threads.
    """
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "these tests need chromium; ./dev test installs it"
    flags = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=flags, chromium_sandbox=False)
        yield browser
        browser.close()
