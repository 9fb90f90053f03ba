"""Errors. Their text is the server's: what it received, what it expected and what to do."""

from __future__ import annotations

from contextlib import contextmanager
from collections.abc import Iterator

import httpx


class KindredError(Exception):
    """The server refused a request, or failed.

    `status` is the HTTP status, None if there was no answer. `parameter` is the wrong parameter, if
    the server names one. `request_id` finds the request in the log of the server.
    """

    def __init__(
        self,
        message: str,
        status: int | None = None,
        parameter: str | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.parameter = parameter
        self.request_id = request_id


class InvalidRequest(KindredError):
    """An argument is wrong (400)."""


class KeyNeeded(KindredError):
    """A key is needed, or the key is unknown (401)."""


class NotFound(KindredError):
    """There is no such paper, list or import (404)."""


class Unreachable(KindredError):
    """Nothing answers at this address, or not in time."""


_BY_STATUS = {400: InvalidRequest, 401: KeyNeeded, 404: NotFound}


def check(response: httpx.Response) -> None:
    """Raises the error of an answer, if it is one."""
    status = response.status_code
    if status < 300:
        return
    if status < 400:
        location = response.headers.get("location", "another address")
        raise KindredError(f"{response.url} leads to {location}: use that server as url", status)
    problem: dict[str, str] = {}
    if response.headers.get("content-type", "").startswith("application/problem+json"):
        problem = response.json()
    # A proxy answers in its own words.
    detail = problem.get("detail") or f"{response.url} answers {status} {response.reason_phrase}"
    kind = _BY_STATUS.get(status, KindredError)
    raise kind(detail, status, problem.get("parameter"), response.headers.get("x-request-id"))


@contextmanager
def reaching(url: str) -> Iterator[None]:
    """Says what to do when no answer comes."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise Unreachable(f"{url} did not answer in time: try again, or pass a larger timeout") from error
    except httpx.TransportError as error:
        raise Unreachable(
            f"{url} does not answer ({error}): start it with `kindred serve`, or pass another url"
        ) from error
