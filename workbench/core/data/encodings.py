"""Guessing the encoding of text that is not UTF-8, also from a handful of letters such as a header like "größe".

Statistics over bytes need hundreds of letters. Western text is judged by alphabets instead: the right encoding is the
one in which nearly all letters beyond ASCII belong to the alphabet of a single language.
"""

from __future__ import annotations

import re
from collections import Counter

_ALPHABETS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ("cp1252", "mac_roman", "cp850"),
        (
            "äöüß",
            "éèêëàâçîïôûùœæ",
            "áéíóúñü",
            "ãõáéíóúâêôçà",
            "àèéìòùî",
            "æøåé",
            "åäöé",
            "ëïéèöü",
            "àçéèíïóòúü",
        ),
    ),
    (("cp1254",), ("çğıöşüâîİ",)),
    (("cp1252",), ("ðþæöáéíóúý",)),
    (
        ("cp1250", "iso8859_2", "mac_latin2", "cp852"),
        ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîşţșț"),
    ),
    (("cp1257",), ("āčēģīķļņšūž", "ąčęėįšųūž", "äöüõšž")),
)
"""(encodings, alphabets of the languages that are written in them), the likelier ones first."""

_SCRIPTS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic"), "\u0400-\u045f", "оеаинтсрвл"),
    (("cp1253", "iso8859_7"), "\u0386-\u03ce", "αοιετσνηυρ"),
    (("cp1255",), "\u05b0-\u05ea", "יוהלאמרתבש"),
    (("cp1256",), "\u0621-\u06d2", "اليمنوترب"),
    (("cp874",), "\u0e01-\u0e5b", "านรอกเงมยล"),
)
"""(encodings, range of a script of single bytes, its commonest letters)."""

_SEVERAL_BYTES = ("cp932", "euc_jp", "gb18030", "big5", "cp949")
_MARKS = frozenset("“”‘’„‚–—…€£°§²³µ·«»¿¡©®™½¼¾×÷ºª†•\u00a0ÀÂ")
_ENOUGH = 0.9
_MARK = 0.98
_WORDS = 0.7
_SAMPLE = 65536


def guess(data: bytes) -> str:
    """The likeliest encoding of `data`, which is not UTF-8 or UTF-16; one that decodes all of it."""
    lines = [line for line in data[: 8 << 20].split(b"\n") if not line.isascii()]
    sample = b"\n".join(lines)[:_SAMPLE]
    if _looks_western(sample):
        found = _western(sample)
    elif all(len(run) % 2 == 0 for run in re.findall(rb"[\x80-\xff]+", sample)):  # two bytes a sign
        found = _statistical(sample) or _script(sample)
    else:
        found = _script(sample) or _statistical(sample)
    for name in (found, "cp1252", "latin-1"):
        if name and decodes(data, name):
            return name
    raise AssertionError("latin-1 decodes everything")


def decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _looks_western(sample: bytes) -> bool:
    """Whether words with letters beyond ASCII are mostly ASCII; in other scripts such words have none of it."""
    words = [word for word in re.findall(rb"[A-Za-z\x80-\xff]+", sample) if not word.isascii()]
    plain = sum(len(re.findall(rb"[A-Za-z]", word)) for word in words)
    high = sum(map(len, words)) - plain
    longest = max((len(run) for run in re.findall(rb"[\x80-\xff]+", sample)), default=0)
    return plain >= 1.2 * high or (longest <= 2 and len(words) <= 4)


def _western(sample: bytes) -> str:
    best, most = "", 0.0
    for encodings, alphabets in _ALPHABETS:
        for encoding in encodings:
            text = sample.decode(encoding, "replace")
            for alphabet in alphabets:
                share = _covered(text, alphabet)
                if share > most + 0.001:
                    best, most = encoding, share
    if most >= _ENOUGH:
        return best
    # Several languages in one file, or names from everywhere.
    everything = "".join(_ALPHABETS[0][1]) + "ðþýščžœ"
    return "cp1252" if _covered(sample.decode("cp1252", "replace"), everything) >= _ENOUGH else best or "cp1252"


def _covered(text: str, alphabet: str) -> float:
    """The share of signs beyond ASCII that are letters of the alphabet, or marks where marks may stand."""
    good = total = 0.0
    letters = frozenset(alphabet)
    for match in re.finditer(r"[^\x00-\x7f]", text):
        sign, place = match[0], match.start()
        total += 1
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        if sign in letters or sign.lower() in letters:
            odd = sign.isupper() and before.islower()  # aÖ: a capital within a word
            alone = not before.isalpha() and not after.isalpha()
            good += 0.3 if odd else 0.8 if alone else 1
        elif sign in _MARKS and (sign == "’" or not (before.isalpha() and after.isalpha())):
            good += 1 if sign == "’" and before.isalpha() and after.isalpha() else _MARK
    return good / total if total else 0.0


def _script(sample: bytes) -> str:
    """The encoding in which words look like words: letters of one script, capitals at their beginning or throughout."""
    best, most = "", _WORDS
    for encodings, span, common in _SCRIPTS:
        for encoding in encodings:
            words = re.findall(r"[^\W\d_]*[^\x00-\x7f][^\W\d_]*", sample.decode(encoding, "replace"))
            letters = sum(map(len, words)) or 1
            good = [word for word in words if re.fullmatch(f"[{span}]+", word) and _well_cased(word)]
            if good and all(word.isupper() for word in good):
                continue
            counts = Counter("".join(good).lower())
            usual = sum(counts[sign] for sign in common) / letters
            share = sum(map(len, good)) / letters * min(1.0, 0.5 + usual)
            if share > most:
                best, most = encoding, share
    return best


def _well_cased(word: str) -> bool:
    return len(word) == 1 or word[1:] == word[1:].lower() or word.isupper()


def _statistical(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    found = from_bytes(sample, cp_isolation=list(_SEVERAL_BYTES)).best()
    return found.encoding if found is not None else ""
