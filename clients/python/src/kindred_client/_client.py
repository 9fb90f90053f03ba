"""The two clients. What they do is written once, as flows that a transport runs: see `Flow`."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import IO, TYPE_CHECKING, Any, ParamSpec, TypeVar, Union

import httpx

from ._errors import check, reaching
from ._generated import AsyncOperations, ImportReport, Operations, Status
from ._reading import Fields, Reader, given, json_of, reads
from ._results import Page, lines_of

if TYPE_CHECKING:
    import pandas
    from typing_extensions import Self

P = ParamSpec("P")
T = TypeVar("T")
Papers = Union["pandas.DataFrame", Iterable[Mapping[str, Any]]]
File = Union[str, "os.PathLike[str]", bytes]

#: A server that asks to wait longer, in seconds, is not asked again.
_LONGEST_WAIT = 90.0
#: Seconds between two looks at how far embedding has come.
_LOOK = 0.5
_CHUNK = 1 << 18
#: Bytes of papers above which they wait in a temporary file.
_IN_MEMORY = 1 << 24


@dataclass
class _Request:
    method: str
    path: str
    query: Fields = None
    body: Fields = None
    #: Bytes to send instead of a JSON body; called again for each attempt.
    content: Callable[[], Iterable[bytes]] | None = None
    options: Mapping[str, Any] | None = None

    def arguments(self, content: Any) -> dict[str, Any]:
        """What httpx takes."""
        body = {"content": content} if self.content else {} if self.body is None else {"json": given(self.body)}
        return {"method": self.method, "url": self.path, "params": given(self.query), **body, **(self.options or {})}


#: A piece of work without a transport. It yields requests, and receives their responses; or the
#: number of seconds it wants to sleep. `Kindred` and `AsyncKindred` differ only in how they run it.
Flow = Generator[Union[_Request, float], Any, T]


def _sent(request: _Request, retries: int) -> Flow[httpx.Response]:
    """Sends a request; again, if the server says that it has no room now."""
    attempt = 0
    while True:
        response: httpx.Response = yield request
        pause = _pause(response, attempt)
        if response.status_code not in (429, 503) or attempt >= retries or pause > _LONGEST_WAIT:
            check(response)
            return response
        attempt += 1
        yield pause


def _pause(response: httpx.Response, attempt: int) -> float:
    """How many seconds to wait: what `Retry-After` says (seconds or a date), otherwise 0.5, 1, 2, ..."""
    after = response.headers.get("retry-after", "")
    if after.isdecimal():
        return float(after)
    try:
        return max(0.0, parsedate_to_datetime(after).timestamp() - time.time())
    except ValueError:
        return 0.5 * 2.0**attempt


def _imported(
    content: Callable[[], Iterable[bytes]],
    name: str,
    retries: int,
    wait: bool,
    progress: Callable[[Status], object] | None,
    timeout: float | None,
) -> Flow[ImportReport]:
    # The server may first finish another import, and answers when everything is stored: neither has a limit of time.
    options = {"timeout": httpx.Timeout(None, connect=30)}
    request = _Request("POST", "papers", query={"name": name[:255]}, content=content, options=options)
    report = reads(ImportReport)((yield from _sent(request, retries)))
    if wait:
        yield from _indexed(progress, timeout, retries)
    return report


def _indexed(progress: Callable[[Status], object] | None, timeout: float | None, retries: int) -> Flow[Status]:
    end = None if timeout is None else time.monotonic() + timeout
    while True:
        status = reads(Status)((yield from _sent(_Request("GET", "status"), retries)))
        if progress is not None:
            progress(status)
        if status.pending + status.pending_sentences == 0:
            return status
        if end is not None and time.monotonic() + _LOOK > end:
            raise TimeoutError(f"{status.pending} papers are not embedded after {timeout} seconds; the server goes on")
        yield _LOOK


def _stored(papers: Papers) -> IO[bytes]:
    """All papers, so that none is sent if one is invalid, and so that they can be sent again."""
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)
    try:
        file.writelines(lines_of(papers))
    except BaseException:
        file.close()
        raise
    return file


def _content_of(file: File) -> Callable[[], Iterable[bytes]]:
    if isinstance(file, bytes):
        return lambda: [file]
    path = file
    # If it cannot be read, nothing is sent.
    open(path, "rb").close()

    def chunks() -> Iterable[bytes]:
        with open(path, "rb") as opened:
            yield from _chunks(opened)

    return chunks


def _chunks(file: IO[bytes]) -> Iterable[bytes]:
    file.seek(0)
    while chunk := file.read(_CHUNK):
        yield chunk


def _name_of(file: File) -> str:
    return "upload" if isinstance(file, bytes) else os.path.basename(os.fspath(file))


async def _asynchronous(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def _settings(url: str, key: str | None, timeout: float) -> dict[str, Any]:
    """What httpx is opened with. `url` may contain a path, as behind a proxy."""
    address = httpx.URL(url)
    if address.scheme not in ("http", "https") or not address.host:
        raise ValueError(f'url: got "{url}", expected an address such as http://127.0.0.1:3000/')
    return {
        "base_url": url.rstrip("/") + "/api/",
        "headers": {
            "User-Agent": f"kindred-client/{version('kindred-client')}",
            **({} if key is None else {"Authorization": f"Bearer {key}"}),
        },
        "timeout": timeout,
        # A proxy for the internet does not reach this machine.
        "trust_env": not _is_loopback(address.host),
    }


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Kindred(Operations):
    """A running Kindred.

    Args:
        url: Its address, as `kindred serve` prints it; also with a path, such as
            `https://lab.example/papers/`.
        key: A key, as `kindred key add` prints it, where the server asks for one.
        timeout: Seconds that connecting, and the parts of an answer, may take. Imports may take longer.
        retries: How often a request is sent again that the server had no room for (429 and 503),
            after as long as the server says.
        options: Further arguments of `httpx.Client`, such as `verify` for a certificate of your own.

    Every method raises a `KindredError` with the server's words when it fails: `InvalidRequest` for
    wrong arguments, `NotFound`, `KeyNeeded`, `Unreachable`. It may be used by several threads.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:3000/",
        key: str | None = None,
        *,
        timeout: float = 60,
        retries: int = 4,
        **options: Any,
    ) -> None:
        self.url = url
        self._retries = retries
        self._http = httpx.Client(**{**_settings(url, key, timeout), **options})

    def add(
        self,
        papers: Papers,
        *,
        name: str = "python",
        wait: bool = False,
        progress: Callable[[Status], object] | None = None,
        timeout: float | None = None,
    ) -> ImportReport:
        """Adds papers, as one import. They are found by their words at once, by their meaning when embedded.

        Adding a paper again changes nothing, or updates it. `undo(report.import_)` undoes everything.

        Args:
            papers: A pandas DataFrame with one row a paper, or dictionaries. Only `title`, or
                `abstract`, is needed; docs/import.md in Kindred lists all fields. `authors` is a list of
                names. Missing values (None, NaN) are left out, dates may be dates or strings. All are read before
                the first is sent, without keeping them in memory.
            name: What the import is called in reports and in `imports()`.
            wait: Whether to wait until they are embedded, as `wait_until_indexed` does with `progress` and
                `timeout`.

        Returns:
            How many were added, updated and unchanged. A paper that cannot be read is in `problems` with its
            place as `line`, from 1; it does not raise.
        """
        with _stored(papers) as file:
            return self._run(_imported(lambda: _chunks(file), name, self._retries, wait, progress, timeout))

    def import_file(
        self,
        file: File,
        *,
        name: str | None = None,
        wait: bool = False,
        progress: Callable[[Status], object] | None = None,
        timeout: float | None = None,
    ) -> ImportReport:
        """Imports a file in any format that Kindred reads: BibTeX, RIS, CSV, JSON, PubMed, ...

        Args:
            file: Its path, or its bytes.
            name: What reports call it; by default its own name.
            wait: Whether to wait until its papers are embedded; see `add`.
        """
        return self._run(
            _imported(_content_of(file), name or _name_of(file), self._retries, wait, progress, timeout)
        )

    def wait_until_indexed(
        self, *, progress: Callable[[Status], object] | None = None, timeout: float | None = None
    ) -> Status:
        """Waits until every paper is embedded, and so found by its meaning.

        Args:
            progress: Called twice a second with the `Status`: `status.pending` papers are not embedded
                yet, of `status.papers`; `status.pending_sentences` lack the vectors of their sentences.
            timeout: Seconds, by default any number.

        Raises:
            TimeoutError: The server goes on embedding.
        """
        return self._run(_indexed(progress, timeout, self._retries))

    def iterate(self, ask: Callable[P, Page[T]], *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        """All pages of an answer, hit by hit or paper by paper: `iterate(kindred.search, "tides", year=2020)`.

        Args:
            ask: `search`, `related`, `recommend` or `browse` of this client. A ranked answer ends after
                about 1,000 hits, `browse` goes through all papers.
        """
        more: dict[str, Any] = {"limit": 100, **kwargs}
        while True:
            page = ask(*args, **more)
            yield from page
            if page.next is None:
                return
            more["cursor"] = page.next

    def request(self, method: str, path: str, *, query: Fields = None, body: Fields = None) -> Any:
        """Asks what has no method here: `request("GET", "alerts")` is `GET /api/alerts`.

        Returns:
            The answer as lists and dictionaries; None if there is none.
        """
        return self._ask(json_of, method, path, query=query, body=body)

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, read: Reader[T], method: str, path: str, *, query: Fields = None, body: Fields = None) -> T:
        return read(self._run(_sent(_Request(method, path, query, body), self._retries)))

    def _run(self, flow: Flow[T]) -> T:
        result: Any = None
        while True:
            try:
                step = flow.send(result)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            if isinstance(step, _Request):
                with reaching(self.url):
                    result = self._http.request(**step.arguments(step.content and step.content()))
            else:
                time.sleep(step)


class AsyncKindred(AsyncOperations):
    """A running Kindred, for programs with asyncio. Its arguments are those of `Kindred`."""

    def __init__(
        self,
        url: str = "http://127.0.0.1:3000/",
        key: str | None = None,
        *,
        timeout: float = 60,
        retries: int = 4,
        **options: Any,
    ) -> None:
        self.url = url
        self._retries = retries
        self._http = httpx.AsyncClient(**{**_settings(url, key, timeout), **options})

    async def add(
        self,
        papers: Papers,
        *,
        name: str = "python",
        wait: bool = False,
        progress: Callable[[Status], object] | None = None,
        timeout: float | None = None,
    ) -> ImportReport:
        """Adds papers; see `Kindred.add`."""
        with await asyncio.to_thread(_stored, papers) as file:
            return await self._run(_imported(lambda: _chunks(file), name, self._retries, wait, progress, timeout))

    async def import_file(
        self,
        file: File,
        *,
        name: str | None = None,
        wait: bool = False,
        progress: Callable[[Status], object] | None = None,
        timeout: float | None = None,
    ) -> ImportReport:
        """Imports a file; see `Kindred.import_file`."""
        return await self._run(
            _imported(_content_of(file), name or _name_of(file), self._retries, wait, progress, timeout)
        )

    async def wait_until_indexed(
        self, *, progress: Callable[[Status], object] | None = None, timeout: float | None = None
    ) -> Status:
        """Waits until every paper is embedded; see `Kindred.wait_until_indexed`."""
        return await self._run(_indexed(progress, timeout, self._retries))

    async def iterate(
        self, ask: Callable[P, Awaitable[Page[T]]], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncIterator[T]:
        """All pages of an answer, with `async for`; see `Kindred.iterate`."""
        more: dict[str, Any] = {"limit": 100, **kwargs}
        while True:
            page = await ask(*args, **more)
            for one in page:
                yield one
            if page.next is None:
                return
            more["cursor"] = page.next

    async def request(self, method: str, path: str, *, query: Fields = None, body: Fields = None) -> Any:
        """Asks what has no method here; see `Kindred.request`."""
        return await self._ask(json_of, method, path, query=query, body=body)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _ask(self, read: Reader[T], method: str, path: str, *, query: Fields = None, body: Fields = None) -> T:
        return read(await self._run(_sent(_Request(method, path, query, body), self._retries)))

    async def _run(self, flow: Flow[T]) -> T:
        result: Any = None
        while True:
            try:
                step = flow.send(result)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            if isinstance(step, _Request):
                content = step.content and _asynchronous(step.content())
                with reaching(self.url):
                    result = await self._http.request(**step.arguments(content))
            else:
                await asyncio.sleep(step)
