"""The shape of the package: who may import whom, and who may know of releases."""

from __future__ import annotations

import ast
import itertools
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "emulator"
MODULES = sorted(PACKAGE.rglob("*.py"))

TIERS = (
    {"constants", "exceptions", "terminal", "compiled"},
    {"api.arguments"},
    {"release", "behaviours", "bio", "buffer"},
    {"profiles"},
    {"profile"},
    {"pages.page"},
    {"error_queue", "record"},
    {"handshake"},
    {"engine"},
    {"api"},
    {"context"},
    {"contract.call"},
    {"pages"},
    {"contract"},
    {"connection"},
    {"pair"},
    {"scenario"},
    {"audit"},
    {"knowledge"},
    {"explaining"},
    {"library"},
    {"lanes"},
    {"report"},
    {"comparison"},
    {"reallib"},
    {"peers"},
    {"demo"},
    {"cli"},
    {"__main__"},
)
"""A unit is a file or a folder of the package; ``api.arguments`` is one by itself, since public calls of
every tier check their arguments there.  A unit imports from tiers above its own only; the page about the
architecture has this list."""
BY_THEMSELVES = {unit for units in TIERS for unit in units if "." in unit}

RELEASE_NAME = re.compile(r"\d\.\d\.\d[a-z]{0,2}(-base)?|\d\.\d\.x")
MAY_NAME_RELEASES = {
    "release.py": "it is what releases are",
    "demo/play.py": "its columns unless others are asked for",
}
LONGEST_FILE = 550
LONGEST_FUNCTION = 60


def name_of(path):
    return str(path.relative_to(PACKAGE))


def unit_of(path):
    return unit_called(".".join(path.relative_to(PACKAGE).with_suffix("").parts))


def unit_called(name):
    """The unit of a module, by its name behind ``emulator.``."""
    return name if name in BY_THEMSELVES else name.partition(".")[0]


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported_units(path):
    """The units of this package that a module imports, for types or at run time, anywhere in it."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno}: imports are absolute"
            first, _, rest = node.module.partition(".")
            if first == "emulator":
                yield from [unit_called(rest)] if rest else [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                first, _, rest = alias.name.partition(".")
                if first == "emulator" and rest:
                    yield unit_called(rest)
        elif isinstance(node, ast.Call):
            yield from units_by_name(path, node)


def units_by_name(path, call):
    """The units that a call of import_module() may import; it names one, or those of its own unit."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", None)
    if name not in {"import_module", "__import__"}:
        return
    (module,) = call.args
    begin = module.values[0] if isinstance(module, ast.JoinedStr) else module
    assert isinstance(begin, ast.Constant), f"{name_of(path)}:{call.lineno}: imports what nobody can see"
    first, _, rest = begin.value.partition(".")
    if first == "emulator":
        unit = unit_called(rest)
        assert unit or path == PACKAGE / "__init__.py", f"{name_of(path)}:{call.lineno}: imports any unit"
        yield from [unit] if unit else []


def tier_of(unit):
    return next(index for index, units in enumerate(TIERS) if unit in units)


def docstrings(tree):
    """The nodes of strings that are statements: docstrings of modules, functions, fields and members."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def test_every_unit_has_its_place_in_the_order():
    units = {unit_of(path) for path in MODULES} - {"__init__"}
    assert units == set().union(*TIERS)


@pytest.mark.parametrize("path", [path for path in MODULES if path != PACKAGE / "__init__.py"], ids=name_of)
def test_imports_run_one_way(path):
    unit = unit_of(path)
    above = set().union(*TIERS[: tier_of(unit)])
    wrong = set(imported_units(path)) - above - {unit}
    assert not wrong, f"{name_of(path)} imports {', '.join(sorted(wrong))}"


def imported_modules(path):
    """The modules of this package that a module imports, for types or at run time, as paths."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("emulator"):
            inside = PACKAGE.parent / node.module.replace(".", "/")
            for alias in node.names:
                below = inside / f"{alias.name}.py"
                yield below if below.exists() else inside.with_suffix(".py")


ASKS_THE_PACKAGE = {
    "contract/explanation.py": "a connection explains its last call, and explanations stand above it",
    "reallib/child/__main__.py": "the child puts a stand-in for the package there",
}
"""Which modules find the package itself in ``sys.modules``, which is a way up that no import shows."""


def test_few_ask_the_package_for_names_of_tiers_above():
    asks = {
        name_of(path)
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Subscript) and ast.unparse(node).startswith("sys.modules['emulator")
    }
    assert asks == set(ASKS_THE_PACKAGE)


def test_no_import_goes_in_a_circle():
    """Not within a unit either, and not for types alone; a package's ``__init__`` only hands names on."""
    graph = {path: set(imported_modules(path)) for path in MODULES if path.name != "__init__.py"}
    graph = {path: imported & graph.keys() for path, imported in graph.items()}
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(name_of(path) for path in error.args[1]))


ENGINE_TIERS = (
    {"early_data/state", "sending/padding", "receiving/state"},
    {"sending/state"},
    {"ssl"},
    {"notices", "failure", "callbacks"},
    {"drive", "clear", "early_data/count"},
    {"sending", "receiving"},
    {"get_error"},
    {"machine"},
    {"calls"},
    {"early_data/calls", "manual"},
)
"""The engine's own order: the halves' states, the connection, failures, both halves, machines, calls.

A folder stands for those of its modules that are not named; sending and receiving never import each other.
"""


def engine_part(path):
    """The part of the engine that a module belongs to: itself, or its folder."""
    name = path.relative_to(PACKAGE / "engine").with_suffix("").as_posix()
    named = set().union(*ENGINE_TIERS)
    return name if name in named else name.partition("/")[0]


def engine_modules():
    return [path for path in (PACKAGE / "engine").rglob("*.py") if path.name != "__init__.py"]


@pytest.mark.parametrize("path", engine_modules(), ids=name_of)
def test_the_engine_has_two_halves_and_imports_run_one_way_in_it(path):
    part = engine_part(path)
    tier = next(index for index, parts in enumerate(ENGINE_TIERS) if part in parts)
    allowed = set().union({part}, *ENGINE_TIERS[:tier])
    inside = PACKAGE / "engine"
    imported = {engine_part(other) for other in imported_modules(path) if other.is_relative_to(inside)}
    assert imported <= allowed, f"{name_of(path)} imports {', '.join(sorted(imported - allowed))}"


@pytest.mark.parametrize(("key", "door"), [("reader", "receiving/state"), ("writer", "sending/state")])
def test_keys_change_through_one_door(key, door):
    """Only install() assigns the reader or the writer, or a change of keys forgets what goes with it."""
    assigned = [
        name_of(path)
        for path in engine_modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr == key and isinstance(node.ctx, ast.Store)
    ]
    assert assigned == [f"engine/{door}.py"]


def test_the_records_and_messages_do_no_input_or_output():
    for path in [*PACKAGE.glob("record/*.py"), *PACKAGE.glob("handshake/**/*.py")]:
        assert not set(imported_units(path)) & {"bio", "engine"}, name_of(path)


HANDSHAKE_MAY_IMPORT = {
    "common": {"common"},
    "hello": {"common", "hello"},
    "tls12": {"common", "hello", "tls12"},
    "tls13": {"common", "hello", "tls13"},
}
"""The folders of handshake/; its two modules on top, one for each side, put them together."""


@pytest.mark.parametrize("folder", HANDSHAKE_MAY_IMPORT)
def test_the_handshakes_of_tls12_and_tls13_meet_only_in_the_two_sides(folder):
    for path in sorted((PACKAGE / "handshake" / folder).glob("*.py")):
        folders = {
            module.relative_to(PACKAGE / "handshake").parts[0]
            for module in imported_modules(path)
            if module.is_relative_to(PACKAGE / "handshake")
        }
        wrong = folders - HANDSHAKE_MAY_IMPORT[folder]
        assert not wrong, f"{name_of(path)} imports {', '.join(sorted(wrong))}"


def test_every_folder_of_the_handshake_has_its_rule():
    folders = {path.name for path in (PACKAGE / "handshake").iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders == set(HANDSHAKE_MAY_IMPORT)


def test_only_loading_profiles_knows_of_releases():
    users = {unit_of(path) for path in MODULES if "release" in set(imported_units(path))}
    assert users <= {"profiles", "knowledge"}


@pytest.mark.parametrize(
    "path", [path for path in MODULES if name_of(path) not in MAY_NAME_RELEASES], ids=name_of
)
def test_no_code_names_a_release(path):
    tree = tree_of(path)
    texts = docstrings(tree)
    named = [
        f"{name_of(path)}:{node.lineno}: {node.value!r}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in texts
        and RELEASE_NAME.fullmatch(node.value)
    ]
    assert not named


@pytest.mark.parametrize(
    "path", [path for path in MODULES if unit_of(path) not in {"profiles", "release"}], ids=name_of
)
def test_no_code_compares_the_release_of_a_profile(path):
    compared = [
        f"{name_of(path)}:{node.lineno}"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Attribute) and side.attr in {"release", "first_release", "last_release"}
    ]
    assert not compared


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_files_and_functions_stay_short(path):
    tree = tree_of(path)
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            lines = node.end_lineno - node.lineno + 1
            # A signature of many keywords and the docstring that explains them are no code.
            lines -= node.body[0].end_lineno - node.lineno if ast.get_docstring(node) else 0
            assert lines <= LONGEST_FUNCTION, f"{name_of(path)}:{node.lineno}: {node.name} has {lines} lines"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_what_it_is(path):
    assert ast.get_docstring(tree_of(path))


DOCUMENTED = PACKAGE.parent / "docs" / "explanation" / "architecture.md"


def test_the_layers_that_the_documentation_lists_are_these():
    block = DOCUMENTED.read_text(encoding="utf-8").partition("## Layers")[2].split("```")[1]
    lines = block.splitlines()[1:]
    assert [set(re.split(r"\s{2,}", line)[0].split(", ")) for line in lines] == list(TIERS)


def test_the_package_says_in_which_group_each_module_stands():
    said = ast.get_docstring(ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8")))
    groups = re.findall(r"^(API|Contract|Engine|Data|Tools): (.*)\.$", said, re.MULTILINE)
    modules = [re.findall(r"\b[a-z_]+\b", names.replace("has their parts", "")) for _, names in groups]
    shipped = {path.stem for path in PACKAGE.iterdir() if not path.name.startswith(("_", "."))}
    assert sorted(itertools.chain(*modules)) == sorted(shipped - {"py"})
    page = DOCUMENTED.read_text(encoding="utf-8")
    table = re.findall(r"^\| (?:API|contract|engine|data|tools) \| ([^|]*) \|", page, re.MULTILINE)
    assert [names.replace("`", "").split(", ") for names in table] == modules
