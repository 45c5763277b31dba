"""The report in a real browser: what it shows, how it is used, and that nothing goes wrong in it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from emulator.report import render

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
SELECTED = "td[aria-expanded='true']"

CONTRASTS = """() => {
  const channels = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => {
    const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = rgb.map((channel) => linear(channel / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const found = channels(getComputedStyle(at).backgroundColor);
      if (found.length === 3) return found;
    }
    return [255, 255, 255];
  };
  const poor = [];
  let seen = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest(":disabled")) continue;
    if (!element.checkVisibility()) continue;
    const [a, b] = [channels(getComputedStyle(element).color).slice(0, 3), ground(element)].map(light);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    seen += 1;
    if (ratio < 4.5) poor.push([element.className, walker.currentNode.data, ratio]);
  }
  return { seen, poor, ground: light(ground(document.body)) };
}"""


@pytest.fixture(scope="module")
def look(chromium, tmp_path_factory):
    """What opens HTML in the browser, and a list of all that was complained of or asked of a network."""
    folder = tmp_path_factory.mktemp("report")
    wrong = []
    contexts = []

    def opened(html, viewport=DESK, **options):
        path = folder / f"{len(contexts)}.html"
        path.write_text(html, encoding="utf-8")
        context = chromium.new_context(viewport=viewport, offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: wrong.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: request.url == path.as_uri() or wrong.append(request.url))
        page.goto(path.as_uri())
        return page

    yield opened, wrong
    for context in contexts:
        context.close()


@pytest.fixture
def show(look, made):
    """Opens a report on the hand-made comparisons that are named."""
    opened, wrong = look
    wrong.clear()

    def shown(*names, **options):
        return opened(render([made[name] for name in names]), **options)

    yield shown
    assert wrong == []


def visible_rows(page):
    return page.locator(".lanes tbody tr:visible th code").all_inner_texts()


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_lanes_and_differences_are_there(show):
    page = show("moved")
    assert page.locator(".lanes thead .name").all_inner_texts() == ["1.0.0", "1.0.1", "1.1.0", "0.9.8"]
    assert page.locator(".lanes tr.differs").count() == 2
    tags = page.locator("#s0-2-0 .tag, #s0-2-1 .tag, #s0-2-2 .tag").all_inner_texts()
    assert tags == ["A", "A", "B"]
    backgrounds = page.locator(".lanes tr.differs td").evaluate_all(
        "cells => cells.map(c => getComputedStyle(c).backgroundImage)"
    )
    assert backgrounds[0] == backgrounds[1] != backgrounds[2], (
        "the groups differ in pattern, not by colour alone"
    )


def test_a_click_shows_all_that_is_known_of_a_cell(show):
    page = show("moved")
    assert not page.locator("#panel").is_visible()
    page.click("#s0-2-0")
    text = page.locator("#panel").inner_text()
    for words in (
        "client write 40000 buffer=b",
        "OpenSSL 1.0.0z",
        "Group A: same answer as 1.0.1; different from 1.1.0",
        "SSL_get_error",
        "error:1409F07F:SSL routines:SSL3_WRITE_PENDING:bad write retry",
        "write.after_bad_retry",
        "What does a refused retry leave behind?",
        "recoverable",
        "fatal",
        "Behaviours \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} write.after_bad_retry",
        "The same buffer.",
        "SSL_write(3) of a release",
    ):
        assert words in text
    page.click("#close")
    assert not page.locator("#panel").is_visible()


def test_a_record_s_bytes_are_shown_with_the_meaning_of_its_header(show):
    page = show("moved")
    page.click("#s0-2-2")
    record = page.locator("#panel .record").first.inner_text()
    for words in ("17", "content type 23: application_data", "version: TLS 1.2", "length: 300 bytes follow"):
        assert words in record
    assert "0000  17 03 03 01 2c 00 01 02" in record
    assert "… 241 more bytes" in record
    assert "fatal alert: handshake_failure" in page.locator("#panel").inner_text()
    page.click("#s0-1-0")
    assert "accepted only the first bytes" in page.locator("#panel").inner_text()


def test_everything_can_be_reached_by_keyboard(show):
    page = show("moved")
    focus = "document.activeElement.id || document.activeElement.textContent"
    page.keyboard.press("Tab")
    assert page.evaluate(focus) == "Skip to the calls"
    seen = []
    while not seen or not seen[-1].startswith("s0-"):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(focus))
        assert len(seen) < 20
    assert seen[-1] == "s0-1-0", "the first cell that tells anything is the table's one stop"
    for key, there in (
        ("ArrowDown", "s0-2-0"),
        ("ArrowRight", "s0-2-1"),
        ("End", "s0-2-3"),
        ("Home", "s0-2-0"),
        ("ArrowUp", "s0-1-0"),
        ("ArrowLeft", "s0-1-0"),
        ("Control+End", "s0-4-3"),
        ("Control+Home", "s0-0-0"),
        ("ArrowDown", "s0-1-0"),
    ):
        page.keyboard.press(key)
        assert page.evaluate(focus) == there, key
    page.keyboard.press("Enter")
    assert page.locator("#panel").is_visible()
    assert page.evaluate(focus) == "panel-title"
    page.keyboard.press("Escape")
    assert not page.locator("#panel").is_visible()
    assert page.evaluate(focus) == "s0-1-0"


def test_focus_can_be_seen_wherever_it_is(show):
    page = show("moved", "ends")
    style = "getComputedStyle(document.activeElement)"
    stops = []
    while len(stops) < 30:
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        stops.append(page.evaluate("document.activeElement.outerHTML.slice(0, 80)"))
        assert page.evaluate(f"{style}.outlineStyle") == "solid", stops[-1]
        assert page.evaluate(f"parseFloat({style}.outlineWidth)") >= 2, stops[-1]
    assert 9 < len(stops) < 30


def test_open_details_follow_the_arrow_keys_and_the_panel_s_own_buttons(show):
    page = show("moved")
    page.click("#s0-2-0")
    page.keyboard.press("ArrowRight")
    assert page.locator(SELECTED).get_attribute("id") == "s0-2-1"
    page.click("[data-go=right]")
    page.click("[data-go=down]")
    assert page.locator(SELECTED).get_attribute("id") == "s0-3-2"
    assert page.locator("[data-go=right]").is_disabled(), "that lane is over"
    assert "SYSCALL" in page.locator("#panel").inner_text()


def test_a_blocked_call_s_details_tell_when_it_returned_and_what(show):
    page = show("ends")
    page.click("#s0-0-0")
    text = page.locator("#panel").inner_text()
    assert "blocked until step 2" in text
    assert "NONE" in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_is_readable_in_light_and_in_dark(show, scheme):
    page = show("moved", "ends", "alike", color_scheme=scheme)
    page.click(".legend summary")
    page.click("#s0-2-2")
    found = page.evaluate(CONTRASTS)
    assert found["seen"] > 200
    assert found["poor"] == []
    assert (found["ground"] > 0.5) == (scheme == "light")


def test_the_theme_can_be_chosen_and_is_remembered(show):
    page = show("moved", color_scheme="light")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    before = page.evaluate(ground)
    page.click("#theme")
    assert page.evaluate(ground) != before
    page.reload()
    assert page.evaluate(ground) != before
    page.click("#theme")
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(ground) == before, "light was chosen, whatever the system says"


@pytest.mark.parametrize("names", [("moved",), ("moved", "ends", "alike", "evil")], ids=["one", "several"])
def test_a_phone_s_width_is_enough(show, names):
    page = show(*names, viewport=PHONE)
    assert overflow(page) <= 0
    page.click(".legend summary")
    assert overflow(page) <= 0
    page.locator("#s0-2-0").scroll_into_view_if_needed()
    page.click("#s0-2-0")
    assert overflow(page) <= 0
    box = page.locator("#panel").bounding_box()
    assert box["width"] <= 360
    assert box["y"] > 100, "the calls can still be seen above"
    scrolls = page.locator("#s0 .scroll").evaluate("box => box.scrollWidth > box.clientWidth")
    assert scrolls, "the lanes scroll in a box of their own"


def test_on_paper_details_are_open_and_controls_are_gone(show):
    page = show("moved", "alike")
    page.click("#s0-1-0")
    page.emulate_media(media="print")
    expect(page.locator(".printed .detail").first).to_be_attached()
    for hidden in (".controls", ".legend", "#panel", ".skip", ".back"):
        assert not page.locator(hidden).first.is_visible(), hidden
    text = page.locator("#s0 .printed").inner_text()
    for words in (
        "write.after_bad_retry",
        "SSL3_WRITE_PENDING",
        "The same buffer.",
        "17 03 03",
        "A: 1.0.0, 1.0.1",
    ):
        assert words in text
    assert overflow(page) <= 0
    assert page.evaluate(CONTRASTS)["poor"] == []
    page.emulate_media(media="screen")
    expect(page.locator(".printed .detail")).to_have_count(0)


def test_only_what_differs_can_be_shown(show):
    page = show("moved", "alike")
    page.check("#only")
    assert visible_rows(page) == ["client write 40000 buffer=b", "client write 40000"]
    assert page.locator(".matrix tbody tr:visible").count() == 1
    assert page.locator("#found").inner_text() == "1 of 2 scenarios shown"
    page.uncheck("#only")
    assert len(visible_rows(page)) == 6


def test_a_search_finds_titles_calls_errors_and_behaviours(show):
    page = show("moved", "ends", "alike")
    for text, rows in (
        ("buffer=b", 1),
        ("SSL3_write_pending", 1),
        ("write.after_bad", 1),
        ("nothing DIFFERS", 1),
        ("xyzzy", 0),
    ):
        page.fill("#search", text)
        assert len(visible_rows(page)) == rows, text
    assert page.locator("#nothing").is_visible()
    page.keyboard.press("Tab")
    page.locator("body").press("/")
    assert page.evaluate("document.activeElement.id") == "search"


def test_lanes_that_agree_can_be_merged(show):
    page = show("moved")
    page.check("#merge")
    heads = page.locator(".lanes thead .name:visible").all_inner_texts()
    assert heads == ["1.0.0", "1.1.0", "0.9.8"]
    assert "and 1.0.1" in page.locator(".lanes thead th:visible").nth(1).inner_text()
    page.click("#s0-2-0")
    page.keyboard.press("ArrowRight")
    assert page.locator(SELECTED).get_attribute("id") == "s0-2-2"


def test_the_matrix_leads_to_a_scenario_s_cell_by_click_and_by_keyboard(show):
    page = show("alike", "ends", "moved")
    page.click(".matrix tbody tr:nth-child(3) td:nth-child(4) a")
    assert page.evaluate("document.activeElement.id") == "s2-3-2"
    assert page.locator("#s2-3-2").is_visible()
    page.locator(".matrix tbody tr:first-child th a").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.closest('.scenario').id") == "s2"


def test_a_link_of_the_matrix_shows_what_the_filter_had_hidden(show):
    page = show("moved", "ends")
    page.fill("#search", "retry from a moved")
    page.evaluate("document.getElementById('only').checked = true")
    page.locator(".matrix tbody tr:first-child th a").click()
    page.evaluate("document.querySelector('.matrix a[href=\"#s1\"]').click()")
    assert page.locator("#s1").is_visible()
    assert page.evaluate("document.activeElement.id") == "s1"


def test_markup_in_the_data_is_shown_as_text(show, made):
    page = show("evil")
    assert page.locator("h1").inner_text().startswith("<script>alert('x')</script>")
    page.click("#s0-0-0")
    assert page.locator("#panel script").count() == 0
    assert "</script><!--" in page.locator("#panel").inner_text()


def test_without_script_the_tables_are_whole(look, made):
    opened, _ = look
    page = opened(render([made["moved"], made["ends"]]), java_script_enabled=False)
    assert page.locator(".lanes tbody tr").count() == 9
    assert page.locator(".notice").is_visible()


def test_a_large_report_opens_and_filters_quickly(look, made):
    opened, _ = look
    page = opened(render([made["moved"], made["ends"]] * 40))
    timing = page.evaluate("performance.getEntriesByType('navigation')[0].domComplete")
    assert timing < 10_000
    page.fill("#search", "over-read")
    assert page.locator("#found").inner_text() == "40 of 80 scenarios shown"
