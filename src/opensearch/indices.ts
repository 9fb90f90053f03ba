/** The two indices of a library: papers, as they are searched; rows, which are read by their ids. */
import type { ModelDescription } from "../embedding/description.js";
import { KindredError } from "../core/errors.js";
import type { Cluster, Json } from "./cluster.js";
import type { Settings } from "./settings.js";

/** The version of papers, increased when those of an earlier one cannot be read: `kindred migrate` makes them again. */
export const FORMAT: number = 1;
/** The version of rows, which only gain fields. */
const ROWS_FORMAT = 1;

/** How papers are indexed. */
export type Layout = { format: number; mapping: (dimensions: number) => Json };

export const wrongFormat = (index: string, format: number): KindredError =>
  new KindredError(
    "damaged",
    `the papers in ${index} are stored as in version ${format}, this Kindred reads version ${FORMAT}: ` +
      (format < FORMAT ? 'run "kindred migrate"' : "update this server"),
  );

export type Names = { papers: string; rows: string };
export const namesOf = ({ prefix }: Pick<Settings, "prefix">): Names => ({
  papers: `${prefix}-papers`,
  rows: `${prefix}-rows`,
});

/**
 * The graph of nearest neighbours: lucene is the only engine that filters inside the search and needs no native library.
 */
const GRAPH = {
  name: "hnsw",
  engine: "lucene",
  space_type: "cosinesimil",
  parameters: { m: 16, ef_construction: 256 },
};
/** Tokens between two names of authors: no interval reaches from one name into the next. */
export const GAP = 1_000;

const keyword = { type: "keyword" };
/** Words separated by spaces, with their positions. */
const phrase = { type: "text", analyzer: "whitespace", norms: false };

const papersMapping = (dimensions: number): Json => ({
  dynamic: false,
  // Everything else is made from these.
  _source: { excludes: ["vector", "values", "weights", "words", "names", "terms", "stemmed", "sorted"] },
  properties: {
    label: { type: "long" },
    ids: keyword,
    title: keyword,
    published: keyword,
    year: keyword,
    listed: keyword,
    source: keyword,
    venue: keyword,
    category: keyword,
    categories: keyword,
    hash: keyword,
    state: keyword,
    sorted: { properties: { date: keyword, upvotes: { type: "long" }, trending: { type: "double" } } },
    /** BM25's saturation of each stem, without the idf. */
    weights: { type: "rank_features" },
    words: { type: "text", analyzer: "whitespace", index_options: "docs", norms: false },
    /** Intervals look up a prefix that is indexed; they refuse others that more than 128 words start with. */
    names: { ...phrase, position_increment_gap: GAP, index_prefixes: { min_chars: 1, max_chars: 19 } },
    terms: { properties: { title: phrase, abstract: phrase, venue: phrase } },
    stemmed: { properties: { title: phrase, abstract: phrase, keywords: phrase } },
    /** The 8-bit components that Kindred stores: as floats they would take four times the memory. */
    vector: { type: "knn_vector", dimension: dimensions, data_type: "byte", method: GRAPH },
    /** What is read of each candidate. */
    values: {
      properties: { abstract: { type: "binary", doc_values: true }, sentences: { type: "binary", doc_values: true } },
    },
  },
});

const ROWS: Json = {
  dynamic: false,
  properties: {
    kind: keyword,
    owner: keyword,
    key: keyword,
    label: { type: "long" },
    import: { type: "long" },
    outcome: keyword,
    pending: keyword,
    holders: keyword,
    failed: { type: "boolean" },
    layout: { type: "long" },
    x: { type: "double" },
    y: { type: "double" },
    unused: { type: "boolean" },
  },
};

/**
 * How often searches see what was written without being asked to: seldom, because readers ask for it when something has
 * changed (`Ledger.settle`), and many small segments would make the graphs be built again and again.
 */
export const REFRESH = "30s";

/** Creates the indices unless they exist. @throws KindredError `damaged` when they are of another version or model. */
export async function prepare(
  cluster: Cluster,
  settings: Settings,
  { identity, dimensions }: ModelDescription,
): Promise<void> {
  const names = namesOf(settings);
  const meta = { model: identity, dimensions };
  // Rows are created first, so papers without rows, or papers of which only rows are left, have lost an index.
  const hasPapers = await exists(cluster, names.papers);
  const hasRows = await exists(cluster, names.rows);
  const lost = hasPapers
    ? !hasRows
    : hasRows && ((await cluster.read<{ count: number }>(names.rows, ["counters"])).get("counters")?.count ?? 0) > 0;
  if (lost)
    throw new KindredError(
      "damaged",
      `the index ${hasPapers ? names.rows : names.papers} is missing, but ${hasPapers ? names.papers : names.rows} is there: restore both from one snapshot`,
    );
  await create(cluster, names.rows, {
    settings: { index: { ...common(settings), number_of_shards: 1 } },
    mappings: { ...ROWS, _meta: { ...meta, kindred: ROWS_FORMAT } },
  });
  await create(cluster, names.papers, papersIndex(settings, LAYOUT, meta));
  for (const name of Object.values(names)) {
    const { format, model } = await describe(cluster, name);
    if (name === names.papers && format !== FORMAT) throw wrongFormat(name, format);
    if (name === names.rows && format !== ROWS_FORMAT)
      throw new KindredError(
        "damaged",
        `the index ${name} was made by a later version of Kindred: use that, or choose another prefix`,
      );
    if (model !== identity)
      throw new KindredError(
        "damaged",
        `the index ${name} has vectors of another model: use that model, or another prefix`,
      );
  }
}

export const LAYOUT: Layout = { format: FORMAT, mapping: papersMapping };

type Meta = { model: string; dimensions: number };
const common = ({ replicas }: Settings): Json => ({
  refresh_interval: REFRESH,
  number_of_replicas: replicas,
  gc_deletes: "1h",
  max_result_window: 100_000,
});

/** What the index of papers is created with. */
export const papersIndex = (settings: Settings, { format, mapping }: Layout, meta: Meta): Json => ({
  settings: {
    index: { ...common(settings), number_of_shards: settings.shards, knn: true, max_terms_count: 100_000 },
  },
  mappings: { ...mapping(meta.dimensions), _meta: { ...meta, kindred: format } },
});

/** The index that an alias stands for. */
export type Described = Partial<Meta> & { index: string; format: number; shards: number };

/** @throws KindredError `damaged` when it is not Kindred's. */
export async function describe(cluster: Cluster, alias: string): Promise<Described> {
  type Index = {
    mappings: { _meta?: Meta & { kindred?: number } };
    settings: { index: { number_of_shards: string } };
  };
  const { body } = await cluster.request<Record<string, Index>>({ method: "GET", path: `/${alias}` });
  const [index, { mappings, settings }] = Object.entries(body)[0]!;
  const { kindred: format, ...meta } = mappings._meta ?? {};
  if (format === undefined)
    throw new KindredError("damaged", `the index ${index} was not made by Kindred: choose another prefix`);
  return { ...meta, index, format, shards: Number(settings.index.number_of_shards) };
}

/** Creates an index, and the alias by which it is used: a new one can take its place. */
export async function create(cluster: Cluster, name: string, body: Json, index = `${name}-1`): Promise<void> {
  if (await exists(cluster, name)) return;
  const { status, body: answer } = await cluster.request<{ error?: { type?: string; reason?: string } }>(
    { method: "PUT", path: `/${index}`, body: { ...body, aliases: { [name]: {} } } },
    [400],
  );
  // Another process may have created it meanwhile.
  if (status === 400 && answer.error?.type !== "resource_already_exists_exception")
    throw new KindredError("unreachable", `the index ${index} could not be created: ${answer.error?.reason}`);
}

export const exists = async (cluster: Cluster, name: string): Promise<boolean> =>
  (await cluster.request({ method: "HEAD", path: `/${name}` }, [404])).status !== 404;
