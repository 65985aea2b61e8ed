"""The widget's own words, read out of its JavaScript file (strings.ja.js).

Not a JavaScript parser: the file is one object of strings, templates, lists and small functions,
and that is what is read here.
"""

import re

_INSERT = r"\$\{(?:[^{}`]|`[^`]*`)*\}"
_TOKEN = re.compile(
    r"(?P<comment>//[^\n]*|/\*[\s\S]*?\*/)"
    r"|(?P<key>\b[A-Za-z]\w*)\s*:"
    r'|"(?P<plain>(?:[^"\\]|\\.)*)"'
    rf"|`(?P<template>(?:[^`$]|{_INSERT})*)`"
    r"|(?P<open>\{)|(?P<close>\})"
)


def screen_words(source: str) -> dict[str, str]:
    """Text by name (`who.bot`, `menuItems.2`); what the program puts in stands as 〔…〕."""
    found: dict[str, str] = {}
    path: list[str] = []
    key = ""
    for token in _TOKEN.finditer(source):
        if token["comment"]:
            continue
        if token["key"]:
            key = token["key"]
        elif token["open"]:
            path.append(key)
        elif token["close"]:
            path.pop()
        else:
            text = token["plain"] if token["plain"] is not None else token["template"]
            name = _free(".".join([*path[1:], key]), found)
            found[name] = re.sub(_INSERT, "〔…〕", text)
    return found


def _free(name: str, taken: dict[str, str]) -> str:
    """The name, numbered from the second text of a list on."""
    if name not in taken:
        return name
    n = 2
    while f"{name}.{n}" in taken:
        n += 1
    return f"{name}.{n}"
