"""What Keras' docstrings say, in words for people: the arguments' texts, the first sentences, without markup."""

from __future__ import annotations

import re


def arguments(doc: str) -> dict[str, str]:
    """{argument: its text} of a Google-style Args section."""
    lines = doc.splitlines()
    heads = [i for i, line in enumerate(lines) if re.fullmatch(r"\s*(Args|Arguments):\s*", line)]
    if not heads:
        return {}
    found: dict[str, list[str]] = {}
    current = ""
    indent = -1
    for line in lines[heads[0] + 1 :]:
        if not line.strip():
            continue
        deep = len(line) - len(line.lstrip())
        if deep == 0:
            break
        if indent < 0:
            indent = deep
        match = re.match(r"\s*\**`?(\w+)`?\s*(?:\([^)]*\))?:\s*(.*)", line)
        if deep <= indent and match:
            current = match.group(1)
            found[current] = [match.group(2)]
        elif current:
            found[current].append(line.strip())
    return {name: " ".join(parts).strip() for name, parts in found.items()}


_TYPE_WORDS = (
    r"(a |an )?(optional |positive |python )*(integer|int|float|bool|boolean|string|str|tuple|scalar|python float)s?"
    r"(\s*(,|/|or)\s*(a |an )?(list|tuple|int|integer|float|none|bool|boolean|`none`|list of ints)s?)*"
    r"(\s*of\s+\d*\s*(int|integer|float)s?)?\s*(hyperparameter|representing|specifying)?\s*[,.:;]\s*"
)


def help_of(about: str) -> str:
    """One or two sentences a person can read: without the type, the default and the markup."""
    text = re.sub(r"^" + _TYPE_WORDS, "", _unmarked(about), flags=re.I)
    text = re.sub(
        r"\(?\bdefaults? (?:to|is|value is) (?:\"[^\"]*\"|\([^)]*\)|[^\s;)]*[^\s;).])\)?[.;]?(?=\s|$)",
        "",
        text,
        flags=re.I,
    )
    return _sentences(re.sub(r"\s+", " ", text).strip(), 220)


def summary(doc: str) -> str:
    """What the thing is: the first lines up to about 260 characters."""
    head = re.split(
        r"\n\s*(?:Args|Arguments|Example|Examples|Input shape|Usage|Formula|References?|Call arguments)s?:", doc
    )[0]
    head = re.split(r"\n```|\n>>>|\n\s*\|", head)[0]
    return _sentences(_unmarked(re.sub(r"\s+", " ", head)), 260)


def _unmarked(text: str) -> str:
    text = re.sub(r"\[([^\]]+)\]\(\s*(?:https?:|/)[^)]*\)", r"\1", text)
    text = re.sub(r"`+([^`]*)`+", r"\1", text)
    text = text.replace("**", "").replace("$$", "").replace("..", ".") if "..." not in text else text
    return re.sub(r"\s+", " ", text).strip()


def _sentences(text: str, limit: int) -> str:
    """Whole sentences up to the limit; at least one, cut at a word when it alone is longer."""
    parts = re.split(r"(?<=[.!?])\s+(?=[A-Z(])", text)
    taken = ""
    for part in parts:
        if taken and len(taken) + len(part) > limit:
            break
        taken = f"{taken} {part}".strip()
    if len(taken) > limit + 60:
        taken = taken[: limit + 60].rsplit(" ", 1)[0].rstrip(",;:(") + " …"
    taken = taken.rstrip(" :")
    taken = re.sub(r"\.\.+$", ".", taken)
    if taken and taken[-1] not in ".…!?)":
        taken += "."
    return taken[:1].upper() + taken[1:]
