# Written by scripts/build/python-client.ts from the OpenAPI document of the server. Do not edit.
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Mapping, Sequence, TypeVar

from ._reading import Fields, Reader, many, nothing, reads, segment, text
from ._results import Page

T = TypeVar("T")

__all__ = [
    "Paper",
    "Version",
    "Sentence",
    "Passage",
    "Pair",
    "Matched",
    "ReasonExample",
    "Reason",
    "Because",
    "Signal",
    "ExplainedWord",
    "Explained",
    "Hit",
    "Method",
    "Counted",
    "Facets",
    "Answer",
    "ExplanationHit",
    "Explanation",
    "PaperAnswerSentence",
    "PaperAnswer",
    "FindAnswerFoundPaper",
    "FindAnswerFound",
    "FindAnswerUnknown",
    "FindAnswer",
    "NeighbourhoodAnswerPaper",
    "NeighbourhoodAnswerEdge",
    "NeighbourhoodAnswer",
    "BrowseAnswer",
    "ListsAnswerList",
    "ListsAnswerNote",
    "ListsAnswer",
    "AddReportIdentifierPaper",
    "AddReportIdentifier",
    "AddReport",
    "ImportsAnswerImport",
    "ImportsAnswer",
    "Undone",
    "StatusImporting",
    "StatusJob",
    "StatusModel",
    "StatusIndex",
    "Status",
    "ImportReportProblem",
    "ImportReportRemark",
    "ImportReport",
]


@dataclass(kw_only=True, slots=True)
class Paper:
    id: str
    title: str
    abstract: str | None
    authors: list[str]
    venue: str | None
    categories: list[str]
    published: str | None
    updated: str | None
    doi: str | None
    arxiv: str | None
    url: str | None
    source: str | None
    organization: str | None
    listed: str | None
    upvotes: int | None
    comments: int | None
    keywords: list[str]
    notice: Literal["retracted", "withdrawn", "concern", "deleted"] | None
    """What was said about the paper after it had appeared: `retracted`, `withdrawn` by its authors or
    publisher, `concern` (an expression of concern), or `deleted` by the service that it came from.
    null if nothing is known.
    """
    basis: Literal["abstract", "title"]


@dataclass(kw_only=True, slots=True)
class Version:
    id: str
    title: str
    venue: str | None
    published: str | None
    doi: str | None
    arxiv: str | None
    url: str | None
    source: str | None
    notice: Literal["retracted", "withdrawn", "concern", "deleted"] | None
    """What was said about the paper after it had appeared: `retracted`, `withdrawn` by its authors or
    publisher, `concern` (an expression of concern), or `deleted` by the service that it came from.
    null if nothing is known.
    """


@dataclass(kw_only=True, slots=True)
class Sentence:
    text: str
    start: int
    end: int
    similarity: float | None


@dataclass(kw_only=True, slots=True)
class Passage:
    text: str
    start: int
    end: int


@dataclass(kw_only=True, slots=True)
class Pair:
    here: Passage
    there: Passage
    similarity: float


@dataclass(kw_only=True, slots=True)
class Matched:
    sentence: Sentence | None
    words: list[str]
    pair: Pair | None = None


@dataclass(kw_only=True, slots=True)
class ReasonExample:
    id: str | None = None
    text: str | None = None


@dataclass(kw_only=True, slots=True)
class Reason:
    example: ReasonExample
    title: str | None
    similarity: float
    share: float


@dataclass(kw_only=True, slots=True)
class Because:
    for_: list[Reason]
    against: list[Reason]
    reason: str | None


@dataclass(kw_only=True, slots=True)
class Signal:
    name: Literal["words", "abstract", "sentence", "title", "neighbours", "likes", "dislikes", "votes", "age"]
    rank: int | None
    value: float | None
    weight: float
    contribution: float


@dataclass(kw_only=True, slots=True)
class ExplainedWord:
    word: str
    weight: float


@dataclass(kw_only=True, slots=True)
class Explained:
    signals: list[Signal]
    words: list[ExplainedWord]


@dataclass(kw_only=True, slots=True)
class Hit:
    paper: Paper
    versions: list[Version]
    score: float
    similarity: float | None
    matched: Matched
    because: Because | None = None
    explain: Explained | None = None


@dataclass(kw_only=True, slots=True)
class Method:
    ranking: Literal["hybrid", "semantic", "lexical", "identifier", "filters", "none"]
    nearest: Literal["exact", "scan", "hnsw"] | None


@dataclass(kw_only=True, slots=True)
class Counted:
    value: str
    papers: int


@dataclass(kw_only=True, slots=True)
class Facets:
    years: list[Counted]
    categories: list[Counted]
    venues: list[Counted]
    sources: list[Counted]
    days: list[Counted]


@dataclass(kw_only=True, slots=True, repr=False)
class Answer(Page["Hit"]):
    hits: list[Hit]
    pending: int
    method: Method
    next: str | None
    facets: Facets | None = None
    understood: str | None
    suggestion: str | None
    close: bool | None
    notice: str | None

    @property
    def _items(self) -> list[Hit]:
        return self.hits


@dataclass(kw_only=True, slots=True)
class ExplanationHit:
    score: float
    similarity: float | None
    matched: Matched
    because: Because | None = None
    explain: Explained


@dataclass(kw_only=True, slots=True)
class Explanation:
    paper: Paper
    place: int | None
    of: int
    version_of: str | None
    hit: ExplanationHit | None
    why: str


@dataclass(kw_only=True, slots=True)
class PaperAnswerSentence:
    start: int
    end: int


@dataclass(kw_only=True, slots=True)
class PaperAnswer:
    paper: Paper
    sentences: list[PaperAnswerSentence]
    sources: list[str]
    citation_key: str


@dataclass(kw_only=True, slots=True)
class FindAnswerFoundPaper:
    id: str
    title: str


@dataclass(kw_only=True, slots=True)
class FindAnswerFound:
    given: str
    paper: FindAnswerFoundPaper


@dataclass(kw_only=True, slots=True)
class FindAnswerUnknown:
    given: str
    kind: Literal["doi", "arxiv", "pmid", "url"]
    value: str


@dataclass(kw_only=True, slots=True)
class FindAnswer:
    found: list[FindAnswerFound]
    unknown: list[FindAnswerUnknown]
    unread: list[str]


@dataclass(kw_only=True, slots=True)
class NeighbourhoodAnswerPaper:
    id: str
    title: str
    published: str | None
    venue: str | None
    author: str | None
    similarity: float


@dataclass(kw_only=True, slots=True)
class NeighbourhoodAnswerEdge:
    from_: int
    to: int
    similarity: float


@dataclass(kw_only=True, slots=True)
class NeighbourhoodAnswer:
    papers: list[NeighbourhoodAnswerPaper]
    edges: list[NeighbourhoodAnswerEdge]
    pending: int
    notice: str | None


@dataclass(kw_only=True, slots=True, repr=False)
class BrowseAnswer(Page["Paper"]):
    papers: list[Paper]
    total: int
    next: str | None
    facets: Facets | None = None

    @property
    def _items(self) -> list[Paper]:
        return self.papers


@dataclass(kw_only=True, slots=True)
class ListsAnswerList:
    name: str
    created: str
    papers: int
    ids: list[str]


@dataclass(kw_only=True, slots=True)
class ListsAnswerNote:
    id: str
    note: str
    changed: str


@dataclass(kw_only=True, slots=True)
class ListsAnswer:
    lists: list[ListsAnswerList]
    notes: list[ListsAnswerNote]


@dataclass(kw_only=True, slots=True)
class AddReportIdentifierPaper:
    id: str
    title: str


@dataclass(kw_only=True, slots=True)
class AddReportIdentifier:
    given: str
    outcome: Literal["added", "updated", "here", "not-found", "failed"]
    paper: AddReportIdentifierPaper | None
    reason: str | None


@dataclass(kw_only=True, slots=True)
class AddReport:
    import_: int | None
    added: int
    updated: int
    unchanged: int
    identifiers: list[AddReportIdentifier]
    remarks: list[str]


@dataclass(kw_only=True, slots=True)
class ImportsAnswerImport:
    import_: int
    name: str
    began: str
    undone: str | None
    added: int
    updated: int


@dataclass(kw_only=True, slots=True)
class ImportsAnswer:
    imports: list[ImportsAnswerImport]


@dataclass(kw_only=True, slots=True)
class Undone:
    removed: int
    restored: int
    kept: int


@dataclass(kw_only=True, slots=True)
class StatusImporting:
    name: str
    papers: int
    bytes: int


@dataclass(kw_only=True, slots=True)
class StatusJob:
    name: str
    next: str | None
    started: str | None
    ended: str | None
    outcome: str | None
    failures: int
    running: bool


@dataclass(kw_only=True, slots=True)
class StatusModel:
    name: str
    sha256: str
    dtype: str
    pooling: str
    cut: int
    dimensions: int


@dataclass(kw_only=True, slots=True)
class StatusIndex:
    state: Literal["ready", "building"]
    count: int
    change: int
    saved: int
    store_change: int
    notice: str | None


@dataclass(kw_only=True, slots=True)
class Status:
    version: str
    papers: int
    embedded: int
    pending: int
    pending_sentences: int
    failed: int
    newest: int
    importing: list[StatusImporting]
    pending_points: int
    indexing: bool
    jobs: list[StatusJob]
    model: StatusModel
    index: StatusIndex


@dataclass(kw_only=True, slots=True)
class ImportReportProblem:
    file: str
    line: int
    reason: str


@dataclass(kw_only=True, slots=True)
class ImportReportRemark:
    file: str
    line: int
    reason: str


@dataclass(kw_only=True, slots=True)
class ImportReport:
    import_: int | None
    format: Literal["jsonl", "json", "bibtex", "ris", "csv", "nbib", "endnote", "refworks", "web-of-science", "xml", "zip"] | None
    added: int
    updated: int
    unchanged: int
    problems: list[ImportReportProblem]
    rejected: int
    remarks: list[ImportReportRemark]
    remarked: int
    ignored: dict[str, int]
    abbreviations: int


class Operations:
    def _ask(self, read: Reader[T], method: str, path: str, *, query: Fields = None, body: Fields = None) -> T:
        raise NotImplementedError

    def search(
        self,
        q: str,
        *,
        mode: Literal["hybrid", "semantic", "lexical"] = "hybrid",
        limit: int = 20,
        cursor: str | None = None,
        facets: bool = False,
        sort: Literal["relevance", "date", "upvotes"] = "relevance",
        diversity: float = 0,
        explain: bool = False,
        from_: str | None = None,
        to: str | None = None,
        year: int | Sequence[int] | None = None,
        category: str | Sequence[str] | None = None,
        venue: str | Sequence[str] | None = None,
        author: str | Sequence[str] | None = None,
        source: str | Sequence[str] | None = None,
        listed: str | None = None,
        list: str | Sequence[str] | None = None,
        added_after: int | None = None,
        within: str | Sequence[str] | None = None,
        area: str | None = None,
    ) -> Answer:
        """Find papers by words and meaning.

        Args:
            q: The query: plain words, a title, a DOI, an arXiv id or a URL. A query can also
                contain "exact phrase", -word, syn* (words that start with syn), author:NAME,
                title:WORD, venue:WORD, category:NAME, year:2019, year:2019..2022, AND, OR, NOT and
                parentheses.
            mode: Search by words and meaning (`hybrid`), by meaning only or by words only.
            limit: Number of papers on a page, 1 to 500.
            cursor: Where to continue: the `next` of the previous answer.
            facets: Also count the papers of each year, category, venue, source and daily list.
            sort: `date` and `upvotes` sort the 200 most relevant papers, newest or most upvoted
                first; a query of filters only sorts all papers.
            diversity: 0 to 1: how far papers similar to one ranked above are demoted, among the 200
                most relevant. Only when sorted by relevance.
            explain: Include each signal's contribution to the score of each hit.
            from_: Published on or after this date (2017, 2017-06 or 2017-06-12). A paper with only
                a year counts as of 1 January.
            to: Published on or before this date; a year or a month includes its last day.
            year: Published in one of these years.
            category: In one of these categories, ignoring case; `cs` includes `cs.LG`.
            venue: The exact name of the venue; if no venue has that name, venues that contain these
                words, ignoring case.
            author: One author's name contains all these words, ignoring case and accents; an
                initial matches any name that starts with it.
            source: Imported from this source, spelled exactly.
            listed: On a daily list on this day, or in this week (2024-W18), month (2024-05) or
                year.
            list: In one of your lists: `likes`, `dislikes` or a list you made. A search fails if
                there is no such list.
            added_after: Imported after the paper that was `newest` in an earlier status.
            within: Only the papers with these ids.
            area: In this rectangle of the map, given by two opposite corners: x0,y0,x1,y1.
        """
        return self._ask(
            reads(Answer),
            "POST",
            "search",
            body={
                "q": q,
                "mode": mode,
                "limit": limit,
                "cursor": cursor,
                "facets": facets,
                "sort": sort,
                "diversity": diversity,
                "explain": explain,
                "from": from_,
                "to": to,
                "year": many(year),
                "category": many(category),
                "venue": many(venue),
                "author": many(author),
                "source": many(source),
                "listed": listed,
                "list": many(list),
                "addedAfter": added_after,
                "within": many(within),
                "area": area,
            },
        )

    def related(
        self,
        id: str | None = None,
        *,
        text: str | None = None,
        title: str | None = None,
        abstract: str | None = None,
        aspect: Literal["background", "method", "result"] | None = None,
        limit: int = 20,
        cursor: str | None = None,
        facets: bool = False,
        sort: Literal["relevance", "date", "upvotes"] = "relevance",
        diversity: float = 0,
        explain: bool = False,
        from_: str | None = None,
        to: str | None = None,
        year: int | Sequence[int] | None = None,
        category: str | Sequence[str] | None = None,
        venue: str | Sequence[str] | None = None,
        author: str | Sequence[str] | None = None,
        source: str | Sequence[str] | None = None,
        listed: str | None = None,
        list: str | Sequence[str] | None = None,
        added_after: int | None = None,
        within: str | Sequence[str] | None = None,
        area: str | None = None,
    ) -> Answer:
        """Find papers like one in the index, or like a text.

        Args:
            id: The id of a paper in the index.
            text: Any text, instead of `id`. Or give `title` and `abstract`.
            title: The title of a paper that is not in the index.
            abstract: Its abstract.
            aspect: Show in `matched.pair` sentences on what the papers ask (`background`), how they
                go about it (`method`) or what they find (`result`); by default any sentences. The
                order stays the same.
            limit: Number of papers on a page, 1 to 500.
            cursor: Where to continue: the `next` of the previous answer.
            facets: Also count the papers of each year, category, venue, source and daily list.
            sort: `date` and `upvotes` sort the 200 most relevant papers, newest or most upvoted
                first; a query of filters only sorts all papers.
            diversity: 0 to 1: how far papers similar to one ranked above are demoted, among the 200
                most relevant. Only when sorted by relevance.
            explain: Include each signal's contribution to the score of each hit.
            from_: Published on or after this date (2017, 2017-06 or 2017-06-12). A paper with only
                a year counts as of 1 January.
            to: Published on or before this date; a year or a month includes its last day.
            year: Published in one of these years.
            category: In one of these categories, ignoring case; `cs` includes `cs.LG`.
            venue: The exact name of the venue; if no venue has that name, venues that contain these
                words, ignoring case.
            author: One author's name contains all these words, ignoring case and accents; an
                initial matches any name that starts with it.
            source: Imported from this source, spelled exactly.
            listed: On a daily list on this day, or in this week (2024-W18), month (2024-05) or
                year.
            list: In one of your lists: `likes`, `dislikes` or a list you made. A search fails if
                there is no such list.
            added_after: Imported after the paper that was `newest` in an earlier status.
            within: Only the papers with these ids.
            area: In this rectangle of the map, given by two opposite corners: x0,y0,x1,y1.
        """
        return self._ask(
            reads(Answer),
            "POST",
            "related",
            body={
                "id": id,
                "text": text,
                "title": title,
                "abstract": abstract,
                "aspect": aspect,
                "limit": limit,
                "cursor": cursor,
                "facets": facets,
                "sort": sort,
                "diversity": diversity,
                "explain": explain,
                "from": from_,
                "to": to,
                "year": many(year),
                "category": many(category),
                "venue": many(venue),
                "author": many(author),
                "source": many(source),
                "listed": listed,
                "list": many(list),
                "addedAfter": added_after,
                "within": many(within),
                "area": area,
            },
        )

    def recommend(
        self,
        positive: str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]] | None = None,
        negative: str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]] | None = None,
        *,
        based_on: str | Sequence[str] | None = None,
        limit: int = 20,
        cursor: str | None = None,
        facets: bool = False,
        sort: Literal["relevance", "date", "upvotes"] = "relevance",
        diversity: float = 0,
        explain: bool = False,
        from_: str | None = None,
        to: str | None = None,
        year: int | Sequence[int] | None = None,
        category: str | Sequence[str] | None = None,
        venue: str | Sequence[str] | None = None,
        author: str | Sequence[str] | None = None,
        source: str | Sequence[str] | None = None,
        listed: str | None = None,
        list: str | Sequence[str] | None = None,
        added_after: int | None = None,
        within: str | Sequence[str] | None = None,
        area: str | None = None,
    ) -> Answer:
        """Find papers like those you like and unlike those you do not.

        Args:
            positive: Papers or texts that are liked. Without any, the answer is what is new and
                upvoted.
            negative: Papers or texts that are not liked.
            based_on: Lists whose papers are liked as well: `likes` or your own. The papers in
                `dislikes` are then not liked.
            limit: Number of papers on a page, 1 to 500.
            cursor: Where to continue: the `next` of the previous answer.
            facets: Also count the papers of each year, category, venue, source and daily list.
            sort: `date` and `upvotes` sort the 200 most relevant papers, newest or most upvoted
                first; a query of filters only sorts all papers.
            diversity: 0 to 1: how far papers similar to one ranked above are demoted, among the 200
                most relevant. Only when sorted by relevance.
            explain: Include each signal's contribution to the score of each hit.
            from_: Published on or after this date (2017, 2017-06 or 2017-06-12). A paper with only
                a year counts as of 1 January.
            to: Published on or before this date; a year or a month includes its last day.
            year: Published in one of these years.
            category: In one of these categories, ignoring case; `cs` includes `cs.LG`.
            venue: The exact name of the venue; if no venue has that name, venues that contain these
                words, ignoring case.
            author: One author's name contains all these words, ignoring case and accents; an
                initial matches any name that starts with it.
            source: Imported from this source, spelled exactly.
            listed: On a daily list on this day, or in this week (2024-W18), month (2024-05) or
                year.
            list: In one of your lists: `likes`, `dislikes` or a list you made. A search fails if
                there is no such list.
            added_after: Imported after the paper that was `newest` in an earlier status.
            within: Only the papers with these ids.
            area: In this rectangle of the map, given by two opposite corners: x0,y0,x1,y1.
        """
        return self._ask(
            reads(Answer),
            "POST",
            "recommend",
            body={
                "positive": many(positive),
                "negative": many(negative),
                "basedOn": many(based_on),
                "limit": limit,
                "cursor": cursor,
                "facets": facets,
                "sort": sort,
                "diversity": diversity,
                "explain": explain,
                "from": from_,
                "to": to,
                "year": many(year),
                "category": many(category),
                "venue": many(venue),
                "author": many(author),
                "source": many(source),
                "listed": listed,
                "list": many(list),
                "addedAfter": added_after,
                "within": many(within),
                "area": area,
            },
        )

    def explain(
        self,
        q: str,
        id: str,
        *,
        mode: Literal["hybrid", "semantic", "lexical"] = "hybrid",
        from_: str | None = None,
        to: str | None = None,
        year: int | Sequence[int] | None = None,
        category: str | Sequence[str] | None = None,
        venue: str | Sequence[str] | None = None,
        author: str | Sequence[str] | None = None,
        source: str | Sequence[str] | None = None,
        listed: str | None = None,
        list: str | Sequence[str] | None = None,
        added_after: int | None = None,
        within: str | Sequence[str] | None = None,
        area: str | None = None,
    ) -> Explanation:
        """Explain the place of a paper in the answer to a search, or why it is not in it.

        Args:
            q: The query: plain words, a title, a DOI, an arXiv id or a URL. A query can also
                contain "exact phrase", -word, syn* (words that start with syn), author:NAME,
                title:WORD, venue:WORD, category:NAME, year:2019, year:2019..2022, AND, OR, NOT and
                parentheses.
            id: The id of the paper, which need not be among the hits.
            mode: Search by words and meaning (`hybrid`), by meaning only or by words only.
            from_: Published on or after this date (2017, 2017-06 or 2017-06-12). A paper with only
                a year counts as of 1 January.
            to: Published on or before this date; a year or a month includes its last day.
            year: Published in one of these years.
            category: In one of these categories, ignoring case; `cs` includes `cs.LG`.
            venue: The exact name of the venue; if no venue has that name, venues that contain these
                words, ignoring case.
            author: One author's name contains all these words, ignoring case and accents; an
                initial matches any name that starts with it.
            source: Imported from this source, spelled exactly.
            listed: On a daily list on this day, or in this week (2024-W18), month (2024-05) or
                year.
            list: In one of your lists: `likes`, `dislikes` or a list you made. A search fails if
                there is no such list.
            added_after: Imported after the paper that was `newest` in an earlier status.
            within: Only the papers with these ids.
            area: In this rectangle of the map, given by two opposite corners: x0,y0,x1,y1.
        """
        return self._ask(
            reads(Explanation),
            "POST",
            "explain",
            body={
                "q": q,
                "mode": mode,
                "from": from_,
                "to": to,
                "year": many(year),
                "category": many(category),
                "venue": many(venue),
                "author": many(author),
                "source": many(source),
                "listed": listed,
                "list": many(list),
                "addedAfter": added_after,
                "within": many(within),
                "area": area,
                "id": id,
            },
        )

    def get(self, id: str) -> PaperAnswer:
        """Get a paper, where the sentences of its abstract are, and the sources that have brought it."""
        return self._ask(
            reads(PaperAnswer),
            "GET",
            f"papers/{segment(id)}",
        )

    def find(self, text: str) -> FindAnswer:
        """Look up the papers whose DOIs, arXiv ids or URLs a text contains.

        Args:
            text: DOIs, arXiv ids and URLs of papers, separated by line breaks, commas or spaces.
        """
        return self._ask(
            reads(FindAnswer),
            "POST",
            "find",
            body={
                "text": text,
            },
        )

    def neighbourhood(self, id: str, *, limit: int = 24) -> NeighbourhoodAnswer:
        """Get the papers around this one, and which of them are near each other.

        Args:
            limit: Number of papers around this one, 1 to 60.
        """
        return self._ask(
            reads(NeighbourhoodAnswer),
            "GET",
            f"papers/{segment(id)}/neighbourhood",
            query={
                "limit": limit,
            },
        )

    def browse(
        self,
        *,
        limit: int = 20,
        cursor: str | None = None,
        facets: bool = False,
        sort: Literal["date", "upvotes", "trending", "added"] = "date",
        from_: str | None = None,
        to: str | None = None,
        year: int | Sequence[int] | None = None,
        category: str | Sequence[str] | None = None,
        venue: str | Sequence[str] | None = None,
        author: str | Sequence[str] | None = None,
        source: str | Sequence[str] | None = None,
        listed: str | None = None,
        list: str | Sequence[str] | None = None,
        added_after: int | None = None,
        within: str | Sequence[str] | None = None,
        area: str | None = None,
    ) -> BrowseAnswer:
        """List papers in an order, without a query.

        Args:
            limit: Number of papers on a page, 1 to 500.
            cursor: Where to continue: the `next` of the previous answer.
            facets: Also count the papers of each year, category, venue, source and daily list.
            sort: `date`: newest first. `upvotes`: most upvoted first. `trending`: most upvoted for
                its age (ten times the upvotes make up for 30 days). `added`: last added first, to
                the list of the filter or else to Kindred.
            from_: Published on or after this date (2017, 2017-06 or 2017-06-12). A paper with only
                a year counts as of 1 January.
            to: Published on or before this date; a year or a month includes its last day.
            year: Published in one of these years.
            category: In one of these categories, ignoring case; `cs` includes `cs.LG`.
            venue: The exact name of the venue; if no venue has that name, venues that contain these
                words, ignoring case.
            author: One author's name contains all these words, ignoring case and accents; an
                initial matches any name that starts with it.
            source: Imported from this source, spelled exactly.
            listed: On a daily list on this day, or in this week (2024-W18), month (2024-05) or
                year.
            list: In one of your lists: `likes`, `dislikes` or a list you made. A search fails if
                there is no such list.
            added_after: Imported after the paper that was `newest` in an earlier status.
            within: Only the papers with these ids.
            area: In this rectangle of the map, given by two opposite corners: x0,y0,x1,y1.
        """
        return self._ask(
            reads(BrowseAnswer),
            "GET",
            "papers",
            query={
                "limit": limit,
                "cursor": cursor,
                "facets": facets,
                "sort": sort,
                "from": from_,
                "to": to,
                "year": many(year),
                "category": many(category),
                "venue": many(venue),
                "author": many(author),
                "source": many(source),
                "listed": listed,
                "list": many(list),
                "addedAfter": added_after,
                "within": many(within),
                "area": area,
            },
        )

    def cite(
        self,
        id: str,
        format: Literal["jsonl", "bibtex", "biblatex", "ris", "csl-json", "csv", "markdown", "text"] = "bibtex",
    ) -> str:
        """Get the citation of a paper.

        Args:
            format: The format of the citation; `text` is a plain reference on one line, `markdown`
                the same with its key.
        """
        return self._ask(
            text,
            "GET",
            f"papers/{segment(id)}/cite",
            query={
                "format": format,
            },
        )

    def export(
        self,
        format: Literal["jsonl", "bibtex", "biblatex", "ris", "csl-json", "csv", "markdown", "text"] = "jsonl",
        *,
        list: str | None = None,
    ) -> str:
        """Export all papers, in the order they were added, or those of a list.

        Args:
            format: The format of the file; `jsonl` and `csv` hold every field, `text` is one
                reference a line, `markdown` a list with citation keys.
            list: Only the papers of this list, last added first.
        """
        return self._ask(
            text,
            "GET",
            "export",
            query={
                "format": format,
                "list": list,
            },
        )

    def lists(self) -> ListsAnswer:
        """Get likes, dislikes and lists with the ids of their papers, and notes."""
        return self._ask(
            reads(ListsAnswer),
            "GET",
            "lists",
        )

    def create_list(self, list: str) -> None:
        """Create a list, unless there is one of that name."""
        return self._ask(
            nothing,
            "PUT",
            f"lists/{segment(list)}",
        )

    def rename_list(self, list: str, name: str) -> None:
        """Rename a list, also in the questions of alerts.

        Args:
            name: The new name.
        """
        return self._ask(
            nothing,
            "PATCH",
            f"lists/{segment(list)}",
            body={
                "name": name,
            },
        )

    def delete_list(self, list: str) -> None:
        """Delete a list; its papers stay."""
        return self._ask(
            nothing,
            "DELETE",
            f"lists/{segment(list)}",
        )

    def add_to_list(self, list: str, id: str) -> None:
        """Add a paper to a list; adding to likes removes it from dislikes, and the other way round."""
        return self._ask(
            nothing,
            "PUT",
            f"lists/{segment(list)}/papers/{segment(id)}",
        )

    def remove_from_list(self, list: str, id: str) -> None:
        """Remove a paper from a list."""
        return self._ask(
            nothing,
            "DELETE",
            f"lists/{segment(list)}/papers/{segment(id)}",
        )

    def note(self, id: str, note: str) -> None:
        """Set the note on a paper; an empty one removes it.

        Args:
            note: The text of the note; an empty one removes it.
        """
        return self._ask(
            nothing,
            "PUT",
            f"papers/{segment(id)}/note",
            body={
                "note": note,
            },
        )

    def add_identifiers(self, identifiers: str | Sequence[str]) -> AddReport:
        """Add the papers that identifiers name: services on the network are asked for those that are
        not here.

        Args:
            identifiers: DOIs, arXiv ids, PMIDs (`PMID:123`), or addresses that contain one.
        """
        return self._ask(
            reads(AddReport),
            "POST",
            "add",
            body={
                "identifiers": many(identifiers),
            },
        )

    def remove(self, id: str) -> None:
        """Remove a paper for good."""
        return self._ask(
            nothing,
            "DELETE",
            f"papers/{segment(id)}",
        )

    def imports(self) -> ImportsAnswer:
        """List the imports that can be undone, newest first."""
        return self._ask(
            reads(ImportsAnswer),
            "GET",
            "imports",
        )

    def undo(self, import_: int) -> Undone:
        """Undo an import, except for papers that a later import contains too."""
        return self._ask(
            reads(Undone),
            "POST",
            f"imports/{segment(import_)}/undo",
        )

    def status(self) -> Status:
        """Get the number of papers, and how far embedding has come."""
        return self._ask(
            reads(Status),
            "GET",
            "status",
        )


class AsyncOperations:
    async def _ask(self, read: Reader[T], method: str, path: str, *, query: Fields = None, body: Fields = None) -> T:
        raise NotImplementedError

    async def search(
        self,
        q: str,
        *,
        mode: Literal["hybrid", "semantic", "lexical"] = "hybrid",
        limit: int = 20,
        cursor: str | None = None,
        facets: bool = False,
        sort: Literal["relevance", "date", "upvotes"] = "relevance",
        diversity: float = 0,
        explain: bool = False,
        from_: str | None = None,
        to: str | None = None,
        year: int | Sequence[int] | None = None,
        category: str | Sequence[str] | None = None,
        venue: str | Sequence[str] | None = None,
        author: str | Sequence[str] | None = None,
        source: str | Sequence[str] | None = None,
        listed: str | None = None,
        list: str | Sequence[str] | None = None,
        added_after: int | None = None,
        within: str | Sequence[str] | None = None,
        area: str | None = None,
    ) -> Answer:
        """Find papers by words and meaning.

        Its arguments are those of `Kindred.search`.
        """
        return await self._ask(
            reads(Answer),
            "POST",
            "search",
            body={
                "q": q,
                "mode": mode,
                "limit": limit,
                "cursor": cursor,
                "facets": facets,
                "sort": sort,
                "diversity": diversity,
                "explain": explain,
                "from": from_,
                "to": to,
                "year": many(year),
                "category": many(category),
                "venue": many(venue),
                "author": many(author),
                "source": many(source),
                "listed": listed,
                "list": many(list),
                "addedAfter": added_after,
                "within": many(within),
                "area": area,
            },
        )

    async def related(
        self,
        id: str | None = None,
        *,
        text: str | None = None,
        title: str | None = None,
        abstract: str | None = None,
        aspect: Literal["background", "method", "result"] | None = None,
        limit: int = 20,
        cursor: str | None = None,
        facets: bool = False,
        sort: Literal["relevance", "date", "upvotes"] = "relevance",
        diversity: float = 0,
        explain: bool = False,
        from_: str | None = None,
        to: str | None = None,
        year: int | Sequence[int] | None = None,
        category: str | Sequence[str] | None = None,
        venue: str | Sequence[str] | None = None,
        author: str | Sequence[str] | None = None,
        source: str | Sequence[str] | None = None,
        listed: str | None = None,
        list: str | Sequence[str] | None = None,
        added_after: int | None = None,
        within: str | Sequence[str] | None = None,
        area: str | None = None,
    ) -> Answer:
        """Find papers like one in the index, or like a text.

        Its arguments are those of `Kindred.related`.
        """
        return await self._ask(
            reads(Answer),
            "POST",
            "related",
            body={
                "id": id,
                "text": text,
                "title": title,
                "abstract": abstract,
                "aspect": aspect,
                "limit": limit,
                "cursor": cursor,
                "facets": facets,
                "sort": sort,
                "diversity": diversity,
                "explain": explain,
                "from": from_,
                "to": to,
                "year": many(year),
                "category": many(category),
                "venue": many(venue),
                "author": many(author),
                "source": many(source),
                "listed": listed,
                "list": many(list),
                "addedAfter": added_after,
                "within": many(within),
                "area": area,
            },
        )

    async def recommend(
        self,
        positive: str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]] | None = None,
        negative: str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]] | None = None,
        *,
        based_on: str | Sequence[str] | None = None,
        limit: int = 20,
        cursor: str | None = None,
        facets: bool = False,
        sort: Literal["relevance", "date", "upvotes"] = "relevance",
        diversity: float = 0,
        explain: bool = False,
        from_: str | None = None,
        to: str | None = None,
        year: int | Sequence[int] | None = None,
        category: str | Sequence[str] | None = None,
        venue: str | Sequence[str] | None = None,
        author: str | Sequence[str] | None = None,
        source: str | Sequence[str] | None = None,
        listed: str | None = None,
        list: str | Sequence[str] | None = None,
        added_after: int | None = None,
        within: str | Sequence[str] | None = None,
        area: str | None = None,
    ) -> Answer:
        """Find papers like those you like and unlike those you do not.

        Its arguments are those of `Kindred.recommend`.
        """
        return await self._ask(
            reads(Answer),
            "POST",
            "recommend",
            body={
                "positive": many(positive),
                "negative": many(negative),
                "basedOn": many(based_on),
                "limit": limit,
                "cursor": cursor,
                "facets": facets,
                "sort": sort,
                "diversity": diversity,
                "explain": explain,
                "from": from_,
                "to": to,
                "year": many(year),
                "category": many(category),
                "venue": many(venue),
                "author": many(author),
                "source": many(source),
                "listed": listed,
                "list": many(list),
                "addedAfter": added_after,
                "within": many(within),
                "area": area,
            },
        )

    async def explain(
        self,
        q: str,
        id: str,
        *,
        mode: Literal["hybrid", "semantic", "lexical"] = "hybrid",
        from_: str | None = None,
        to: str | None = None,
        year: int | Sequence[int] | None = None,
        category: str | Sequence[str] | None = None,
        venue: str | Sequence[str] | None = None,
        author: str | Sequence[str] | None = None,
        source: str | Sequence[str] | None = None,
        listed: str | None = None,
        list: str | Sequence[str] | None = None,
        added_after: int | None = None,
        within: str | Sequence[str] | None = None,
        area: str | None = None,
    ) -> Explanation:
        """Explain the place of a paper in the answer to a search, or why it is not in it.

        Its arguments are those of `Kindred.explain`.
        """
        return await self._ask(
            reads(Explanation),
            "POST",
            "explain",
            body={
                "q": q,
                "mode": mode,
                "from": from_,
                "to": to,
                "year": many(year),
                "category": many(category),
                "venue": many(venue),
                "author": many(author),
                "source": many(source),
                "listed": listed,
                "list": many(list),
                "addedAfter": added_after,
                "within": many(within),
                "area": area,
                "id": id,
            },
        )

    async def get(self, id: str) -> PaperAnswer:
        """Get a paper, where the sentences of its abstract are, and the sources that have brought it."""
        return await self._ask(
            reads(PaperAnswer),
            "GET",
            f"papers/{segment(id)}",
        )

    async def find(self, text: str) -> FindAnswer:
        """Look up the papers whose DOIs, arXiv ids or URLs a text contains.

        Its arguments are those of `Kindred.find`.
        """
        return await self._ask(
            reads(FindAnswer),
            "POST",
            "find",
            body={
                "text": text,
            },
        )

    async def neighbourhood(self, id: str, *, limit: int = 24) -> NeighbourhoodAnswer:
        """Get the papers around this one, and which of them are near each other.

        Its arguments are those of `Kindred.neighbourhood`.
        """
        return await self._ask(
            reads(NeighbourhoodAnswer),
            "GET",
            f"papers/{segment(id)}/neighbourhood",
            query={
                "limit": limit,
            },
        )

    async def browse(
        self,
        *,
        limit: int = 20,
        cursor: str | None = None,
        facets: bool = False,
        sort: Literal["date", "upvotes", "trending", "added"] = "date",
        from_: str | None = None,
        to: str | None = None,
        year: int | Sequence[int] | None = None,
        category: str | Sequence[str] | None = None,
        venue: str | Sequence[str] | None = None,
        author: str | Sequence[str] | None = None,
        source: str | Sequence[str] | None = None,
        listed: str | None = None,
        list: str | Sequence[str] | None = None,
        added_after: int | None = None,
        within: str | Sequence[str] | None = None,
        area: str | None = None,
    ) -> BrowseAnswer:
        """List papers in an order, without a query.

        Its arguments are those of `Kindred.browse`.
        """
        return await self._ask(
            reads(BrowseAnswer),
            "GET",
            "papers",
            query={
                "limit": limit,
                "cursor": cursor,
                "facets": facets,
                "sort": sort,
                "from": from_,
                "to": to,
                "year": many(year),
                "category": many(category),
                "venue": many(venue),
                "author": many(author),
                "source": many(source),
                "listed": listed,
                "list": many(list),
                "addedAfter": added_after,
                "within": many(within),
                "area": area,
            },
        )

    async def cite(
        self,
        id: str,
        format: Literal["jsonl", "bibtex", "biblatex", "ris", "csl-json", "csv", "markdown", "text"] = "bibtex",
    ) -> str:
        """Get the citation of a paper.

        Its arguments are those of `Kindred.cite`.
        """
        return await self._ask(
            text,
            "GET",
            f"papers/{segment(id)}/cite",
            query={
                "format": format,
            },
        )

    async def export(
        self,
        format: Literal["jsonl", "bibtex", "biblatex", "ris", "csl-json", "csv", "markdown", "text"] = "jsonl",
        *,
        list: str | None = None,
    ) -> str:
        """Export all papers, in the order they were added, or those of a list.

        Its arguments are those of `Kindred.export`.
        """
        return await self._ask(
            text,
            "GET",
            "export",
            query={
                "format": format,
                "list": list,
            },
        )

    async def lists(self) -> ListsAnswer:
        """Get likes, dislikes and lists with the ids of their papers, and notes."""
        return await self._ask(
            reads(ListsAnswer),
            "GET",
            "lists",
        )

    async def create_list(self, list: str) -> None:
        """Create a list, unless there is one of that name."""
        return await self._ask(
            nothing,
            "PUT",
            f"lists/{segment(list)}",
        )

    async def rename_list(self, list: str, name: str) -> None:
        """Rename a list, also in the questions of alerts.

        Its arguments are those of `Kindred.rename_list`.
        """
        return await self._ask(
            nothing,
            "PATCH",
            f"lists/{segment(list)}",
            body={
                "name": name,
            },
        )

    async def delete_list(self, list: str) -> None:
        """Delete a list; its papers stay."""
        return await self._ask(
            nothing,
            "DELETE",
            f"lists/{segment(list)}",
        )

    async def add_to_list(self, list: str, id: str) -> None:
        """Add a paper to a list; adding to likes removes it from dislikes, and the other way round."""
        return await self._ask(
            nothing,
            "PUT",
            f"lists/{segment(list)}/papers/{segment(id)}",
        )

    async def remove_from_list(self, list: str, id: str) -> None:
        """Remove a paper from a list."""
        return await self._ask(
            nothing,
            "DELETE",
            f"lists/{segment(list)}/papers/{segment(id)}",
        )

    async def note(self, id: str, note: str) -> None:
        """Set the note on a paper; an empty one removes it.

        Its arguments are those of `Kindred.note`.
        """
        return await self._ask(
            nothing,
            "PUT",
            f"papers/{segment(id)}/note",
            body={
                "note": note,
            },
        )

    async def add_identifiers(self, identifiers: str | Sequence[str]) -> AddReport:
        """Add the papers that identifiers name: services on the network are asked for those that are
        not here.

        Its arguments are those of `Kindred.add_identifiers`.
        """
        return await self._ask(
            reads(AddReport),
            "POST",
            "add",
            body={
                "identifiers": many(identifiers),
            },
        )

    async def remove(self, id: str) -> None:
        """Remove a paper for good."""
        return await self._ask(
            nothing,
            "DELETE",
            f"papers/{segment(id)}",
        )

    async def imports(self) -> ImportsAnswer:
        """List the imports that can be undone, newest first."""
        return await self._ask(
            reads(ImportsAnswer),
            "GET",
            "imports",
        )

    async def undo(self, import_: int) -> Undone:
        """Undo an import, except for papers that a later import contains too."""
        return await self._ask(
            reads(Undone),
            "POST",
            f"imports/{segment(import_)}/undo",
        )

    async def status(self) -> Status:
        """Get the number of papers, and how far embedding has come."""
        return await self._ask(
            reads(Status),
            "GET",
            "status",
        )
