"""Writes what requests contain, and reads answers into the dataclasses."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Optional, TypeVar, Union, get_args, get_origin, get_type_hints

import httpx

from ._errors import KindredError

T = TypeVar("T")
Reader = Callable[[httpx.Response], T]
Fields = Optional[Mapping[str, Any]]

_PLAIN = re.compile(r"\w(?:[\w.:-]*\w)?", re.ASCII)
_PREFIX = "base64url:"


def segment(part: str | int) -> str:
    """An id or a name as one segment of a path, which no client or proxy changes."""
    plain = str(part)
    if _PLAIN.fullmatch(plain) and not plain.startswith(_PREFIX):
        return plain
    return _PREFIX + base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def many(values: Any) -> Sequence[Any] | None:
    """One value as a list of it; values of numpy and pandas as Python's."""
    if values is None:
        return None
    if hasattr(values, "tolist"):
        values = values.tolist()
    return [values] if isinstance(values, (str, Mapping)) or not isinstance(values, Iterable) else list(values)


def given(values: Fields) -> dict[str, Any] | None:
    """Without what was not passed."""
    return None if values is None else {name: value for name, value in values.items() if value is not None}


def nothing(_: httpx.Response) -> None:
    return None


def text(response: httpx.Response) -> str:
    # The server writes UTF-8, also where the media type names no charset.
    return response.content.decode()


def json_of(response: httpx.Response) -> Any:
    """The answer as lists and dictionaries; None if it is empty."""
    if not response.content:
        return None
    kind = response.headers.get("content-type", "nothing")
    if not kind.startswith("application/json"):
        raise KindredError(f"{response.url} answers with {kind}, expected JSON: is this the address of a Kindred?")
    return response.json()


def reads(kind: type[T]) -> Reader[T]:
    convert: Callable[[Any], T] = _converter(kind)  # type: ignore[arg-type]
    return lambda response: convert(json_of(response))


@cache
def _converter(kind: Hashable) -> Callable[[Any], Any]:
    """Makes a value of this type from JSON. Fields that this version does not know are left out."""
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        parts = [(field.name, _key(field.name), _converter(hints[field.name])) for field in fields(kind)]
        return lambda value: kind(**{name: convert(value.get(key)) for name, key, convert in parts})
    parts_of = get_args(kind)
    if get_origin(kind) is list:
        one = _converter(parts_of[0])
        return lambda value: [one(part) for part in value or ()]
    if get_origin(kind) in (Union, UnionType) and len(parts_of) == 2 and type(None) in parts_of:
        present = _converter(next(part for part in parts_of if part is not type(None)))
        return lambda value: None if value is None else present(value)
    return lambda value: value


def _key(name: str) -> str:
    """The name of a field in JSON: `from_` is `from`, `added_after` is `addedAfter`."""
    first, *others = name.rstrip("_").split("_")
    return first + "".join(other.capitalize() for other in others)
