"""The nearest valid name to a misspelt one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from itertools import islice

__all__ = ["hint", "nearest"]

_LONGEST, _MOST = 200, 1000


def nearest(word: str, known: Iterable[str], *, slips: int | None = None) -> str | None:
    """Return the known word that `word` was probably meant to be, or None.

    Case, hyphens and underscores count for nothing; a letter missing, added, changed or swapped with its neighbour is
    one slip. The one word that it is a part of, between hyphens, is near as well: `dark` is `talk-dark`. Words of
    hundreds of letters are nobody's slip.

    Args:
        word: what was written.
        known: what could have been meant.
        slips: how many slips to allow; by default one, or one for every three letters in a longer word, and beyond that
            words that share most of their letters.

    Example:
        >>> nearest("gausian", ["gaussian", "uniform"])
        'gaussian'
    """
    if len(word) > _LONGEST:
        return None
    plain = {name: _plain(name) for name in islice(known, _MOST) if len(name) <= _LONGEST}
    target = _plain(word)
    # Between words equally many slips away, take the one that shares most letters in order, then the first.
    ranked = sorted(plain, key=lambda name: (_slips(target, plain[name]), -_likeness(target, plain[name])))
    if not ranked:
        return None
    best = ranked[0]
    allowed = max(1, len(target) // 3) if slips is None else slips
    if _slips(target, plain[best]) <= allowed and len(target) > 1:
        return best
    holding = [name for name in plain if target in map(_plain, re.split("[-_ ]", name))]
    if len(holding) == 1 and slips is None:
        return holding[0]
    close = difflib.get_close_matches(target, plain.values(), n=1, cutoff=0.75) if slips is None else []
    return next((name for name in plain if plain[name] == close[0]), None) if close else None


def hint(word: str, known: Iterable[str]) -> str:
    """Return "; did you mean 'x'? (known: x, y)" for a word that is not known, as the end of a sentence."""
    names = list(known)
    near = nearest(word, names)
    guess = f"; did you mean {near!r}?" if near else ""
    return f"{guess} (known: {', '.join(names)})" if names else guess


def _plain(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "").replace(" ", "")


def _likeness(a: str, b: str) -> float:
    return difflib.SequenceMatcher(None, a, b).ratio()


def _slips(a: str, b: str) -> int:
    """Count letters missing, added, changed or swapped (optimal string alignment distance)."""
    before, row = [0] * (len(b) + 1), list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        earlier, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
