"""What comes back, as lists and as DataFrames; and what goes in."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from numbers import Number
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    import pandas

    from ._generated import Hit, Paper

T = TypeVar("T", covariant=True)


class Page(Generic[T]):
    """A page of an answer. It is iterated, indexed and measured like the list of its hits or papers."""

    __slots__ = ()

    if TYPE_CHECKING:
        next: str | None

    @property
    def _items(self) -> list[T]:
        raise NotImplementedError

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, place: int) -> T:
        return self._items[place]

    def __repr__(self) -> str:
        """One line a paper, with the sentence that matched below it."""
        lines = [f"{type(self).__name__}: {len(self)} papers{', more with `next`' if self.next else ''}"]
        for place, one in enumerate(self._items, 1):
            paper: Any = getattr(one, "paper", one)
            about = ", ".join(filter(None, [paper.authors[0] if paper.authors else None, (paper.published or "")[:4]]))
            lines.append(f"{place:3}. {paper.title}{f' ({about})' if about else ''}")
            sentence = one.matched.sentence if hasattr(one, "matched") else None
            if sentence is not None:
                lines.append(f"     {sentence.text}")
        notice: str | None = getattr(self, "notice", None)
        if notice is not None:
            lines.append(notice)
        return "\n".join(lines)

    def to_dataframe(self) -> pandas.DataFrame:
        """These hits or papers as rows; see `to_dataframe`."""
        return to_dataframe(self._items)  # type: ignore[arg-type]


#: Columns that hits have, and papers have not.
_OF_A_HIT = ("score", "similarity", "sentence")


def to_dataframe(results: Iterable[Hit | Paper]) -> pandas.DataFrame:
    """Hits or papers as a DataFrame, one row each, in their order.

    The columns are the fields of `Paper`: `authors`, `categories` and `keywords` hold lists of
    strings, dates are strings as precise as they are known. Of hits also `score` (orders this answer
    only), `similarity` (cosine, -1 to 1, or missing) and `sentence` (the sentence that matched).

    Raises:
        ImportError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise ImportError('to_dataframe needs pandas: pip install "kindred-client[pandas]"') from error
    from ._generated import Paper

    columns = [field.name for field in fields(Paper)]
    rows = []
    for one in results:
        paper: Any = getattr(one, "paper", one)
        row = {name: getattr(paper, name) for name in columns}
        if paper is not one:
            sentence = one.matched.sentence  # type: ignore[union-attr]
            row |= zip(_OF_A_HIT, (one.score, one.similarity, sentence and sentence.text))  # type: ignore[union-attr]
        rows.append(row)
    return pandas.DataFrame(rows, columns=list(rows[0]) if rows else [*columns, *_OF_A_HIT])


#: Rows that are written at a time.
_BATCH = 500


def lines_of(papers: Iterable[Mapping[str, Any]] | pandas.DataFrame) -> Iterable[bytes]:
    """Papers as JSON Lines, in pieces."""
    batch: list[str] = []
    for paper in _records(papers):
        batch.append(_line(paper))
        if len(batch) == _BATCH:
            yield ("\n".join(batch) + "\n").encode()
            batch.clear()
    if batch:
        yield ("\n".join(batch) + "\n").encode()


def _records(papers: Any) -> Iterable[Mapping[str, Any]]:
    if isinstance(papers, (str, bytes, Mapping)):
        raise TypeError(
            f"got {type(papers).__name__}, expected a DataFrame or a list of dictionaries; import_file imports files"
        )
    columns = getattr(papers, "columns", None)
    if columns is None:
        return papers  # type: ignore[no-any-return]
    names = [str(name) for name in columns]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f'got {names.count(name)} columns called "{name}", expected one: rename or drop the others')
    return (dict(zip(names, row)) for row in zip(*(papers[name] for name in columns)))


def _line(paper: Mapping[str, Any]) -> str:
    if not hasattr(paper, "items"):
        raise TypeError(f"got {paper!r} as a paper, expected a dictionary with a title or an abstract")
    given = {str(name): value for name, value in paper.items() if not _missing(value)}
    try:
        return json.dumps(given, default=_plain, allow_nan=False)
    except ValueError:
        return json.dumps(_without_missing(given), default=_plain)


def _missing(value: Any) -> bool:
    """Whether a cell is empty: None, NaN, NaT, NA, or an infinite number. Does not import pandas."""
    if isinstance(value, float):
        return not math.isfinite(value)
    return value is None or type(value).__name__ == "NAType" or (not hasattr(value, "__len__") and bool(value != value))


def _without_missing(value: Any) -> Any:
    """A value without the missing ones in its lists and dictionaries, which JSON cannot hold."""
    if isinstance(value, Mapping):
        return {str(name): _without_missing(part) for name, part in value.items() if not _missing(part)}
    if type(value).__name__ == "ndarray":
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [_without_missing(part) for part in value if not _missing(part)]
    return None if _missing(value) else value


def _plain(value: Any) -> Any:
    """A date as 2020-05-07, and a value of numpy or pandas as Python's."""
    if type(value).__name__ == "datetime64":
        return str(value)[:10]
    if hasattr(value, "isoformat"):
        return re.sub("[T ].*", "", value.isoformat())
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    # Such as a Decimal, and the Period 2020-05.
    if isinstance(value, Number) or type(value).__module__.startswith("pandas"):
        return str(value)
    raise TypeError(f"got {value!r} in a paper, expected a text, a number, a list of them or a date")
