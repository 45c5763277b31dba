from __future__ import annotations

import io

import pytest
from rich.console import Console

import emulator
from emulator import Script
from emulator.comparison.table import show

SCRIPT = (
    Script("A retry that moved", about="Two buffers.", protocol="TLSv1.2")
    .establish()
    .client.capacity(3000)
    .client.write(40_000)
    .client.write(40_000, buffer="b")
)


def printed(comparison, width=120, **options):
    file = io.StringIO()
    show(comparison, Console(file=file, width=width), **options)
    return file.getvalue()


def test_a_comparison_prints_as_a_table_with_its_differences_marked():
    lines = str(emulator.compare(SCRIPT, ["1.0.1", "1.1.1", "0.9.8"])).splitlines()
    assert lines[:2] == ["A retry that moved", "Two buffers."]
    heads = next(line for line in lines if "1.0.1u" in line)
    assert heads.split() == ["1.0.1", "(1.0.1u)", "1.1.1", "(1.1.1w)", "0.9.8", "(0.9.8zh)"]
    assert [line for line in lines if line.startswith("* ")] == [
        next(line for line in lines if "buffer=b" in line),
        "* marks where the columns differ: 1 of 4 calls.",
    ]
    assert any("SSL3_WRITE_PENDING" in line and "ssl3_write_pending" in line for line in lines)
    assert any(line.startswith("  (the end)") and "not supported: TLSv1.2" in line for line in lines)


def test_no_difference_is_said():
    assert str(emulator.compare(SCRIPT, ["1.0.1", "1.0.1"])).endswith("No call differs.")


def test_rows_that_do_not_differ_can_be_left_out():
    text = printed(emulator.compare(SCRIPT, ["1.0.1", "1.1.1"]), only_differences=True)
    assert "buffer=b" in text
    assert "establish" not in text


def test_why_names_the_behaviours_below_the_row():
    text = printed(emulator.compare(SCRIPT, ["1.1.1", "3.0"]), why=True)
    row, reason, *_ = [line for line in text.splitlines() if "buffer=b" in line or "errors: " in line]
    assert row.startswith("* client write")
    text = "1.1.1 -> 3.0, errors: errors.function_field function -> empty; errors.packing lib-func-reason"
    assert reason.strip() == f"{text} -> lib-reason"


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_it_fits_any_terminal_and_any_number_of_lanes(width):
    comparison = emulator.compare(SCRIPT)
    text = printed(comparison, width)
    assert max(map(len, text.splitlines())) <= width
    for lane in comparison.lanes:
        assert lane.name in text


def test_both_authorities_have_columns_that_say_so():
    text = printed(emulator.compare(SCRIPT, "1.0.1", follow="both"))
    assert text.count("by the manual") == 1


def test_a_page_of_html_holds_the_comparison():
    comparison = emulator.compare(SCRIPT, ["1.0.1", "1.1.1"])
    page = comparison.to_html()
    assert page.lstrip().startswith("<!")
    assert "A retry that moved" in page
    assert "client write 40000 buffer=b" in page
    assert "client write 40000 buffer=b" in comparison._repr_html_()
