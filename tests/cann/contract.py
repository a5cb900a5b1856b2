"""Reads the C headers of cann/include: constants, enumerators, structures and prototypes, by regular expression."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "cann" / "include"


def text_of(*names: str) -> str:
    """The headers, without comments, line continuations and preprocessor lines other than ``#define``."""
    text = "\n".join((INCLUDE / name).read_text() for name in names)
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"//[^\n]*", " ", text)
    text = text.replace("\\\n", " ")
    return re.sub(r"^\s*#\s*(?!define\b).*$", "", text, flags=re.M)


def headers(folder: str) -> list[str]:
    """Names of the headers of one folder of the contract, relative to cann/include."""
    return sorted(f"{folder}/{path.name}" for path in (INCLUDE / folder).glob("*.h"))


def constants(text: str) -> dict[str, str]:
    """Object-like macros with a number for a value."""
    found = re.findall(r"^\s*#\s*define\s+(\w+)\s+(-?(?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*)\s*$", text, flags=re.M)
    return dict(found)


def enumerators(text: str) -> dict[str, list[str]]:
    """Enumeration -> its enumerators."""
    return {
        name: re.findall(r"(\w+)\s*=", body)
        for name, body in re.findall(r"typedef\s+enum\s+(\w+)\s*\{(.*?)\}", text, flags=re.S)
    }


def structures(text: str) -> dict[str, list[str]]:
    """Structure or union -> its fields, in order."""
    result = {}
    for name, body in re.findall(r"typedef\s+(?:struct|union)\s+(\w+)\s*\{(.*?)\}\s*\w+\s*;", text, flags=re.S):
        result[name] = re.findall(r"(\w+)\s*(?:\[[^\]]*\])?\s*;", body)
    return result


def prototypes(text: str) -> dict[str, str]:
    """Function -> its declaration, on one line and with parameter names."""
    text = re.sub(r"^\s*#.*$", "", text, flags=re.M)
    text = re.sub(r'extern\s+"C"\s*\{', "", text)
    while True:  # bodies of enumerations and structures
        shorter = re.sub(r"\{[^{}]*\}", " ", text)
        if shorter == text:
            break
        text = shorter
    result = {}
    for statement in text.split(";"):
        line = " ".join(statement.replace("}", " ").split())
        match = re.match(r"(?!typedef\b)[\w\s*]+?\b(\w+)\s*\(.*\)$", line)
        if match and " " in line.split("(")[0].strip():
            result[match.group(1)] = line
    return result


def parameters(declaration: str) -> list[str]:
    """Parameters of a declaration, split at the commas that are not inside parentheses."""
    inside = declaration[declaration.index("(") + 1 : declaration.rindex(")")]
    parts, depth, part = [], 0, ""
    for char in inside:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "," and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += char
    if part.strip():
        parts.append(part.strip())
    return [] if parts == ["void"] else parts
