"""Words of treebanks as an encoder knows them from plain text."""

import re

_BRACKETS = {
    "-LRB-": "(",
    "-RRB-": ")",
    "-LSB-": "[",
    "-RSB-": "]",
    "-LCB-": "{",
    "-RCB-": "}",
    "\\/": "/",
    "\\*": "*",
}
_ESCAPE = re.compile("|".join(map(re.escape, _BRACKETS)))

_WHOLE_WORDS = {
    "/.": ".",
    "/?": "?",
    "/-": "-",
    "``": '"',
    "''": '"',
    "“": '"',
    "”": '"',
    "„": '"',
    "«": '"',
    "»": '"',
    "`": "'",
    "‘": "'",
    "’": "'",
    "‚": "'",
    "‹": "'",
    "›": "'",
    "–": "--",
    "—": "--",
}


def plain_word(word: str) -> str:
    """
    A word without the escapes of the Penn Treebank and OntoNotes.

    # Parameters

    word : `str`
        A word of a treebank.

    # Returns

    `str`
        Escaped brackets, slashes and asterisks are undone wherever they stand in the word (`-LRB-`
        is `(`, `:-RRB-` is `:)`). Quotes and dashes are made plain where they are the whole word:
        two-character and typographic double quotes `"`, single ones `'`, en and em dashes `--`; so
        are OntoNotes' `/.`, `/?` and `/-`.
    """
    whole = _WHOLE_WORDS.get(word)
    if whole is not None:
        return whole
    if "-" in word or "\\" in word:
        return _ESCAPE.sub(lambda match: _BRACKETS[match[0]], word)
    return word
