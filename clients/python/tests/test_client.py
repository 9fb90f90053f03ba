"""Tests against a real server. test/clients/python.test.ts starts it and runs them; `ADDRESSES` says where it is."""

from __future__ import annotations

import asyncio
import json
import math
import os
import re
import sys
import textwrap
import unittest
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy
import pandas

import kindred_client
from kindred_client import AsyncKindred, InvalidRequest, KeyNeeded, Kindred, KindredError, NotFound, Unreachable
from kindred_client._reading import _converter

ADDRESSES: dict[str, str] = json.loads(os.environ["ADDRESSES"])
CLIENT = Path(__file__).parents[1]
TURING = "turing-1950-intelligence"
ABSTRACT = "Whether machines can think"


def ids(page: Any) -> list[str]:
    return [getattr(one, "paper", one).id for one in page]


class Case(unittest.TestCase):
    def setUp(self) -> None:
        self.kindred = Kindred(ADDRESSES["plain"])
        self.addCleanup(self.kindred.close)
        # Answers change while papers of an earlier test are embedded.
        self.kindred.wait_until_indexed(timeout=120)

    def undo(self, report: kindred_client.ImportReport) -> None:
        assert report.import_ is not None
        self.kindred.undo(report.import_)


class Questions(Case):
    def test_search_answers_with_typed_hits(self) -> None:
        answer = self.kindred.search("computing machinery and intelligence", limit=3, explain=True, facets=True)
        hit = answer[0]
        self.assertEqual((len(answer), hit.paper.id), (3, TURING))
        self.assertTrue((hit.paper.abstract or "").startswith(ABSTRACT))
        self.assertIn("Alan M. Turing", hit.paper.authors)
        assert hit.explain is not None and answer.facets is not None
        self.assertAlmostEqual(sum(signal.contribution for signal in hit.explain.signals), hit.score)
        self.assertGreater(answer.facets.years[0].papers, 0)
        self.assertIsNone(hit.because)

    def test_filters_take_one_value_or_many(self) -> None:
        one = self.kindred.search("machines", year=1950, limit=50)
        several = self.kindred.search("machines", year=(1950, 1936), limit=50)
        self.assertTrue(all((hit.paper.published or "").startswith("1950") for hit in one))
        self.assertLess(len(one), len(several))
        later = self.kindred.search("machines", from_="1990", to="1999-12-31", limit=50)
        self.assertTrue(all("1990" <= (hit.paper.published or "") < "2000" for hit in later))
        self.assertEqual(self.kindred.search("machines", added_after=10**9).hits, [])

    def test_related_papers_of_a_paper_and_of_a_text(self) -> None:
        related = self.kindred.related(TURING, limit=5, aspect="method")
        self.assertNotIn(TURING, ids(related))
        self.assertEqual(len(related), 5)
        self.assertEqual(ids(self.kindred.related(text=self.kindred.get(TURING).paper.abstract))[0], TURING)

    def test_recommendations_say_why(self) -> None:
        answer = self.kindred.recommend([TURING, {"text": "codes and information"}], negative="turing-1936-computable")
        because = answer[0].because
        assert because is not None
        self.assertIn(because.for_[0].example.id or because.for_[0].example.text, (TURING, "codes and information"))

    def test_one_paper(self) -> None:
        got = self.kindred.get(TURING)
        self.assertEqual((got.paper.id, got.paper.basis, got.sentences[0].start), (TURING, "abstract", 0))
        self.assertIn("Turing", self.kindred.cite(TURING, "bibtex"))
        self.assertEqual(self.kindred.neighbourhood(TURING, limit=4).papers[0].id, TURING)
        self.assertEqual(self.kindred.explain("computing machinery and intelligence", TURING).place, 1)
        found = self.kindred.find("10.9999/nothing")
        self.assertEqual((found.found, found.unknown[0].kind, found.unknown[0].value), ([], "doi", "10.9999/nothing"))

    def test_a_page_prints_as_a_list_of_papers(self) -> None:
        lines = repr(self.kindred.search("computing machinery and intelligence", limit=2)).split("\n")
        self.assertEqual(lines[0], "Answer: 2 papers, more with `next`")
        self.assertEqual(lines[1], "  1. Computing Machinery and Intelligence (Alan M. Turing, 1950)")
        self.assertIn("1. ", repr(self.kindred.browse(limit=1)))
        nothing = self.kindred.search("machines", added_after=10**9)
        self.assertEqual(repr(nothing), f"Answer: 0 papers\n{nothing.notice}")

    def test_iterate_goes_through_all_pages(self) -> None:
        total = self.kindred.browse(limit=1).total
        everything = [paper.id for paper in self.kindred.iterate(self.kindred.browse, limit=40)]
        self.assertEqual((len(everything), len(set(everything))), (total, total))
        hits = [hit.paper.id for hit in self.kindred.iterate(self.kindred.search, "machines that learn", limit=30)]
        self.assertEqual(hits[:100], ids(self.kindred.search("machines that learn", limit=100)))

    def test_what_has_no_method_can_be_requested(self) -> None:
        self.assertIn("regions", self.kindred.request("GET", "map"))
        self.assertIsNone(self.kindred.request("PATCH", "alerts", body={"seen": True}))
        found = self.kindred.request("GET", "papers", query={"year": [1950, 1936], "limit": 1, "facets": True})
        self.assertEqual(len(found["papers"]), 1)
        self.assertEqual([year["value"] for year in found["facets"]["years"]], ["1936", "1950"])

    def test_fields_of_a_later_server_are_left_out(self) -> None:
        undone = _converter(kindred_client.Undone)({"removed": 1, "restored": 2, "kept": 3, "invented": 4})
        self.assertEqual(undone, kindred_client.Undone(removed=1, restored=2, kept=3))


class Adding(Case):
    def test_a_dataframe_goes_in_and_comes_out_again(self) -> None:
        frame = pandas.DataFrame(
            {
                "id": ["py-otters", "py-crows", "py-tides"],
                "title": ["Stone juggling in otters", "Crows that bend wire", "Tides in narrow bays"],
                "abstract": ["Young otters toss pebbles.", None, "Sea level in a bay rises twice a day."],
                "authors": [["Ada Smith", "Bo Li"], ("Cy Ray",), numpy.array(["Di Orr"])],
                "published": [pandas.Timestamp("2020-05-07"), pandas.NaT, pandas.Timestamp("2021-01-01")],
                "upvotes": [3, numpy.nan, 5],
                "comments": pandas.array([1, pandas.NA, 2], dtype="Int64"),
            }
        )
        seen: list[kindred_client.Status] = []
        report = self.kindred.add(frame, name="frame", wait=True, progress=seen.append, timeout=120)
        self.addCleanup(self.undo, report)
        self.assertEqual((report.added, report.rejected, report.format), (3, 0, "jsonl"))
        self.assertEqual((seen[-1].pending, seen[-1].pending_sentences), (0, 0))
        self.assertEqual(self.kindred.imports().imports[0].name, "frame")

        hits = self.kindred.search("stone juggling in otters", within=["py-otters", "py-crows", "py-tides"])
        out = hits.to_dataframe()
        otters = out.set_index("id").loc["py-otters"]
        self.assertEqual(list(out["id"]), ids(hits))
        self.assertEqual(
            (otters["authors"], otters["published"], otters["upvotes"]), (["Ada Smith", "Bo Li"], "2020-05-07", 3)
        )
        self.assertEqual(otters["sentence"], "Young otters toss pebbles.")
        self.assertEqual(otters["score"], hits[0].score)
        crows = self.kindred.get("py-crows").paper
        self.assertEqual(
            (crows.published, crows.upvotes, crows.comments, crows.authors), (None, None, None, ["Cy Ray"])
        )

        again = self.kindred.add(out)
        self.assertEqual((again.added, again.updated, again.unchanged, again.problems), (0, 0, 3, []))
        whole = kindred_client.to_dataframe(self.kindred.iterate(self.kindred.browse))
        self.assertEqual(len(whole), self.kindred.status().papers)
        self.assertEqual(list(kindred_client.to_dataframe([]).columns), list(out.columns))
        self.assertEqual(list(whole.columns), list(out.columns)[:-3])

    def test_dictionaries_from_a_generator(self) -> None:
        rows = [
            {"id": "py-1", "title": "One", "published": date(2020, 1, 2), "venue": math.nan, "authors": None},
            {"abstract": ""},
            {"id": "py-3", "title": "Three", "keywords": ["a", "b"]},
        ]
        report = self.kindred.add(row for row in rows)
        self.addCleanup(self.undo, report)
        self.assertEqual((report.added, report.rejected), (2, 1))
        self.assertEqual([problem.line for problem in report.problems], [2])
        self.assertEqual(self.kindred.get("py-1").paper.published, "2020-01-02")
        self.assertEqual(self.kindred.get("py-3").paper.keywords, ["a", "b"])

    def test_values_that_json_cannot_hold(self) -> None:
        rows: dict[str, list[Any]] = {
            "id": ["py-values"],
            "title": ["Values"],
            "published": [numpy.datetime64("2020-05-07T12:00", "ns")],
            "authors": [["Ada Smith", math.nan, None]],
            "keywords": [{"b", "a"}],
            "upvotes": [math.inf],
            "comments": [Decimal(3)],
            "quarter": [pandas.Period("2020Q2")],
            "part": [pandas.Interval(0, 1)],
        }
        report = self.kindred.add([{name: values[0] for name, values in rows.items()}])
        self.addCleanup(self.kindred.remove, "py-values")
        self.assertEqual((report.added, report.remarks), (1, []))
        paper = self.kindred.get("py-values").paper
        self.assertEqual((paper.published, paper.authors, paper.keywords), ("2020-05-07", ["Ada Smith"], ["a", "b"]))
        self.assertEqual((paper.upvotes, paper.comments), (None, 3))
        self.assertEqual(self.kindred.add(pandas.DataFrame(rows)).unchanged, 1)
        found = self.kindred.search("values", year=numpy.int64(2020), within="py-values")  # type: ignore[arg-type]
        self.assertEqual(ids(found), ["py-values"])

    def test_nothing_is_added_if_one_paper_is_invalid(self) -> None:
        before = self.kindred.imports()
        papers = self.kindred.status().papers
        many: list[Any] = [{"title": f"One of many {n}"} for n in range(1_200)]
        for invalid in ({"title": object()}, "A title"):
            with self.assertRaisesRegex(TypeError, "got .*object object|got 'A title' as a paper"):
                self.kindred.add([*many, invalid])
        twice = pandas.DataFrame([["One", "Two"]], columns=["title", "title"])
        with self.assertRaisesRegex(ValueError, 'got 2 columns called "title", expected one'):
            self.kindred.add(twice)
        with self.assertRaises(FileNotFoundError):
            self.kindred.import_file("nowhere.bib")
        self.assertEqual((self.kindred.imports(), self.kindred.status().papers), (before, papers))

    def test_any_id_and_name_of_a_list_reaches_the_server(self) -> None:
        names = ["..", "a/b", "ä b", "base64url:x", "a%2Fb", "10.1000/x?y#z", "-", "a"]
        report = self.kindred.add({"id": f"py-{name}", "title": f"A paper called {name}"} for name in names)
        self.addCleanup(self.undo, report)
        with Kindred(ADDRESSES["prefixed"]) as prefixed:
            for kindred in (self.kindred, prefixed):
                for name in names:
                    self.assertEqual(kindred.get(f"py-{name}").paper.title, f"A paper called {name}")
            prefixed.create_list("a/b?c")
            prefixed.add_to_list("a/b?c", "py-a/b")
            self.assertEqual([paper.id for paper in prefixed.browse(list="a/b?c")], ["py-a/b"])
            prefixed.delete_list("a/b?c")

    def test_a_file_and_its_bytes(self) -> None:
        bibtex = b"@article{py-bib, title={Kites over dunes}, author={Smith, Ada}, year={2001}}"
        path = Path(os.environ["SCRATCH"]) / "kites.bib"
        path.write_bytes(bibtex)
        report = self.kindred.import_file(path)
        self.addCleanup(self.undo, report)
        self.assertEqual((report.added, report.format), (1, "bibtex"))
        self.assertEqual(self.kindred.imports().imports[0].name, "kites.bib")
        self.assertEqual(self.kindred.import_file(bibtex, name="again").unchanged, 1)

    def test_what_is_no_paper_is_refused(self) -> None:
        with self.assertRaisesRegex(TypeError, "got str, expected a DataFrame or a list of dictionaries"):
            self.kindred.add("library.bib")
        with self.assertRaisesRegex(TypeError, "got <object object .* in a paper"):
            self.kindred.add([{"title": object()}])
        with self.assertRaisesRegex(InvalidRequest, "the file is empty: expected one paper or more"):
            self.kindred.add([])
        with self.assertRaisesRegex(FileNotFoundError, "nowhere.bib"):
            self.kindred.import_file("nowhere.bib")

    def test_waiting_ends_after_its_time(self) -> None:
        with Kindred(ADDRESSES["front"] + "unfinished") as kindred:
            with self.assertRaisesRegex(
                TimeoutError, "^7 papers are not embedded after 0.1 seconds; the server goes on$"
            ):
                kindred.wait_until_indexed(timeout=0.1)

    def test_without_pandas_the_error_says_what_to_install(self) -> None:
        with patch.dict(sys.modules, {"pandas": None}):
            with self.assertRaisesRegex(ImportError, r'pip install "kindred-client\[pandas\]"'):
                self.kindred.browse().to_dataframe()


class Lists(Case):
    def test_lists_and_notes(self) -> None:
        self.kindred.create_list("python")
        self.kindred.rename_list("python", "thesis")
        self.kindred.add_to_list("thesis", TURING)
        self.kindred.note(TURING, "Read again.")
        lists = self.kindred.lists()
        self.assertEqual({one.name: one.ids for one in lists.lists}["thesis"], [TURING])
        self.assertEqual([(note.id, note.note) for note in lists.notes], [(TURING, "Read again.")])
        exported = self.kindred.export("csl-json", list="thesis")
        self.assertEqual([item["title"] for item in json.loads(exported)], ["Computing Machinery and Intelligence"])
        self.assertIn("Entscheidungsproblem", self.kindred.export("bibtex"))
        self.kindred.remove_from_list("thesis", TURING)
        self.assertEqual(self.kindred.browse(list="thesis").papers, [])
        self.kindred.note(TURING, "")
        self.kindred.delete_list("thesis")


class Errors(Case):
    def test_the_server_is_quoted(self) -> None:
        with self.assertRaises(InvalidRequest) as invalid:
            self.kindred.search("tides", limit=0)
        error = invalid.exception
        self.assertEqual(
            (str(error), error.status, error.parameter), ("limit: expected number to be >=1, got 0", 400, "limit")
        )
        self.assertTrue(error.request_id)
        with self.assertRaisesRegex(NotFound, "nothing-here"):
            self.kindred.get("nothing-here")
        with self.assertRaises(TypeError):
            self.kindred.search("tides", fron="2020")  # type: ignore[call-arg]

    def test_a_server_that_needs_a_key(self) -> None:
        with Kindred(ADDRESSES["protected"]) as stranger:
            self.assertRaises(KeyNeeded, stranger.status)
        with Kindred(ADDRESSES["protected"], key=ADDRESSES["key"]) as known:
            self.assertGreater(known.status().papers, 100)

    def test_a_server_without_room_is_asked_again_when_it_says(self) -> None:
        # It refuses until the second that its Retry-After names is over.
        with Kindred(ADDRESSES["front"] + "busy", retries=1) as kindred:
            self.assertEqual(ids(kindred.search("computing machinery and intelligence"))[0], TURING)
        with Kindred(ADDRESSES["front"] + "busy-import", retries=1) as kindred:
            report = kindred.add({"id": f"py-{n}", "title": f"Number {n}"} for n in range(3))
            self.addCleanup(self.undo, report)
            self.assertEqual(report.added, 3)

    def test_a_server_that_wants_an_hour_is_not_waited_for(self) -> None:
        with Kindred(ADDRESSES["front"] + "full") as kindred:
            with self.assertRaisesRegex(KindredError, "got more than 5 requests") as refused:
                kindred.status()
            self.assertEqual(refused.exception.status, 429)

    def test_addresses_that_lead_elsewhere(self) -> None:
        for address, kind, said in [
            (ADDRESSES["nobody"], Unreachable, "does not answer .*: start it with `kindred serve`"),
            (ADDRESSES["front"] + "silent", Unreachable, "did not answer in time"),
            (
                ADDRESSES["front"] + "page",
                KindredError,
                "answers with text/html, expected JSON: is this the address of a",
            ),
            (ADDRESSES["front"] + "moved", KindredError, "leads to https://lab.example/: use that server as url"),
            (ADDRESSES["front"] + "broken", KindredError, "answers 502 Bad Gateway"),
        ]:
            timeout = 0.2 if kind is Unreachable else 60
            with self.subTest(address), Kindred(address, timeout=timeout) as kindred:
                self.assertRaisesRegex(kind, said, kindred.status)
        with self.assertRaisesRegex(ValueError, 'url: got "lab.example", expected an address such as http'):
            Kindred("lab.example")

    def test_a_proxy_for_the_internet_is_not_asked_for_this_machine(self) -> None:
        with patch.dict(os.environ, {"HTTP_PROXY": ADDRESSES["nobody"], "http_proxy": ADDRESSES["nobody"]}):
            with Kindred(ADDRESSES["plain"]) as kindred:
                self.assertGreater(kindred.status().papers, 100)


class Async(unittest.IsolatedAsyncioTestCase):
    async def test_it_answers_as_the_other(self) -> None:
        with Kindred(ADDRESSES["plain"]) as plain:
            plain.wait_until_indexed(timeout=120)
            async with AsyncKindred(ADDRESSES["prefixed"]) as kindred:
                searched, related, got = await asyncio.gather(
                    kindred.search("machines that learn", limit=30), kindred.related(TURING), kindred.get(TURING)
                )
                self.assertEqual(searched.hits, plain.search("machines that learn", limit=30).hits)
                self.assertEqual((related.hits, got), (plain.related(TURING).hits, plain.get(TURING)))
                hits = [hit.paper.id async for hit in kindred.iterate(kindred.search, "machines that learn", limit=30)]
                self.assertEqual(hits[:100], ids(plain.search("machines that learn", limit=100)))

                report = await kindred.add(
                    pandas.DataFrame({"id": ["py-async"], "title": ["Kelp"]}), wait=True, timeout=120
                )
                self.assertEqual((report.added, (await kindred.status()).pending), (1, 0))
                again = await kindred.import_file(b'{"id": "py-async", "title": "Kelp"}', name="again.jsonl")
                self.assertEqual(again.unchanged, 1)
                await kindred.remove("py-async")
                with self.assertRaises(NotFound):
                    await kindred.get("py-async")
        async with AsyncKindred(ADDRESSES["front"] + "busy-async", retries=1) as kindred:
            self.assertGreater((await kindred.request("GET", "status"))["papers"], 100)

    async def test_it_has_the_same_methods(self) -> None:
        public = [name for name in dir(Kindred) if not name.startswith("_")]
        self.assertEqual([name for name in dir(AsyncKindred) if not name.startswith("_")], public)


class Examples(unittest.TestCase):
    def test_the_notebook_runs_from_start_to_end(self) -> None:
        notebook = json.loads((CLIENT / "examples" / "tour.ipynb").read_text("utf8"))
        cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
        self.assertGreater(len(cells), 5)
        # The cells in one process, as a notebook runs them, without the packages of Jupyter.
        names: dict[str, Any] = {}
        with patch.dict(os.environ, {"KINDRED_URL": ADDRESSES["plain"]}), patch("builtins.print"):
            for number, cell in enumerate(cells, 1):
                exec(compile(cell, f"tour.ipynb, code cell {number}", "exec"), names)
        self.assertEqual(list(names["found"].to_dataframe()["id"]), ids(names["found"]))

    def test_the_examples_of_the_documents_run(self) -> None:
        documents = [CLIENT / "README.md", CLIENT.parents[1] / "docs" / "python.md"]
        blocks = [
            block for path in documents for block in re.findall(r"```python\n(.*?)```", path.read_text("utf8"), re.S)
        ]
        self.assertGreater(len(blocks), 3)
        table = Path(os.environ["SCRATCH"]) / "papers.csv"
        table.write_text("title,abstract,authors\nKelp and light,Kelp grows where light reaches it.,Ada Smith; Bo Li\n")
        names: dict[str, Any] = {"asyncio": asyncio, "AsyncKindred": AsyncKindred}
        with patch("builtins.print"):
            for block in blocks:
                code = block.replace("papers.csv", str(table)).replace("http://127.0.0.1:3000/", ADDRESSES["plain"])
                if "await " in code:
                    code = code.replace("AsyncKindred()", f"AsyncKindred({ADDRESSES['plain']!r})")
                    code = f"async def main():\n{textwrap.indent(code, '    ')}    return titles\nasyncio.run(main())"
                exec(compile(code, "an example", "exec"), names)
        self.assertEqual((names["report"].added, names["report"].problems), (1, []))
        self.assertTrue(names["everything"]["categories"].map(lambda of: "cs.LG" in of).all())


if __name__ == "__main__":
    unittest.main()
