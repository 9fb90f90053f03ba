import { LRUCache } from "lru-cache";
import type { Facets, ImportsAnswer, ListsAnswer, Order, Region, Selection } from "../api.js";
import { KindredError } from "../core/errors.js";
import { listKey } from "../core/list.js";
import type { Paper } from "../core/paper.js";
import { titleKey } from "../core/text.js";
import type { StoredVector } from "../core/vector.js";
import { passageOf } from "../embedding/embed.js";
import { beginningIn, type WordHit } from "../core/word.js";
import { quantize } from "../vectors/quantize.js";
import { sketchOf } from "../vectors/sketch.js";
import { shorterStems, stemOf } from "../words/stem.js";
import type { Row } from "../words/cosines.js";
import { wordCosines } from "../words/tfidf.js";
import type {
  Alike,
  Block,
  Counts as PaperCounts,
  Engine,
  EngineStatus,
  Entry,
  Likeness,
  Lookup,
  Neighbour,
  Place,
  Point,
  Profile,
  Way,
} from "../engine/engine.js";
import type { OwnedRow } from "../engine/writer.js";
import { blockOf, BlockTables, type Inspected } from "./block.js";
import { all, type Cluster, type Found, type Hit, type Json } from "./cluster.js";
import { categoryKey, K1, paperIn, sentencesIn, titleHash, vectorIn, type PaperDocument } from "./document.js";
import { filtersOf, type Lookups } from "./filters.js";
import type { Names } from "./indices.js";
import {
  idOf,
  type Counters,
  type EntriesRow,
  type ImportRow,
  type JobsRow,
  type LabelsRow,
  type ListsRow,
  type MapRow,
  type NoteRow,
  type PointRow,
} from "./rows.js";
import { productOf, Vocabulary } from "./vocabulary.js";
import type { Workspace } from "./workspace.js";
import { countOf, countPoints, ownedQuery } from "./writer.js";

/** Papers looked at in the graph of each shard before the nearest are known: enough for all of the ten nearest, as measured. */
const LOOKED_AT = 256;
/** Papers whose values are read for a page: about 99% of the first ten hits of all candidates are among them. */
const COMPARED_BY_ALL = 250;
/** Candidates by words that are compared exactly with a profile: a multiple of those wanted, and at least this many. */
const COMPARED = { times: 3, atLeast: 500 };
/** Words of a profile that find candidates. */
const PROFILE_WORDS = 100;
/** The weight of a word that half of all papers or more contain. */
const LEAST_IDF = 1e-6;
/** Documents read at a time; values of a facet, and days. */
const READ = 5_000;
const MOST = 50;
const MOST_DAYS = 400;
const TITLED = 10;
/** Stems of which the number of papers is remembered while papers do not change. */
const STEMS = 20_000;
/** As many stems as are looked up first, and then only those counted that occur. */
const MANY_STEMS = 30;
const KEPT_IMPORTS = 20;
/** Bytes of papers' values that are kept: those of some 80,000 papers. */
const VALUES_CACHED = 128 * 1024 * 1024;
/** Bytes that an entry takes in addition to its vector and sketches. */
const ENTRY = 700;
/** Neighbours that a check of recall looks for. */
const CHECKED = 10;

const NONE: PaperCounts = { papers: 0, embedded: 0, pending: 0, pendingSentences: 0, failed: 0 };

const termOf = (field: string, value: string | number): Json => ({ term: { [field]: value } });
/** Doc values are read forty times faster than a part of the source. */
const withFields = (...fields: string[]) => ({
  _source: false,
  stored_fields: "_none_",
  docvalue_fields: ["label", ...fields],
});
const LABELS_ONLY = withFields();
/** What ranking needs of a candidate. */
const VALUES = withFields("title", "values.abstract", "values.sentences");
const valueOf = ({ fields }: Hit, field: string): unknown => fields?.[field]?.[0];
const labelOf = (hit: Hit): number => valueOf(hit, "label") as number;
/** The values of a paper. */
type Cached = Inspected & {
  /** The version of its document: the number of the last change to it. */
  document: number;
  /** The version of the library in which the document was seen. */
  seen: number;
};
const withSigns = (vector: StoredVector | null) => ({ vector, signs: vector && sketchOf(vector.vector) });
const cachedIn = (hit: Hit, seen: number): Cached => ({
  document: hit["_version"]!,
  seen,
  label: labelOf(hit),
  title: valueOf(hit, "title") as string | undefined,
  ...withSigns(vectorIn(valueOf(hit, "values.abstract") as string | undefined)),
  sentences: sentencesIn(valueOf(hit, "values.sentences") as string | undefined),
});

export class OpenSearchEngine implements Engine {
  readonly compared = COMPARED_BY_ALL;
  readonly #cluster;
  readonly #names;
  readonly #workspace;
  readonly #tables;
  readonly #version: () => number;
  readonly #vocabulary: Vocabulary;
  readonly #frequencies = new LRUCache<string, number>({ max: STEMS });
  /** By label. Not cleared when papers change: entries are compared with the versions of documents. */
  readonly #values = new LRUCache<number, Cached>({
    maxSize: VALUES_CACHED,
    sizeCalculation: ({ vector, sentences }) =>
      ENTRY + (vector?.vector.length ?? 0) + (sentences?.sketches.length ?? 0) + 4 * (sentences?.spans.length ?? 0),
  });
  #known: { version: number; counts: PaperCounts } = { version: -1, counts: NONE };

  /** @param version Changes whenever papers do. */
  constructor(cluster: Cluster, names: Names, workspace: Workspace, dimensions: number, version: () => number) {
    this.#cluster = cluster;
    this.#names = names;
    this.#workspace = workspace;
    this.#tables = new BlockTables(dimensions);
    this.#version = version;
    this.#vocabulary = new Vocabulary(cluster, names, dimensions);
  }

  async counts(): Promise<PaperCounts> {
    await this.#current();
    return this.#known.counts;
  }

  async #counted(): Promise<PaperCounts> {
    const has = (state: string): Json => termOf("state", state);
    const found = await this.#search({
      size: 0,
      track_total_hits: true,
      aggs: {
        vectors: { filter: has("vector") },
        failed: { filter: has("failed") },
        pending: { filter: { bool: { must_not: [{ terms: { state: ["vector", "failed"] } }] } } },
        sentences: { filter: { bool: { must_not: [{ terms: { state: ["sentences", "failed"] } }] } } },
      },
    });
    const count = (name: string) => (found.aggregations![name] as { doc_count: number }).doc_count;
    return {
      papers: found.hits.total!.value,
      embedded: count("vectors"),
      pending: count("pending"),
      pendingSentences: count("sentences"),
      failed: count("failed"),
    };
  }

  async status(): Promise<EngineStatus> {
    const rows = await this.#rows<unknown>(["counters", "jobs", "map"].map((kind) => idOf(kind)));
    const counters = rows.get(idOf("counters")) as Counters | undefined;
    const jobs = rows.get(idOf("jobs")) as JobsRow | undefined;
    const map = rows.get(idOf("map")) as MapRow | undefined;
    const vectors = await countOf(this.#cluster, this.#names.papers, [termOf("state", "vector")]);
    const change = counters?.changes ?? 0;
    return {
      newest: counters?.papers ?? 0,
      pendingPoints: Math.max(0, vectors - (await countPoints(this.#cluster, this.#names, map))),
      jobs: this.#workspace.withJobs(jobs?.jobs ?? [], (store) => store.jobs.all(Date.now())),
      index: { state: "ready", count: vectors, change, saved: change, storeChange: change, notice: null },
    };
  }

  async checkRecall(): Promise<{ nearest: number; found: number }> {
    const random = await this.#search<PaperDocument>({
      query: { function_score: { query: termOf("state", "vector"), random_score: {} } },
      size: 1,
      _source: ["label"],
    });
    const label = random.hits.hits[0]?._source.label;
    if (label === undefined) return { nearest: 0, found: 0 };
    const query = (await this.inspect([label])).vector(label);
    if (query === undefined) return { nearest: 0, found: 0 };
    const params = { field: "vector", query_value: Array.from(quantize(query).vector), space_type: "cosinesimil" };
    const script = { lang: "knn", source: "knn_score", params };
    const exact = await this.#found({ script_score: { query: { exists: { field: "vector" } }, script } }, CHECKED);
    const { neighbours } = await this.nearest(query, {}, CHECKED);
    const [all, near] = [exact, neighbours].map((hits) => hits.map((hit) => hit.label)) as [number[], number[]];
    const block = await this.inspect([...all, ...near]);
    const cosines = (labels: number[]) => block.similarities(query, labels).map((cosine) => cosine ?? -1);
    const farthest = Math.min(...cosines(all));
    return { nearest: all.length, found: cosines(near).filter((cosine) => cosine >= farthest - 1e-6).length };
  }

  async resolve(names: readonly Lookup[]): Promise<(number | undefined)[]> {
    // Readers of PubMed give papers this id.
    const ids = names.map(({ kind, value }) =>
      kind === "pmid" ? idOf("name", "id", `PMID:${value}`) : idOf("name", kind, value),
    );
    const found = await this.#rows<LabelsRow>(ids);
    return ids.map((id) => found.get(id)?.labels[0]);
  }

  async titled(titles: readonly string[]): Promise<number[][]> {
    const keys = titles.map(titleKey);
    const ids = keys.map((key) => idOf("title", titleHash(key)));
    const found = await this.#rows<LabelsRow>(ids);
    return keys.map((key, i) => (key === "" ? [] : (found.get(ids[i]!)?.labels.slice(0, TITLED) ?? [])));
  }

  async papers(labels: readonly number[]): Promise<(Paper | undefined)[]> {
    // Whole documents: to leave out a part of each takes the cluster longer than to read and send it.
    const found = await this.#cluster.read<PaperDocument>(this.#names.papers, labels.map(String));
    return labels.map((label) => {
      const paper = found.get(String(label));
      return paper && paperIn(paper);
    });
  }

  async wordCosines(text: string, labels: readonly number[]): Promise<(number | null)[]> {
    const [{ papers }, found] = await Promise.all([this.counts(), this.papers(labels)]);
    const passages = found.map((paper) => (paper === undefined ? null : passageOf(paper)));
    return wordCosines(this, papers, text, passages);
  }

  async papersAfter(after: number, limit: number): Promise<{ label: number; paper: Paper }[]> {
    const found = await this.#search<PaperDocument>({
      query: { range: { label: { gt: after } } },
      sort: [{ label: "asc" }],
      size: limit,
      _source: ["label", "row"],
    });
    return found.hits.hits.map(({ _source }) => ({ label: _source.label, paper: paperIn(_source) }));
  }

  async list(names: readonly string[]): Promise<Entry[][]> {
    const lists = await this.#lists();
    const wanted = names.map((name) => {
      const found = lists.find((list) => list.name_key === listKey(name) || listKey(list.name) === listKey(name));
      if (found === undefined)
        throw new KindredError("not-found", `there is no list "${name.slice(0, 200)}": create it first`, {
          parameter: "list",
        });
      return idOf("entries", found.list);
    });
    const entries = await this.#rows<EntriesRow>(wanted);
    return wanted.map((id) => entries.get(id)?.entries.map(([one, added]) => ({ id: one, added })) ?? []);
  }

  async lists(): Promise<ListsAnswer> {
    const lists = (await this.#lists()).toSorted(
      (a, b) => Math.min(a.list, 3) - Math.min(b.list, 3) || (a.name_key < b.name_key ? -1 : 1),
    );
    const entries = await this.#rows<EntriesRow>(lists.map(({ list }) => idOf("entries", list)));
    const notes = await all<NoteRow>(
      this.#cluster,
      this.#names.rows,
      { bool: { filter: [termOf("kind", "note")] } },
      "key",
    );
    return {
      lists: lists.map(({ list, name, created }) => {
        const ids = entries.get(idOf("entries", list))?.entries.map(([id]) => id) ?? [];
        return { name, created, papers: ids.length, ids };
      }),
      notes: notes.map(({ key, note, changed }) => ({ id: key, note, changed })),
    };
  }

  async owned({
    owner,
    prefix,
    after,
    limit,
  }: {
    owner: string;
    prefix: string;
    after: string;
    limit: number;
  }): Promise<OwnedRow[]> {
    const query = { bool: { filter: [ownedQuery(owner, prefix), { range: { key: { gt: after } } }] } };
    const { hits } = await this.#cluster.search<OwnedRow>(this.#names.rows, {
      query,
      sort: [{ key: "asc" }],
      size: limit,
    });
    return hits.hits.map(({ _source: { key, value } }) => ({ owner, key, value }));
  }

  countOwned({ owner, prefix }: { owner: string; prefix: string }): Promise<number> {
    return countOf(this.#cluster, this.#names.rows, [ownedQuery(owner, prefix)]);
  }

  async imports(): Promise<ImportsAnswer> {
    const { hits } = await this.#cluster.search<ImportRow>(this.#names.rows, {
      query: { bool: { filter: [termOf("kind", "import")] } },
      sort: [{ import: "desc" }],
      size: KEPT_IMPORTS,
    });
    const imports = hits.hits.map(({ _source }) => _source);
    const counts = await this.#cluster.searchAll(
      this.#names.rows,
      imports.map(({ import: number }) => ({
        query: { bool: { filter: [termOf("kind", "imported"), termOf("import", number)] } },
        size: 0,
        aggs: { outcomes: { terms: { field: "outcome" } } },
      })),
    );
    return {
      imports: imports.map(({ import: number, name, began, undone }, i) => {
        const of = (outcome: string) =>
          bucketsOf(counts[i]!, "outcomes").find(({ key }) => key === outcome)?.doc_count ?? 0;
        return { import: number, name, began, undone, added: of("added"), updated: of("updated") };
      }),
    };
  }

  async frequencies(stems: readonly string[]): Promise<number[]> {
    await this.#current();
    const { version } = this.#known;
    const known = new Map<string, number>();
    for (const stem of stems) {
      const frequency = this.#frequencies.get(stem);
      if (frequency !== undefined) known.set(stem, frequency);
    }
    const unknown = [...new Set(stems)].filter((stem) => !known.has(stem));
    // Of the many stems that a misspelled word may have meant, most do not occur.
    const occurring =
      unknown.length < MANY_STEMS ? null : await this.#cluster.occurring(this.#names.papers, "words", unknown);
    const counted = unknown.filter((stem) => beginningIn(stem) !== null || (occurring?.has(stem) ?? true));
    const found = await this.#cluster.searchAll(
      this.#names.papers,
      counted.map((stem) => ({ query: wordQuery(stem), size: 0, track_total_hits: true })),
    );
    const frequencies = new Map(counted.map((stem, i) => [stem, found[i]!.hits.total!.value]));
    for (const stem of unknown) {
      const frequency = frequencies.get(stem) ?? 0;
      known.set(stem, frequency);
      // Another question may have met a later state meanwhile, and forgotten all.
      if (this.#known.version === version) this.#frequencies.set(stem, frequency);
    }
    return stems.map((stem) => known.get(stem)!);
  }

  async words(words: readonly string[], filters: Selection, k: number): Promise<WordHit[]> {
    if (words.length === 0) return [];
    const should = await this.#scoring(words);
    const filter = await this.#filters(filters);
    const found = await this.#found({ bool: { should, minimum_should_match: 1, filter } }, k);
    return found.map(({ label, score }) => ({ label, bm25: score }));
  }

  /**
   * The hits of a search for candidates, best first, ties by label. The cluster orders them by score only: it need not look at papers
   * that cannot be among the best.
   */
  async #found(query: Json, size: number): Promise<{ label: number; score: number }[]> {
    await this.#current();
    const { version } = this.#known;
    const { hits } = await this.#search({ query, size, track_total_hits: false, ...LABELS_ONLY, version: true });
    const found = hits.hits.map((hit) => {
      const label = labelOf(hit);
      // Used only when it is read.
      const cached = this.#values.peek(label);
      if (cached !== undefined && cached.document === hit["_version"]) cached.seen = version;
      return { label, score: hit._score! };
    });
    return found.sort((a, b) => b.score - a.score || a.label - b.label);
  }

  /** For each word, the query whose score is its BM25. */
  async #scoring(words: readonly string[], named = false): Promise<Json[]> {
    const stemsOf = words.map((word) => {
      const beginning = beginningIn(word);
      return beginning === null ? [stemOf(word)] : [word, ...shorterStems(beginning)];
    });
    const frequencies = await this.frequencies(stemsOf.flat());
    const papers = await this.#count();
    let next = 0;
    return words.map((_, i) => {
      const parts = stemsOf[i]!.map((stem): Json => {
        const documents = frequencies[next++]!;
        const boost = (K1 + 1) * Math.max(LEAST_IDF, Math.log((papers - documents + 0.5) / (documents + 0.5)));
        if (beginningIn(stem) !== null) return { constant_score: { filter: wordQuery(stem), boost: boost / 2 } };
        return { rank_feature: { field: `weights.${stem}`, saturation: { pivot: K1 }, boost } };
      });
      return { bool: { should: parts, minimum_should_match: 1, ...(named && { _name: String(i) }) } };
    });
  }

  async nearest(query: Float32Array, filters: Selection, k: number): Promise<{ neighbours: Neighbour[]; way: Way }> {
    // A cosine to zero is undefined, and the cluster refuses to compute it.
    if (query.every((component) => component === 0)) return { neighbours: [], way: "hnsw" };
    const filter = await this.#filters(filters);
    const asked = {
      vector: Array.from(quantize(query).vector),
      k,
      method_parameters: { ef_search: Math.max(LOOKED_AT, k) },
      ...(filter.length > 0 && { filter: { bool: { filter } } }),
    };
    const found = await this.#found({ knn: { vector: asked } }, k);
    // The cluster's score is (1 + cosine) / 2.
    return { neighbours: found.map(({ label, score }) => ({ label, similarity: 2 * score - 1 })), way: "hnsw" };
  }

  async inspect(labels: ArrayLike<number>): Promise<Block> {
    await this.#current();
    const unique = [...new Set(Array.from(labels))];
    return blockOf(await this.#inspected(unique, this.#known.version), this.#tables);
  }

  /** The values of those papers that exist. @param version Of the library: what was not seen in it is read. */
  async #inspected(labels: readonly number[], version: number): Promise<Inspected[]> {
    const papers: Inspected[] = [];
    const unseen: number[] = [];
    for (const label of labels) {
      const cached = this.#values.get(label);
      if (cached?.seen === version) papers.push(cached);
      else unseen.push(label);
    }
    for (let from = 0; from < unseen.length; from += READ) {
      const some = unseen.slice(from, from + READ);
      const query = { bool: { filter: [{ terms: { label: some } }] } };
      const { hits } = await this.#search({
        query,
        size: some.length,
        track_total_hits: false,
        ...VALUES,
        version: true,
      });
      for (const hit of hits.hits) {
        const one = cachedIn(hit, version);
        this.#values.set(one.label, one);
        papers.push(one);
      }
    }
    return papers;
  }

  async wordWeights(words: readonly string[], labels: readonly number[]): Promise<number[][]> {
    const weights = words.map(() => labels.map(() => 0));
    if (words.length === 0) return weights;
    const places = new Map(labels.map((label, i) => [label, i]));
    const should = await this.#scoring(words, true);
    for (let from = 0; from < labels.length; from += READ) {
      const some = labels.slice(from, from + READ);
      const { hits } = await this.#cluster.search(
        this.#names.papers,
        { query: { bool: { filter: [{ terms: { label: some } }], should } }, size: some.length, ...LABELS_ONLY },
        { include_named_queries_score: true },
      );
      for (const hit of hits.hits)
        for (const [name, score] of Object.entries(hit.matched_queries ?? {}))
          weights[Number(name)]![places.get(labelOf(hit))!] = score;
    }
    return weights;
  }

  async mean(): Promise<Float32Array> {
    return (await this.#sample()).mean;
  }

  async wordVectors(labels: readonly number[], texts: readonly string[]): Promise<Row[]> {
    const sample = await this.#sample();
    const stems = await this.#stemsOf(labels);
    return [
      ...labels.map((label) => this.#vocabulary.rowOfStems(stems.get(label) ?? "", sample)),
      ...texts.map((abstract) => this.#vocabulary.rowOfText({ abstract }, sample)),
    ];
  }

  async stemsAt(places: readonly number[]): Promise<string[]> {
    return places.map((place) => this.#vocabulary.stemAt(place));
  }

  async alike(
    profiles: readonly Profile[],
    filters: Selection,
    k: number,
  ): Promise<{ found: Alike[]; likeness: Likeness }> {
    const sample = await this.#sample();
    const filter = await this.#filters(filters);
    const most = Math.max(COMPARED.times * k, COMPARED.atLeast);
    const candidates = await this.#cluster.searchAll(
      this.#names.papers,
      profiles.map(({ words }) => ({
        query: { bool: { should: this.#profileQuery(words, sample), filter } },
        size: most,
        ...LABELS_ONLY,
      })),
    );
    const labels = candidates.map(({ hits }) => hits.hits.map(labelOf));
    const rows = await this.#rowsOf([...new Set(labels.flat())]);
    const productWith = ({ words, share }: Profile, row: Row | undefined) =>
      row === undefined || row.places.length === 0
        ? NaN
        : productOf(words, row) - share * this.#vocabulary.common(row, sample);
    const found: Alike[] = [];
    for (const [i, profile] of profiles.entries()) {
      const byWords = labels[i]!.map((label) => ({ label, product: productWith(profile, rows.get(label)) }))
        .filter(({ product }) => !Number.isNaN(product))
        .toSorted((a, b) => b.product - a.product || a.label - b.label)
        .slice(0, k)
        .map(({ label }) => label);
      const near = profile.vector === null ? null : await this.nearest(profile.vector, filters, k);
      found.push({ byWords, byVector: near?.neighbours.map(({ label }) => label) ?? [], way: near?.way ?? null });
    }
    const likeness: Likeness = async (asked) => {
      const all = new Map([
        ...rows,
        ...(await this.#rowsOf([...new Set(asked.flatMap((some) => [...some]))].filter((label) => !rows.has(label)))),
      ]);
      // Rounded as the embedded engine stores them.
      return asked.map((some, i) => Float32Array.from(some, (label) => productWith(profiles[i]!, all.get(label))));
    };
    return { found, likeness };
  }

  /** Finds papers with the strongest words of a profile, and all others after those. */
  #profileQuery({ places, weights }: Row, sample: Awaited<ReturnType<Vocabulary["sample"]>>): Json[] {
    const words = Array.from(places, (place, i) => ({ stem: this.#vocabulary.stemAt(place), weight: weights[i]! }))
      .map(({ stem, weight }) => ({ stem, boost: weight * Math.sqrt(this.#vocabulary.idf(stem, sample)) }))
      .filter(({ boost }) => boost > 0)
      .toSorted((a, b) => b.boost - a.boost)
      .slice(0, PROFILE_WORDS);
    return words.map(({ stem, boost }) => ({
      rank_feature: { field: `weights.${stem}`, saturation: { pivot: 2 * K1 }, boost },
    }));
  }

  /** Words are searchable as soon as papers are. */
  async unread(): Promise<number> {
    return 0;
  }

  async matches(labels: readonly number[], filters: Selection): Promise<boolean[]> {
    const filter = await this.#filters(filters);
    if (filter.length === 0) return labels.map(() => true);
    const found = new Set(await this.#labels([{ terms: { label: labels } }, ...filter], labels.length));
    return labels.map((label) => found.has(label));
  }

  async passing(filters: Selection, most: number): Promise<number[]> {
    return this.#labels(await this.#filters(filters), most);
  }

  async count(filters: Selection): Promise<number> {
    return countOf(this.#cluster, this.#names.papers, await this.#filters(filters));
  }

  async browse(filters: Selection, sort: Order, limit: number, after?: Place): Promise<(Place & { paper: Paper })[]> {
    if (sort !== "date" && sort !== "upvotes" && sort !== "trending" && filters.list !== undefined)
      return this.#browseLists(filters, filters.list, limit, after);
    const field = sort === "date" || sort === "upvotes" || sort === "trending" ? `sorted.${sort}` : "label";
    const found = await this.#search<PaperDocument>({
      query: { bool: { filter: await this.#filters(filters) } },
      sort: [{ [field]: "desc" }, { label: "asc" }],
      size: limit,
      _source: ["label", "row"],
      ...(after !== undefined && { search_after: [after.key, after.label] }),
    });
    return found.hits.hits.map(({ _source, sort: keys }) => ({
      key: keys![0]!,
      label: _source.label,
      paper: paperIn(_source),
    }));
  }

  /** The papers of lists, last added first. */
  async #browseLists(
    filters: Selection,
    names: readonly string[],
    limit: number,
    after?: Place,
  ): Promise<(Place & { paper: Paper })[]> {
    const added = new Map<string, string>();
    for (const { entries } of await this.#entriesOf(names))
      for (const [id, time] of entries) if (time > (added.get(id) ?? "")) added.set(id, time);
    const found = await all<PaperDocument>(
      this.#cluster,
      this.#names.papers,
      { bool: { filter: await this.#filters(filters) } },
      "label",
      ["label", "row.id"],
    );
    const places = found.map(({ label, row }) => ({ label, key: added.get(row.id) ?? "" }));
    const page = places
      .toSorted((a, b) => (a.key === b.key ? a.label - b.label : a.key > b.key ? -1 : 1))
      .filter(
        ({ key, label }) =>
          after === undefined || key < String(after.key) || (key === after.key && label > after.label),
      )
      .slice(0, limit);
    const papers = await this.papers(page.map(({ label }) => label));
    return page.flatMap((place, i) => (papers[i] === undefined ? [] : { ...place, paper: papers[i] }));
  }

  async mapVersion(): Promise<{ layout: number; shown: string }> {
    const rows = await this.#rows<MapRow & { changes: number }>([idOf("map"), idOf("counters")]);
    const version = rows.get(idOf("map"))?.version ?? 0;
    return { layout: version, shown: `${rows.get(idOf("counters"))?.changes ?? 0} ${version}` };
  }

  async regions(): Promise<Region[]> {
    return (await this.#map())?.map.regions ?? [];
  }

  async points(after: number, limit: number): Promise<Point[]> {
    const map = await this.#map();
    if (map === undefined) return [];
    const filter = [termOf("kind", "point"), termOf("layout", map.layout), { range: { label: { gt: after } } }];
    const { hits } = await this.#cluster.search<PointRow>(this.#names.rows, {
      query: { bool: { filter } },
      sort: [{ label: "asc" }],
      size: limit,
    });
    const points = hits.hits.map(({ _source }) => _source);
    const papers = await this.#cluster.read<PaperDocument>(
      this.#names.papers,
      points.map(({ label }) => String(label)),
      ["row.published", "row.categories"],
    );
    return points.flatMap(({ label, x, y }): Point[] => {
      const row = papers.get(String(label))?.row;
      return row === undefined
        ? []
        : [[label, x, y, row.published, (JSON.parse(row.categories) as string[])[0] ?? null]];
    });
  }

  async facets(of: readonly number[] | Selection): Promise<Facets> {
    const filter = isLabels(of) ? [{ terms: { label: of } }] : await this.#filters(of);
    const terms = (field: string, size: number, order: Json = { _count: "desc" }) => ({
      terms: { field, size, order: [order, { _key: "asc" }] },
    });
    const found = await this.#search({
      query: { bool: { filter } },
      size: 0,
      aggs: {
        years: { terms: { field: "year", size: 10_000, order: { _key: "asc" } } },
        categories: { ...terms("category", MOST), aggs: { written: { terms: { field: "categories", size: 100 } } } },
        venues: terms("venue", MOST),
        sources: terms("source", MOST),
        days: { terms: { field: "listed", size: MOST_DAYS, order: { _key: "desc" } } },
      },
    });
    const counted = (name: string) =>
      bucketsOf(found, name).map(({ key, doc_count: papers }) => ({ value: key, papers }));
    return {
      years: counted("years"),
      // As it is written most often.
      categories: bucketsOf(found, "categories").map(({ key, doc_count: papers, written }) => ({
        value: written!.buckets.find((bucket) => categoryKey(bucket.key) === key)?.key ?? key,
        papers,
      })),
      venues: counted("venues"),
      sources: counted("sources"),
      days: counted("days"),
    };
  }

  async #search<S = unknown>(body: Json): Promise<Found<S>> {
    return this.#cluster.search<S>(this.#names.papers, body);
  }

  #rows<S>(ids: readonly string[]): Promise<Map<string, S>> {
    return this.#cluster.read<S>(this.#names.rows, ids);
  }

  /** The first labels that match, ascending. */
  async #labels(filter: Json[], most: number): Promise<number[]> {
    const labels: number[] = [];
    while (labels.length < most) {
      const size = Math.min(READ, most - labels.length);
      const last = labels.at(-1);
      const found = await this.#search({
        query: { bool: { filter } },
        sort: [{ label: "asc" }],
        size,
        ...LABELS_ONLY,
        ...(last !== undefined && { search_after: [last] }),
      });
      labels.push(...found.hits.hits.map(labelOf));
      if (found.hits.hits.length < size) break;
    }
    return labels;
  }

  async #filters(selection: Selection): Promise<Json[]> {
    const lookups: Lookups = {
      idsIn: async (list) => (await this.#entriesOf([list])).flatMap(({ entries }) => entries.map(([id]) => id)),
      isVenue: async (venue) => (await countOf(this.#cluster, this.#names.papers, [termOf("venue", venue)])) > 0,
      labelsIn: async ({ x, y }) => {
        const map = await this.#map();
        if (map === undefined) return [];
        const filter = [termOf("kind", "point"), termOf("layout", map.layout), { range: { x } }, { range: { y } }];
        return (await all<PointRow>(this.#cluster, this.#names.rows, { bool: { filter } }, "label", ["label"])).map(
          ({ label }) => label,
        );
      },
    };
    return filtersOf(selection, lookups);
  }

  async #map(): Promise<MapRow | undefined> {
    return (await this.#rows<MapRow>([idOf("map")])).get(idOf("map"));
  }

  async #lists(): Promise<ListsRow["lists"]> {
    return (await this.#rows<ListsRow>([idOf("lists")])).get(idOf("lists"))?.lists ?? [];
  }

  /** The entries of those lists that exist. */
  async #entriesOf(names: readonly string[]): Promise<EntriesRow[]> {
    const keys = new Set(names.map(listKey));
    const lists = (await this.#lists()).filter(({ name_key: key }) => keys.has(key));
    return [...(await this.#rows<EntriesRow>(lists.map(({ list }) => idOf("entries", list)))).values()];
  }

  async #stemsOf(labels: readonly number[]): Promise<Map<number, string>> {
    const found = await this.#cluster.read<PaperDocument>(this.#names.papers, labels.map(String), ["stems"]);
    return new Map(Array.from(found, ([id, { stems }]) => [Number(id), stems]));
  }

  async #rowsOf(labels: readonly number[]): Promise<Map<number, Row>> {
    const sample = await this.#sample();
    const stems = await this.#stemsOf(labels);
    return new Map(Array.from(stems, ([label, one]) => [label, this.#vocabulary.rowOfStems(one, sample)]));
  }

  async #sample() {
    const papers = await this.#count();
    return this.#vocabulary.sample(papers, this.#version());
  }

  async #count(): Promise<number> {
    return (await this.counts()).papers;
  }

  /** Forgets what was remembered of papers that have changed. */
  async #current(): Promise<void> {
    const version = this.#version();
    if (this.#known.version === version) return;
    const counts = await this.#counted();
    this.#frequencies.clear();
    this.#known = { version, counts };
  }
}

/** Papers with a stem or, for `syn*`, with any stem that starts so. */
function wordQuery(stem: string): Json {
  const beginning = beginningIn(stem);
  return beginning === null ? termOf("words", stem) : { prefix: { words: beginning } };
}

type Bucket = { key: string; doc_count: number; written?: { buckets: Bucket[] } };
const bucketsOf = (found: Found, name: string): Bucket[] =>
  (found.aggregations![name] as { buckets: Bucket[] }).buckets;

const isLabels = (of: readonly number[] | Selection): of is readonly number[] => Array.isArray(of);
