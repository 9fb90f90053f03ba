/** Random records with few possible values, so that they often share some. */
import fc from "fast-check";
import type { PaperRecord } from "../../src/core/paper.js";

export const IDS = ["a", "b", "A b/ç#?", "論文", "arxiv:1701.00001", "doi:10.1000/x"];
export const DOIS = ["10.1000/x", "10.1000/y", "10.48550/arxiv.1701.00001", "10.48550/arxiv.1701.00002"];
export const ARXIVS = ["1701.00001", "1701.00002", "math/0309136"];
export const KEYS = ["smith2017", "a", "knuth97"];
const TITLES = ["Graph theory", "GRAPH THEORY!", "Knots", "Knots and graphs", "!!!", "???"];
const AUTHORS = [["Ann Smith"], ["ANN SMITH", "Bo Łuka"], ["Paul Erdős", "Ann Smith"], ["Jane Smithson"], []];
export const CATEGORIES = ["cs", "cs.LG", "CS.lg", "cs-x", "csx", "math.GT", "math"];
export const DATES = ["2016", "2017", "2017-06", "2017-06-12", "2017-12-31", "2018-01"];
export const VENUES = ["Journal of Knots", "journal of graphs", "Knots", "Conférence de Noël"];
export const SOURCES = ["arxiv", "hf daily"];

const some = <T>(...values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined, freq: 2 });

/** Absent fields are left out, as by the formats. */
export const record: fc.Arbitrary<PaperRecord> = fc
  .record({
    id: some(...IDS),
    key: some(...KEYS),
    title: fc.constantFrom(...TITLES),
    abstract: some("Winter sleep of bears.", "How knots sleep in winter, proved."),
    authors: some(...AUTHORS),
    venue: some(...VENUES),
    categories: fc.option(fc.subarray(CATEGORIES), { nil: undefined }),
    published: some(...DATES),
    updated: some("2019"),
    doi: some(...DOIS),
    arxiv: some(...ARXIVS),
    url: some("https://example.org/one", "http://www.example.org/one/", "https://example.org/two"),
    source: some(...SOURCES),
    organization: some("Institute"),
    listed: some("2017-06-13", "2018-12-31"),
    upvotes: some(0, 5, 17),
    comments: some(3),
    keywords: some(["topology", "knots"], []),
    notice: some("retracted", "withdrawn", "concern", "deleted", "cleared"),
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as PaperRecord);
