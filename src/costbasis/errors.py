"""Every error a user can meet, each in three parts: what happened, where, what to do next.

::

    CostbasisError                 exit status 2: the input is at fault
    ├── NoLogs                     nothing to read
    ├── UnreadableInput            a file or folder that cannot be read
    ├── EngineFailed               an engine that gave up, or a connection that was lost, in mid-query
    ├── BadCatalogue               a row of the catalogue (or of a scenario) breaks a rule
    ├── BadImport                  a file of an upstream, or a line in it, that cannot be taken in
    ├── BadMapping                 a mapping of a table's columns that cannot be used, or does not fit the table
    ├── UnknownName                a model, plan, claim, key, … that is not in the catalogue
    │   └── VariantName            a variant of a model (fast, free, …), which is priced apart from it
    ├── AmbiguousName              a name that fits several things
    ├── BadOverride                a --set or a scenario line that cannot be used
    ├── BadClaim                   a claim file that cannot be judged
    ├── BadPopulation              use of people that contradicts itself, or is not there
    ├── BadPlan                    a plan file that cannot be used
    ├── BadCompany                 a company file that does not add up or misses a source
    ├── BadArgument                a command-line value that cannot be used
    ├── UnitMismatch               a quantity handed to a formula that expects another unit
    └── MixedBases                 two cost bases compared without an explicit conversion
"""

from __future__ import annotations

from collections.abc import Iterable


class CostbasisError(Exception):
    """What happened (*what*), the file, line, key or argument (*where*), and the next step (*hint*).

    >>> print(CostbasisError("no such file", where="a.jsonl", hint="check the path"))
    a.jsonl: no such file
    hint: check the path
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\nhint: {self.hint}" if self.hint else head


class NoLogs(CostbasisError):
    """No agent log was found where we looked."""


class UnreadableInput(CostbasisError):
    """A path that was asked for cannot be read."""


class EngineFailed(CostbasisError):
    """An engine that could not answer: a lost connection, no memory, a table that is not there."""


class BadCatalogue(CostbasisError):
    """A fact breaks a rule of the catalogue: mid outside low..high, share outside 0..1, no source."""


class BadImport(CostbasisError):
    """A file of an upstream that cannot be read, or an entry of it that cannot be taken into the book."""


class BadMapping(CostbasisError):
    """A mapping file that breaks a rule of its format, or names columns that the table does not have."""


class UnknownName(CostbasisError):
    """A name that the catalogue does not hold; *known* feeds the suggestion.

    >>> print(UnknownName("model", "opus-4-6x", known=["claude-opus-4-6", "opus-4-6"], where="s.jsonl:88"))
    s.jsonl:88: unknown model "opus-4-6x"; did you mean "opus-4-6" or "claude-opus-4-6"?
    """

    def __init__(self, kind: str, name: str, *, known: Iterable[str], where: str = "", hint: str = "") -> None:
        self.kind = kind
        self.name = name
        self.nearest = nearest(name, known)
        guess = f"; did you mean {one_of(self.nearest)}?" if self.nearest else ""
        super().__init__(f'unknown {kind} "{name}"{guess}', where=where, hint=hint)


class VariantName(UnknownName):
    """A name of a variant where a model is wanted: its price is not the model's.

    >>> print(VariantName("claude-opus-4.6-fast", "fast", "claude-opus-4-6"))
    "claude-opus-4.6-fast" is the fast variant of "claude-opus-4-6", which is priced apart
    hint: costbasis catalog retail claude-opus-4-6 shows every price of the model
    """

    def __init__(self, name: str, variant: str, model: str, where: str = "") -> None:
        self.kind, self.name, self.variant, self.model = "model", name, variant, model
        self.nearest = [model]
        hint = f"costbasis catalog retail {model} shows every price of the model"
        what = f'"{name}" is the {variant} variant of "{model}", which is priced apart'
        CostbasisError.__init__(self, what, where=where, hint=hint)


class AmbiguousName(CostbasisError):
    """A name that fits several things; the choices are in the message.

    >>> print(AmbiguousName("plan", "pro", choices=["anthropic/pro", "openai/pro"]))
    plan "pro" is ambiguous: it may be "anthropic/pro" or "openai/pro"
    """

    def __init__(self, kind: str, name: str, *, choices: Iterable[str], where: str = "", hint: str = "") -> None:
        self.choices = list(choices)
        super().__init__(f'{kind} "{name}" is ambiguous: it may be {one_of(self.choices)}', where=where, hint=hint)


class BadOverride(CostbasisError):
    """A ``--set key=low..high`` or a scenario entry that cannot be used."""


class BadClaim(CostbasisError):
    """A claim file that cannot be judged, with the line that is at fault."""


class BadPopulation(CostbasisError):
    """Statistics or a file of people's use that contradict themselves, mix currencies or hold nobody."""


class BadPlan(CostbasisError):
    """A plan file that cannot be used: no price, a negative one, a limit without a unit."""


class BadCompany(CostbasisError):
    """A company file that cannot be walked: an unknown line, no source, another currency."""


class BadArgument(CostbasisError):
    """A command-line value that cannot be used."""


class Infeasible(CostbasisError):
    """What was asked cannot be served at all: which limit forbids it, and the nearest that can."""


class UnitMismatch(CostbasisError):
    """A quantity handed to a formula parameter whose name promises another unit."""


class MixedBases(CostbasisError):
    """Two cost bases put side by side without an explicit conversion."""


def nearest(name: str, known: Iterable[str], *, limit: int = 3) -> list[str]:
    """The known names most like *name*, best first (at most *limit*); where none is, those that it begins.

    >>> nearest("claud", ["claude-opus-4-6", "kimi-k2.5"])
    ['claude-opus-4-6']
    """
    from difflib import get_close_matches  # here: most runs meet no error

    names = list(known)
    begun = [one for one in names if name and one.startswith(name)]
    return get_close_matches(name, names, n=limit, cutoff=0.55) or begun[:limit]


def why(error: Exception) -> str:
    """What went wrong in words: of the system's errors without number and path, which the message says elsewhere.

    >>> why(FileNotFoundError(2, "No such file or directory", "claim.toml"))
    'No such file or directory'
    >>> why(UnicodeDecodeError("utf-8", b"caf\\xe9", 3, 4, "unexpected end of data"))
    'it is not UTF-8 text'
    """
    if isinstance(error, UnicodeDecodeError):
        return f"it is not {error.encoding.upper()} text"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def one_of(names: Iterable[str]) -> str:
    """Names as English prose: ``"a", "b" or "c"``."""
    quoted = [f'"{name}"' for name in names]
    if len(quoted) < 2:
        return "".join(quoted)
    return ", ".join(quoted[:-1]) + " or " + quoted[-1]
