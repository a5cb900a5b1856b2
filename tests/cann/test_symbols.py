"""The contract against the facts of the ABI, the libraries against the contract, the plugin's calls against both."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from . import contract

LIBRARIES = contract.ROOT / "torch_npu" / "lib" / "softnpu"
FACTS = Path(__file__).with_name("abi_facts.txt")
# Libraries below the ones that we have; their functions are in the library that clients name.
INSIDE = {"libprofapi": "libascendcl", "libruntime": "libascendcl"}
OURS = {"libascendcl", "libacl_op_compiler", "libnnopbase", "libopapi", "libhccl", "libhcomm"}


def normal(text: str) -> str:
    """A type with one way to write spaces."""
    text = re.sub(r"\bstruct\s+|\bunion\s+|\benum\s+", "", text)
    text = re.sub(r"\s*([*&(),\[\]])\s*", r"\1", " ".join(text.split()))
    return re.sub(r"\*(?=\w)", "* ", text)


def type_of(parameter: str) -> str:
    """The type of a parameter, without its name; its own (top-level) const does not matter."""
    if parameter == "...":
        return parameter
    pointer = re.match(r"(.*\(\*)\s*\w*\s*(\).*)$", parameter)
    if pointer:
        return normal(pointer.group(1) + pointer.group(2))
    array = re.match(r"(.*?)\b\w+\s*(\[\])$", parameter)
    if array:
        return normal(array.group(1) + array.group(2))
    named = re.match(r"(.*[\s*&])(\w+)$", parameter)
    kind = named.group(1) if named and named.group(1).strip() not in ("", "const") else parameter
    return re.sub(r"(?<=\*) ?const$", "", re.sub(r"^const (\w+)$", r"\1", normal(kind)))


def signature(declaration: str, named: bool) -> tuple[str, ...]:
    """Return type and parameter types of a declaration, with parameter names or (as in the facts) without."""
    head = declaration[: declaration.index("(")]
    result = normal(re.sub(r"\w+\s*$", "", head))
    split = contract.parameters(declaration)
    if named:
        return (result, *(type_of(one) for one in split))
    strip = (re.sub(r"(?<=\*) ?const$", "", re.sub(r"^const (\w+)$", r"\1", normal(one))) for one in split)
    return (result, *strip)


@cache
def facts() -> dict[str, tuple[str, str, str]]:
    """Function -> how it is reached, its library, its declaration without parameter names."""
    found = {}
    for line in FACTS.read_text().splitlines():
        if line and not line.startswith("#"):
            how, library, declaration = line.split(" ", 2)
            name = re.search(r"(\w+)\s*\(", declaration)
            assert name, line
            found[name.group(1)] = (how, library, declaration)
    return found


@cache
def declared() -> dict[str, str]:
    """Every function of cann/include; of an operator both phases, written out from ACLNN_OP."""
    functions = {}
    for folder in ("acl", "hccl"):
        functions.update(contract.prototypes(contract.text_of(*contract.headers(folder))))
    text = contract.text_of(*contract.headers("aclnn"))
    operators = re.findall(r"ACLNN_OP\s*\(\s*(aclnn\w+)\s*,(.*?)\)\s*;", text, flags=re.S)
    for name, arguments in operators:
        tail = "uint64_t* workspaceSize, aclOpExecutor** executor"
        given = " ".join(arguments.split())
        functions[f"{name}GetWorkspaceSize"] = f"aclnnStatus {name}GetWorkspaceSize({given}, {tail})"
        functions[name] = f"aclnnStatus {name}(void* w, uint64_t n, aclOpExecutor* e, aclrtStream s)"
    base = contract.prototypes(contract.text_of("aclnn/aclnn_base.h"))
    functions.update({name: text for name, text in base.items() if not name.startswith("ACLNN_OP")})
    return functions


@cache
def exported(library: str) -> set[str]:
    """Names that a library of the software NPU defines for others."""
    path = LIBRARIES / f"{library}.so"
    if not path.is_file():
        pytest.fail(f"{path.relative_to(contract.ROOT)} does not exist; run make build")
    nm = shutil.which("nm")
    assert nm, "nm (binutils) is needed"
    listing = subprocess.run([nm, "-D", "--defined-only", str(path)], capture_output=True, text=True, check=True)
    return {line.split()[-1].split("@")[0] for line in listing.stdout.splitlines() if line}


def test_facts_are_read() -> None:
    """The two parsers see what is there."""
    assert len(facts()) > 1600
    assert len([name for name in declared() if name.startswith("aclnn") and name.endswith("GetWorkspaceSize")]) == 891
    declaration = "aclError f(const char* a, void* const b[], int32_t (*c)(uint32_t, void*), const int d)"
    assert signature(declaration, True) == (
        "aclError",
        "const char*",
        "void* const[]",
        "int32_t(*)(uint32_t,void*)",
        "int",
    )


def test_prototypes_agree_with_the_facts() -> None:
    """Name, return type and parameter types of every prototype in cann/include are the ABI's."""
    wrong, unknown = [], []
    for name, declaration in declared().items():
        if name not in facts():
            if not name.startswith("aclnn") or name.endswith("GetWorkspaceSize"):
                unknown.append(name)
            continue
        ours, theirs = signature(declaration, True), signature(facts()[name][2], False)
        if ours != theirs:
            wrong.append(f"{name}: {ours} is {theirs}")
    assert not unknown, unknown
    assert not wrong, "\n".join(wrong)


def test_what_a_client_links_is_exported() -> None:
    """Every symbol that the vendor's plugin needs to load is in the library that it expects, or one below it."""
    linked = {name: INSIDE.get(library, library) for name, (how, library, _) in facts().items() if how == "linked"}
    assert len(linked) == 84
    assert [f"{library}: {name}" for name, library in linked.items() if name not in exported(library)] == []


def test_what_a_client_looks_up_is_exported() -> None:
    """Every symbol that is looked up by name is found through the library that is asked.

    Except in libopapi: besides operators these are caches and tools, which are off when they are absent.
    """
    below = {
        "libacl_op_compiler": ["libascendcl"],
        "libnnopbase": ["libascendcl"],
        "libhcomm": ["libhccl", "libascendcl"],
        "libhccl": ["libascendcl"],
    }
    missing = []
    for name, (how, library, _) in facts().items():
        if how != "dlsym" or library not in OURS or library == "libopapi":
            continue
        if not any(name in exported(one) for one in [library, *below.get(library, [])]):
            missing.append(f"{library}: {name}")
    assert missing == []


def test_every_prototype_is_exported() -> None:
    """What cann/include declares, some library of the software NPU defines."""
    everything = set().union(*(exported(library) for library in OURS))
    assert sorted(set(declared()) - everything) == []


def test_every_operator_is_exported() -> None:
    """libopapi has both phases of every name in names.h, and names.h has all 891."""
    text = (contract.ROOT / "softnpu" / "aclnn" / "names.h").read_text()
    names = re.findall(r"X\((aclnn\w+)\)", text)
    assert len(names) == len(set(names)) == 891
    missing = [name for name in names if not {name, f"{name}GetWorkspaceSize"} <= exported("libopapi")]
    assert missing == []


def test_what_the_plugin_calls_is_in_the_facts() -> None:
    """Every function of the plugin's list, and every operator that its rows name, is one of the ABI."""
    rows = re.findall(r"^X\(\w+, (\w+)\)", (contract.ROOT / "csrc" / "acl" / "ApiList.h").read_text(), flags=re.M)
    assert rows
    operators: set[str] = set()
    for path in sorted((contract.ROOT / "csrc" / "aten").rglob("*")):
        if path.suffix in (".cpp", ".h"):
            code = re.sub(r"//[^\n]*", "", path.read_text())
            operators.update(re.findall(r"\baclnn[A-Z]\w*", code))
    operators = {name.removesuffix("GetWorkspaceSize") for name in operators - {"aclnnStatus"}}
    assert [name for name in rows if name not in facts()] == []
    assert sorted(name for name in operators if f"{name}GetWorkspaceSize" not in facts()) == []


def test_libraries_stand_alone() -> None:
    """RPATH $ORIGIN (not RUNPATH), and libc, libstdc++ and the libraries beside it are all that the runtime needs."""
    readelf = shutil.which("readelf")
    assert readelf, "readelf (binutils) is needed"
    allowed = re.compile(r"lib(c|m|gcc_s|stdc\+\+|pthread|dl|rt|ascendcl|hccl|hcomm)\.so(\.\d+)?|ld-linux\S*")
    for library in (
        "libascendcl",
        "libacl_op_compiler",
        "libhccl",
        "libhcomm",
        "libge_runner",
        "libgraph",
        "libacl_tdt_channel",
        "libnnopbase",
        "libopapi",
    ):
        assert exported(library) is not None
        dynamic = subprocess.run(
            [readelf, "-d", str(LIBRARIES / f"{library}.so")], capture_output=True, text=True, check=True
        ).stdout
        assert re.search(r"\(RPATH\)\s+Library rpath: \[\$ORIGIN\b", dynamic), library
        assert "(RUNPATH)" not in dynamic, library
        if library not in ("libopapi", "libnnopbase"):
            needed = re.findall(r"\(NEEDED\)\s+Shared library: \[(.+?)\]", dynamic)
            assert [name for name in needed if not allowed.fullmatch(name)] == [], library


def test_only_the_abi_is_exported() -> None:
    """No C++ symbol, and nothing private, leaks out of the runtime."""
    pattern = re.compile(r"(acl|Hccl|Hcom|Msprof|rt|softnpu_)\w+")
    for library in ("libascendcl", "libacl_op_compiler", "libhccl", "libhcomm"):
        assert sorted(name for name in exported(library) if not pattern.fullmatch(name)) == [], library
