/** The rules of the store, implemented as simply as possible. Tests compare the real store with it. */
import { doiOfArxiv } from "../../src/core/identifiers.js";
import type { Paper, PaperRecord } from "../../src/core/paper.js";
import { termsOf } from "../../src/words/terms.js";
import { fold, titleKey } from "../../src/core/text.js";

export type NaivePaper = {
  label: number;
  paper: Paper;
  /** Every id, DOI and arXiv id that the paper ever had, also from other sources. */
  ids: Set<string>;
  dois: Set<string>;
  arxivs: Set<string>;
  /** Ids and keys of its records that belonged to another paper. */
  given: Set<string>;
};

/** An id that the store derives by hashing is represented by the hashed text. */
export const DERIVED = "derived from ";

export class NaivePapers {
  readonly all = new Map<number, NaivePaper>();
  #labels = 0;

  find(kind: "id" | "doi" | "arxiv", value: string | undefined): NaivePaper | undefined {
    if (value === undefined) return undefined;
    return [...this.all.values()].find((one) => one[`${kind}s`].has(value));
  }

  put(record: PaperRecord): {
    outcome: "added" | "updated" | "unchanged";
    remarked: boolean;
    label: number;
    lost: number[];
  } {
    const known = this.#identify(record);
    const lost = this.#takeOver(record, known);
    if (known === undefined) {
      const label = ++this.#labels;
      const freeKey = this.find("id", record.key) === undefined ? record.key : undefined;
      const freeId = this.find("id", derivedId(record)) === undefined ? derivedId(record) : idOfTitle(record);
      const id = (this.find("id", record.id) === undefined ? record.id : undefined) ?? freeKey ?? freeId;
      const given = record.id ?? record.key;
      const taken = given !== undefined && given !== id && this.find("id", given) !== undefined;
      const one = {
        label,
        paper: paperOf(id, record),
        ids: new Set([id]),
        dois: new Set<string>(),
        arxivs: new Set<string>(),
        given: new Set(taken ? [given] : []),
      };
      this.all.set(label, one);
      this.#name(one);
      return { outcome: "added", remarked: taken && given === record.id, label, lost };
    }
    const merged = paperOf(known.paper.id, record, known.paper);
    let remarked = false;
    for (const kind of ["doi", "arxiv"] as const) {
      const owner = this.find(kind, record[kind]);
      if (owner === undefined || owner === known) continue;
      merged[kind] = known.paper[kind];
      remarked = true;
    }
    const owner = this.find("id", record.id);
    const names = owner === undefined ? known.ids : known.given;
    const alias = record.id !== undefined && owner !== known && !names.has(record.id);
    if (alias) names.add(record.id as string);
    const changed = lost.length > 0 || JSON.stringify(merged) !== JSON.stringify(known.paper);
    known.paper = merged;
    if (changed) this.#name(known);
    return { outcome: changed || alias ? "updated" : "unchanged", remarked, label: known.label, lost };
  }

  remove(id: string): number | undefined {
    const label = this.find("id", id)?.label;
    if (label !== undefined) this.all.delete(label);
    return label;
  }

  #identify(record: PaperRecord): NaivePaper | undefined {
    const owners = [
      this.#owner("doi", record.doi, record),
      this.#owner("arxiv", record.arxiv, record),
      this.#owner("doi", record.arxiv && doiOfArxiv(record.arxiv), record),
    ];
    const under = this.#under(record.id);
    const certain =
      first(
        under.filter(({ paper }) => isSurely(paper, record)),
        record,
      ) ??
      owners.find((one) => one !== undefined) ??
      first(
        under.filter(({ paper }) => isPerhaps(paper, record)),
        record,
      );
    const taken = under.some(({ paper }) => paper.id === record.id);
    if (certain !== undefined || (record.id !== undefined && !taken)) return certain;
    const keyed = this.#under(record.key).filter(({ paper }) => !differ(paper, record) && alike(paper, record));
    if (keyed.length > 0) return first(keyed, record);
    const derived = this.find("id", derivedId(record));
    const another = derived !== undefined && differ(derived.paper, record) && !alike(derived.paper, record);
    return another ? this.find("id", idOfTitle(record)) : derived;
  }

  /** The paper with an id, and those whose records had this id although it belonged to that one. */
  #under(id: string | undefined): NaivePaper[] {
    const owner = this.find("id", id);
    const others = [...this.all.values()].filter(({ given }) => id !== undefined && given.has(id));
    return owner === undefined ? others : [owner, ...others];
  }

  /** An identifier that a paper no longer has identifies it only if the record is similar. */
  #owner(kind: "doi" | "arxiv", value: string | undefined, record: PaperRecord): NaivePaper | undefined {
    const one = this.find(kind, value);
    return one !== undefined && (namesOf(one.paper).has(value!) || alike(one.paper, record)) ? one : undefined;
  }

  #takeOver(record: PaperRecord, known: NaivePaper | undefined): number[] {
    const { id, doi, arxiv } = record;
    const lost = new Set<number>();
    for (const [kind, value] of [
      ["doi", doi],
      ["arxiv", arxiv],
      ["doi", arxiv && doiOfArxiv(arxiv)],
      ["id", id],
    ] as const) {
      const one = this.find(kind, value);
      if (one === undefined || one === known) continue;
      if (kind === "id" ? one.paper.id === value : this.#owner(kind, value, record) !== undefined) continue;
      one[`${kind}s`].delete(value!);
      lost.add(one.label);
    }
    return [...lost];
  }

  #name(one: NaivePaper): void {
    const { doi, arxiv } = one.paper;
    if (doi !== null) one.dois.add(doi);
    if (arxiv === null) return;
    one.arxivs.add(arxiv);
    if (this.find("doi", doiOfArxiv(arxiv)) === undefined) one.dois.add(doiOfArxiv(arxiv));
  }
}

const first = (papers: NaivePaper[], record: PaperRecord): NaivePaper | undefined =>
  papers.find(({ paper }) => sameTitle(paper.title, record.title)) ?? papers[0];

const sameTitle = (a: string, b: string): boolean => a === b || (titleKey(a) !== "" && titleKey(a) === titleKey(b));

/** Compares whole names: in the records of the tests, no two share just one word. */
function strangers(paper: Paper, record: PaperRecord): boolean | undefined {
  const [known, claimed] = [paper.authors, record.authors ?? []].map((names) => fold(names.join(" ")).split(" "));
  if (paper.authors.length === 0 || (record.authors ?? []).length === 0) return undefined;
  return !known!.some((name) => claimed!.includes(name));
}

const isSurely = (paper: Paper, record: PaperRecord): boolean =>
  (record.doi !== undefined && paper.doi === record.doi) ||
  (record.arxiv !== undefined && paper.arxiv === record.arxiv) ||
  (sameTitle(paper.title, record.title) && !(differ(paper, record) && strangers(paper, record) === true));

/** In the records of the tests, titles contain one another or share nothing, and abstracts never share five words. */
function isPerhaps(paper: Paper, record: PaperRecord): boolean {
  const stranger = strangers(paper, record);
  if (stranger === true || (stranger === undefined && differ(paper, record))) return false;
  const abstracts = [paper.abstract, record.abstract].map((text) => titleKey(text ?? "").split(" "));
  if (abstracts[0]!.length >= 5 && abstracts[0]!.join(" ") === abstracts[1]!.join(" ")) return true;
  const titles = [paper.title, record.title].map((title) =>
    titleKey(title)
      .split(" ")
      .filter((word) => word !== "" && word !== "and"),
  );
  const common = titles[0]!.filter((word) => titles[1]!.includes(word));
  if (common.length === 0) return false;
  const sameWords = common.length === titles[0]!.length && common.length === titles[1]!.length;
  const abstractsAlike =
    abstracts[0]!.filter((word) => abstracts[1]!.includes(word)).length / new Set(abstracts.flat()).size;
  const unlike = paper.abstract !== null && record.abstract !== undefined && abstractsAlike < 0.3;
  if (stranger === undefined && unlike) return sameWords;
  return (
    common.length === Math.min(titles[0]!.length, titles[1]!.length) || common.length * 2 >= new Set(titles.flat()).size
  );
}

const namesOf = ({ doi, arxiv }: Paper) => new Set([doi, arxiv, arxiv && doiOfArxiv(arxiv)]);

const differ = (paper: Paper, record: PaperRecord): boolean =>
  (paper.doi !== null && record.doi !== undefined && paper.doi !== record.doi) ||
  (paper.arxiv !== null && record.arxiv !== undefined && paper.arxiv !== record.arxiv);

function alike(paper: Paper, record: PaperRecord): boolean {
  if (paper.title === record.title) return true;
  if (titleKey(record.title) !== "" && titleKey(paper.title) === titleKey(record.title)) return true;
  const [author] = paper.authors;
  const [claimed] = record.authors ?? [];
  if (author === undefined || claimed === undefined || fold(author) !== fold(claimed)) return false;
  if ((paper.published ?? "").slice(0, 4) !== (record.published ?? "").slice(0, 4)) return false;
  const [before, now] = [titleKey(paper.title).split(" "), titleKey(record.title).split(" ")];
  const all = new Set([...before, ...now].filter((word) => word !== ""));
  return [...all].filter((word) => before.includes(word) && now.includes(word)).length * 2 >= all.size && all.size > 0;
}

function derivedId(record: PaperRecord): string {
  if (record.arxiv !== undefined) return `arxiv:${record.arxiv}`;
  if (record.doi !== undefined) return `doi:${record.doi}`;
  return idOfTitle(record);
}

function idOfTitle(record: PaperRecord): string {
  const title = titleKey(record.title) || record.title;
  return DERIVED + JSON.stringify([title, fold(record.authors?.[0] ?? ""), record.published?.slice(0, 4) ?? ""]);
}

/** The record's value, otherwise the known one, otherwise null. */
function paperOf(id: string, record: PaperRecord, old?: Paper): Paper {
  const abstract = record.abstract ?? old?.abstract ?? null;
  return {
    id,
    title: record.title,
    abstract,
    authors: record.authors ?? old?.authors ?? [],
    venue: record.venue ?? old?.venue ?? null,
    categories: record.categories ?? old?.categories ?? [],
    published: record.published ?? old?.published ?? null,
    updated: record.updated ?? old?.updated ?? null,
    doi: record.doi ?? old?.doi ?? null,
    arxiv: record.arxiv ?? old?.arxiv ?? null,
    url: record.url ?? old?.url ?? null,
    source: record.source ?? old?.source ?? null,
    organization: record.organization ?? old?.organization ?? null,
    listed: record.listed ?? old?.listed ?? null,
    upvotes: record.upvotes ?? old?.upvotes ?? null,
    comments: record.comments ?? old?.comments ?? null,
    keywords: record.keywords ?? old?.keywords ?? [],
    notice: noticeOf(isOfPreprint(record, old) ? undefined : record.notice, old?.notice ?? null),
    basis: abstract === null ? "title" : "abstract",
  };
}

/** Whether a record says of a preprint that it is gone, and the paper is an article too. */
function isOfPreprint({ notice, arxiv, doi }: PaperRecord, old: Pick<Paper, "doi"> | undefined): boolean {
  if (notice !== "withdrawn" && notice !== "deleted") return false;
  if (arxiv === undefined || doi !== undefined) return false;
  return old?.doi != null && old.doi !== `10.48550/arxiv.${arxiv}`;
}

function noticeOf(said: PaperRecord["notice"], old: Paper["notice"]): Paper["notice"] {
  if (said === "cleared") return null;
  const weight = (notice: Paper["notice"] | undefined) =>
    ["deleted", "concern", "withdrawn", "retracted"].indexOf(notice ?? "");
  return said !== undefined && weight(said) > weight(old) ? said : old;
}

/** The stems of all words in the searched fields. */
export const stemsOf = ({ title, abstract, authors, venue, keywords }: Paper): Set<string> =>
  new Set(termsOf([title, abstract, ...authors, venue, ...keywords].join("\n")).map(({ stem }) => stem));
