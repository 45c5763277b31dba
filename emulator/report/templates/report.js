"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const panel = document.getElementById("panel");
  const body = document.getElementById("panel-body");
  const search = document.getElementById("search");
  const only = document.getElementById("only");
  const merge = document.getElementById("merge");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  /** An element with attributes and children; texts are always texts, never HTML. */
  function make(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
    element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
    return element;
  }

  const count = (number) => number.toLocaleString("en");

  // -- details of one cell ------------------------------------------------------------------------

  const unequal = () => make("b", { class: "differs", role: "img", "aria-label": "the lanes differ here" }, "≠");

  /** Names and values, with a mark at the values that differ between the cells of a row. */
  function definitions(pairs, parting = []) {
    return make("dl", {}, pairs.map(([name, value]) => [
      make("dt", {}, name),
      make("dd", {}, value, parting.includes(name) ? [" ", unequal()] : null),
    ]));
  }

  /** The names of the results that differ between the cells of a row. */
  function partingNames(row) {
    const cells = row.cells.filter(Boolean);
    const names = new Set(cells.flatMap((cell) => (cell.pairs || []).map(([name]) => name)));
    const value = (cell, name) => ((cell.pairs || []).find((pair) => pair[0] === name) || [])[1];
    return [...names].filter((name) => new Set(cells.map((cell) => value(cell, name))).size > 1);
  }

  function errorLine(line) {
    const parts = line.split(":");
    const reason = parts.length > 4 ? parts.slice(4).join(":") : "";
    return make("li", {}, reason ? make("strong", {}, reason) : null, make("code", {}, line));
  }

  function dump(record) {
    const bytes = record.hex.match(/../g) || [];
    const header = record.part === "rest" || record.part === "part" || record.number === null ? 0 : 5;
    const lines = make("pre", { tabindex: "0", "aria-label": "bytes in hexadecimal" });
    for (let at = 0; at < bytes.length; at += 8) {
      const row = bytes.slice(at, at + 8);
      const head = row.slice(0, Math.max(0, Math.min(header - at, 8))).join(" ");
      const rest = row.slice(head ? head.split(" ").length : 0).join(" ");
      const text = row.map((byte) => parseInt(byte, 16)).map((code) => (code > 31 && code < 127 ? String.fromCharCode(code) : "·"));
      lines.append(at.toString(16).padStart(4, "0") + "  ");
      if (head) lines.append(make("b", {}, head), rest ? " " : "");
      lines.append(rest, " ".repeat(Math.max(0, 25 - row.length * 3 + 1)), text.join(""), "\n");
    }
    return lines;
  }

  function headerMeaning(record) {
    const hex = record.hex;
    if (record.part === "rest" || record.part === "part" || hex.length < 10 || record.number === null) return null;
    return definitions([
      [hex.slice(0, 2), `content type ${record.number}: ${record.type}`],
      [`${hex.slice(2, 4)} ${hex.slice(4, 6)}`, `version: ${record.version}`],
      [`${hex.slice(6, 8)} ${hex.slice(8, 10)}`, `length: ${count(record.length)} bytes follow`],
    ]);
  }

  const PARTS = {
    begun: "In this step the transport accepted only the first bytes of this record.",
    rest: "These are the last bytes of this record; the transport accepted the others in an earlier step.",
    part: "These bytes are from the middle of this record, which an earlier step began.",
  };

  function recordView(record, isOpen) {
    const length = record.length === null ? "" : `, ${count(record.length)} bytes`;
    const left = record.bytes - record.hex.length / 2;
    const view = make(
      "details",
      { class: `record ${record.sender} ${record.kind}` },
      make("summary", {}, `${record.sender} sends ${record.type}, ${record.number === null ? "" : record.version}${length}`),
      record.part ? make("p", { class: "more" }, PARTS[record.part]) : null,
      record.note ? make("p", {}, record.note) : null,
      headerMeaning(record),
      record.hex ? dump(record) : null,
      left > 0 ? make("p", { class: "more" }, `… ${count(left)} more bytes`) : null,
    );
    view.open = isOpen;
    return view;
  }

  function section(title, ...content) {
    const filled = content.flat(Infinity).filter(Boolean);
    return filled.length ? [make("h3", {}, title), ...filled] : [];
  }

  function manualView(cell) {
    const words = (cell.manual || []).map(([page, key, text, question]) =>
      make(
        "blockquote",
        {},
        question ? make("p", { class: "more" }, question) : null,
        text,
        make("footer", {}, page, key ? ` (${key})` : ""),
      ),
    );
    if (cell.promise) words.push(make("p", {}, cell.promise));
    return words;
  }

  /** The place of a behaviour in the documentation: a link if the page has an address, else words. */
  function reference(key) {
    if (!data.documented.includes(key)) return null;
    const place = data.docs
      ? make("a", { href: `${data.docs}/reference/behaviours/#${key}` }, `Behaviours › ${key}`)
      : make("span", {}, `Behaviours › ${key}`);
    return make("p", { class: "more" }, "Reference: ", place, ", or ", make("code", {}, `emulator explain ${key}`));
  }

  function behaviourView(lanes, pair, [key, left, right], lane) {
    const answer = (index, value) => [
      make("dt", { class: index === lane ? "mine" : "" }, lanes[index].name),
      make("dd", { class: index === lane ? "mine" : "" }, value),
    ];
    return make(
      "div",
      { class: "why" },
      make("p", {}, make("code", {}, key)),
      data.questions[key] ? make("p", {}, data.questions[key]) : null,
      make("dl", {}, answer(pair.left, left), answer(pair.right, right)),
      reference(key),
    );
  }

  /** The causes of the differences between this lane and others; if unknown, those of all pairs of the row. */
  function reasons(lanes, row, lane) {
    const group = row.cells[lane] && row.cells[lane].group;
    const sides = (pair) => [pair.left, pair.right].map((index) => row.cells[index] && row.cells[index].group);
    const own = row.decided.filter((pair) => pair.left === lane || pair.right === lane);
    const alike = row.decided.filter((pair) => sides(pair).includes(group));
    const pairs = own.length ? own : alike.length ? alike : row.decided;
    return pairs.map((pair) => [
      make("p", {}, `${lanes[pair.left].name} against ${lanes[pair.right].name}:`),
      pair.behaviours.map((each) => behaviourView(lanes, pair, each, lane)),
    ]);
  }

  function likeness(lanes, row, lane) {
    const group = row.cells[lane].group;
    const others = (same) =>
      lanes.filter((_, index) => index !== lane && row.cells[index] && (row.cells[index].group === group) === same);
    const names = (list) => list.map((each) => each.name).join(", ");
    if (!row.differs) return make("p", { class: "like" }, "All lanes have the same answer.");
    const same = names(others(true));
    return make("p", { class: "like" }, `Group ${group}: ${same ? `same answer as ${same}` : "no other lane has this answer"}; different from ${names(others(false)) || "none"}.`);
  }

  function answerViews(cell, parting) {
    if (!cell.blocked) return section("Answer", definitions(cell.pairs || [], parting));
    const blocked = make("p", {}, cell.blocked);
    return cell.completed
      ? [...section("Answer", blocked, definitions(cell.completed)), ...section("While it blocked", cell.pairs && definitions(cell.pairs))]
      : section("Answer", blocked, cell.pairs && definitions(cell.pairs));
  }

  /** Whether the error queues of a row's cells differ. */
  function queuesPart(row) {
    return new Set(row.cells.filter(Boolean).map((cell) => (cell.queue || []).join("\n"))).size > 1;
  }

  function contents(cell, row, why, open) {
    const records = (cell.records || []).map((index) => data.records[index]);
    const errors = (cell.queue || []).length ? make("ol", { class: "queue" }, cell.queue.map(errorLine)) : null;
    return [
      ...(cell.pairs || cell.blocked ? answerViews(cell, row.differs ? partingNames(row) : []) : section("Answer", make("p", {}, cell.answer))),
      ...section(row.differs && queuesPart(row) ? ["Error queue ", unequal()] : "Error queue", errors),
      ...section("Behaviours that cause the difference", why),
      ...section(
        "Records",
        records.map((record, index) => recordView(record, index < open)),
        cell.more ? make("p", { class: "more" }, `… ${cell.more} more records`) : null,
      ),
      ...section("In the manual", manualView(cell)),
    ];
  }

  function detail(scenario, row, lane) {
    const { lanes } = scenario;
    return make(
      "div",
      { class: "detail" },
      make("h2", { id: "panel-title", tabindex: "-1" }, make("code", {}, row.title)),
      make("p", { class: "who" }, `${lanes[lane].label}, step ${row.index}`),
      likeness(lanes, row, lane),
      contents(row.cells[lane], row, reasons(lanes, row, lane), 2),
    );
  }

  // -- the panel ----------------------------------------------------------------------------------

  let current = null;

  function place(cell) {
    const [scenario, , lane] = cell.id.slice(1).split("-").map(Number);
    const row = Number(cell.closest("tr").dataset.row);
    return { scenario: data.scenarios[scenario], row: data.scenarios[scenario].rows[row], lane };
  }

  function show(cell) {
    if (current) current.removeAttribute("aria-expanded");
    current = cell;
    cell.setAttribute("aria-expanded", "true");
    const { scenario, row, lane } = place(cell);
    body.replaceChildren(detail(scenario, row, lane));
    panel.scrollTop = 0;
    panel.hidden = false;
    document.body.classList.add("with-panel");
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    for (const button of all("[data-go]", panel)) button.disabled = !neighbour(cell, button.dataset.go);
  }

  function hide() {
    if (panel.hidden) return;
    panel.hidden = true;
    document.body.classList.remove("with-panel");
    current.removeAttribute("aria-expanded");
    focusCell(current);
    current = null;
  }

  /** The next cell with details in a direction, or null. */
  function neighbour(cell, way) {
    let next = step(cell, way);
    while (next && !next.matches("td.open")) next = step(next, way);
    return next;
  }

  function turn(way) {
    const next = current && neighbour(current, way);
    if (!next) return;
    show(next);
    markFocus(next);
    next.scrollIntoView({ block: "nearest", inline: "center" });
  }

  // -- moving within a table ----------------------------------------------------------------------

  const isShown = (element) => !element.closest("[hidden]");
  const rowsOf = (grid) => all("tbody tr", grid).filter(isShown);
  const cellsOf = (row) => all(row.closest(".matrix") ? "th, td" : "td", row).filter((cell) => !cell.hidden);
  const target = (cell) => cell.querySelector("a") || cell;

  function step(cell, way) {
    const row = cell.closest("tr");
    const cells = cellsOf(row);
    const at = cells.indexOf(cell);
    if (way === "left" || way === "right") return cells[at + (way === "left" ? -1 : 1)] || null;
    const rows = rowsOf(row.closest("table"));
    const next = rows[rows.indexOf(row) + (way === "up" ? -1 : 1)];
    return next ? cellsOf(next)[at] : null;
  }

  /** Make one cell the table's place in the order of Tab. */
  function markFocus(cell) {
    for (const other of all("[tabindex='0']", cell.closest("table"))) other.tabIndex = -1;
    target(cell).tabIndex = 0;
  }

  function focusCell(cell) {
    markFocus(cell);
    target(cell).focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  const WAYS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

  function destination(cell, event) {
    if (WAYS[event.key]) return step(cell, WAYS[event.key]);
    const rows = rowsOf(cell.closest("table"));
    const row = event.ctrlKey ? rows[event.key === "Home" ? 0 : rows.length - 1] : cell.closest("tr");
    return cellsOf(row).at(event.key === "Home" ? 0 : -1);
  }

  function onGridKey(event) {
    const cell = event.target.closest("td, tbody th");
    if (!cell || event.altKey || event.metaKey) return;
    if (WAYS[event.key] || event.key === "Home" || event.key === "End") {
      const next = destination(cell, event);
      event.preventDefault();
      if (!next) return;
      focusCell(next);
      if (!panel.hidden && next.matches("td.open")) show(next);
    } else if ((event.key === "Enter" || event.key === " ") && cell.matches("td.open")) {
      event.preventDefault();
      show(cell);
      document.getElementById("panel-title").focus();
    }
  }

  /** Each table has one place in the order of Tab. */
  function enterable(grid) {
    const rows = rowsOf(grid);
    if (!rows.length || all("[tabindex='0']", grid).some(isShown)) return;
    const cells = grid.matches(".matrix") ? cellsOf(rows[0]) : rows.flatMap(cellsOf);
    markFocus(cells.find((cell) => cell.matches(".open")) || cells[0]);
  }

  // -- filter and search --------------------------------------------------------------------------

  function filter() {
    const text = search.value.trim().toLowerCase();
    let found = 0;
    const scenarios = all(".scenario");
    for (const [index, scenario] of scenarios.entries()) {
      const isNamed = scenario.dataset.search.includes(text);
      const isWanted = !only.checked || scenario.matches(".differs");
      let rows = 0;
      for (const row of all("tbody tr", scenario)) {
        row.hidden = !((isNamed || row.dataset.search.includes(text)) && (!only.checked || row.matches(".differs")));
        rows += !row.hidden;
      }
      scenario.hidden = !(isWanted && (rows > 0 || (isNamed && scenario.matches(".differs"))));
      const line = document.querySelector(`.matrix tr[data-scenario="${index}"]`);
      if (line) line.hidden = scenario.hidden;
      found += scenarios.length > 1 ? !scenario.hidden : rows;
    }
    const total = scenarios.length > 1 ? scenarios.length : all(".scenario tbody tr").length;
    const what = scenarios.length > 1 ? "scenarios" : "steps";
    document.getElementById("found").textContent = text || only.checked ? `${found} of ${total} ${what} shown` : "";
    document.getElementById("nothing").hidden = found > 0;
    if (current && !isShown(current)) hide();
    all("[role='grid']").forEach(enterable);
  }

  /** Hide lanes that agree in all rows with a lane further left, whose head then names them. */
  function mergeLanes() {
    root.classList.toggle("merged", merge.checked);
    for (const table of all(".lanes")) {
      for (const cell of all(".repeats", table)) cell.hidden = merge.checked;
      const lanes = all("thead th:not([hidden])", table).length - 1;
      table.style.setProperty("--n", lanes);
    }
    filter();
    fit();
  }

  /** Show the target of a link, even if the filter hides it, and go there. */
  function follow(link, event) {
    const goal = document.getElementById(link.hash.slice(1));
    if (!goal) return;
    event.preventDefault();
    if (!isShown(goal)) {
      search.value = "";
      only.checked = false;
      merge.checked = false;
      mergeLanes();
    }
    history.replaceState(null, "", link.hash);
    const scenario = goal.closest(".scenario");
    (scenario || goal).scrollIntoView({ block: "start", behavior: "instant" });
    if (goal.matches("td")) focusCell(goal);
    else goal.focus({ preventScroll: true });
  }

  // -- theme, width, print ------------------------------------------------------------------------

  const theme = document.getElementById("theme");
  const STORED = "emulator-report-theme";
  const THEMES = ["system", "dark", "light"];

  function setTheme(name) {
    if (name === "system") delete root.dataset.theme;
    else root.dataset.theme = name;
    theme.querySelector("span").textContent = name;
    try {
      localStorage.setItem(STORED, name);
    } catch {
      // A page from a file or a sandbox may have no storage: the choice then lasts as long as the page.
    }
  }

  function remembered() {
    try {
      return localStorage.getItem(STORED);
    } catch {
      return null;
    }
  }

  let width = 0;

  /** Tables that fit need no box of their own to scroll in; their heads then stick to the page's top. */
  function fit() {
    const boxes = all(".scroll");
    for (const box of boxes) box.classList.remove("fits");
    const wide = boxes.map((box) => box.scrollWidth > box.clientWidth + 20);
    boxes.forEach((box, index) => box.classList.toggle("fits", !wide[index]));
  }

  function printedRow(scenario, row) {
    const groups = new Map();
    row.cells.forEach((cell, lane) => {
      if (cell) groups.set(cell.group, [...(groups.get(cell.group) || []), lane]);
    });
    const earliest = Math.min(...[...groups.values()].flat());
    return [...groups].map(([group, lanes]) => {
      const names = lanes.map((lane) => scenario.lanes[lane].name).join(", ");
      const [first] = lanes;
      return make(
        "div",
        { class: "detail" },
        make("h4", {}, `${row.index}. ${row.title}`),
        make("p", { class: "who" }, row.differs ? `${group}: ${names}` : names),
        contents(row.cells[first], row, first === earliest ? reasons(scenario.lanes, row, -1) : [], Infinity),
      );
    });
  }

  /** For paper: put the details of all visible rows below their table. */
  function expand() {
    for (const [index, element] of all(".scenario").entries()) {
      const scenario = data.scenarios[index];
      const rows = all("tbody tr", element).filter(isShown).map((row) => scenario.rows[Number(row.dataset.row)]);
      element.querySelector(".printed").replaceChildren(...rows.flatMap((row) => printedRow(scenario, row)));
    }
  }

  function collapse() {
    for (const element of all(".printed")) element.replaceChildren();
  }

  // -- wiring -------------------------------------------------------------------------------------

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const cell = event.target.closest(".lanes td");
    if (link && !link.matches(".skip")) follow(link, event);
    else if (cell && cell.matches(".open") && !String(getSelection())) {
      focusCell(cell);
      show(cell);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
    else if (event.key === "/" && !event.target.matches("[type='search']")) {
      event.preventDefault();
      search.focus();
    } else if (event.target.closest("[role='grid']")) onGridKey(event);
  });
  panel.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && button.id === "close") hide();
    else if (button) turn(button.dataset.go);
  });
  search.addEventListener("input", filter);
  only.addEventListener("change", filter);
  merge.addEventListener("change", mergeLanes);
  theme.addEventListener("click", () => {
    setTheme(THEMES[(THEMES.indexOf(root.dataset.theme || "system") + 1) % THEMES.length]);
  });
  matchMedia("print").addEventListener("change", (event) => (event.matches ? expand() : collapse()));
  addEventListener("beforeprint", expand);
  addEventListener("afterprint", collapse);
  new ResizeObserver(([entry]) => {
    if (entry.contentRect.width === width) return;
    width = entry.contentRect.width;
    requestAnimationFrame(fit);
  }).observe(document.getElementById("main"));

  setTheme(THEMES.includes(remembered()) ? remembered() : "system");
  fit();
  filter();
})();
