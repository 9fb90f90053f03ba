/** Asks the question of an alert: the papers that it would report, best first. */
import { createHash } from "node:crypto";
import type {
  Answer,
  Ask,
  BrowseAnswer,
  BrowseRequest,
  FoundPaper,
  Hit,
  RecommendRequest,
  SearchRequest,
} from "../api.js";
import { MAX_LIMIT } from "../api.js";
import { KindredError } from "../core/errors.js";
import { listKey } from "../core/list.js";
import type { Paper } from "../core/paper.js";
import { CLOSE } from "../ranking/closeness.js";

/** Papers beyond those that are reported that are counted. */
const COUNTED = 50;
/** Votes of daily lists change for about a week, and services list late. In days. */
const DAYS_LISTED = 8;
/** No service had daily lists longer ago. In years. */
const YEARS = 30;
const DAY = 86_400_000;

type Waiting = { signal: AbortSignal };
/** What it needs of a `Kindred`. */
export type Asked = {
  search: (request: Partial<SearchRequest> & { q: string }, waiting: Waiting) => Promise<Answer>;
  recommend: (request: Partial<RecommendRequest>, waiting: Waiting) => Promise<Answer>;
  browse: (request: Partial<BrowseRequest>, waiting: Waiting) => Promise<BrowseAnswer>;
  lists: () => Promise<{ lists: { name: string }[] }>;
};

/** What to ask, and which papers have not been looked at yet. */
export type Question = {
  ask: Ask;
  atMost: number;
  atLeastSimilarity: number | null;
  since: string | null;
  /** When the alert was made, and the number of the newest paper at that time; 0 if it has `since`. */
  created: string;
  start: number;
  /** Papers up to this number have been looked at. */
  after: number;
  /** Now, in milliseconds since 1970. */
  now: number;
};

export type Candidate = {
  found: FoundPaper;
  /** What the paper and its copies in the answer are recognised by. */
  keys: string[];
};

export type Candidates = {
  candidates: Candidate[];
  /** Matching papers that are not among them, as far as they were counted. */
  uncounted: number;
  /** Whether copies of a paper are one candidate. */
  folded: boolean;
};

/** @throws KindredError as the question does, for example `not-found` when a list was removed. */
export async function candidatesOf(library: Asked, question: Question, signal: AbortSignal): Promise<Candidates> {
  const { ask } = question;
  if (ask.q !== undefined) return searched(library, question, ask.q, signal);
  if ((ask.positive?.length ?? 0) + (ask.basedOn?.length ?? 0) > 0) return recommended(library, question, signal);
  await expectLists(library, ask);
  if (ask.daily === true) return listed(library, question, signal);
  if (ask.trending === true) return trending(library, question, signal);
  return browsed(library, { ...filtersOf(question), addedAfter: question.after }, question, signal);
}

/** Browsing takes a list that is not there for an empty one. @throws KindredError `not-found`. */
async function expectLists(library: Asked, { list = [] }: Ask): Promise<void> {
  if (list.length === 0) return;
  const known = new Set((await library.lists()).lists.map(({ name }) => listKey(name)));
  const missing = list.find((name) => !known.has(listKey(name)));
  if (missing !== undefined)
    throw new KindredError("not-found", `there is no list "${missing.slice(0, 200)}": create it first`);
}

/** What a question compares: it must wait until these are known of all papers that it looks at. */
export function comparesOf({ q, mode, positive = [], basedOn = [], area }: Ask) {
  const searches = q !== undefined && mode !== "lexical";
  return {
    vectors: searches || positive.length + basedOn.length > 0,
    sentences: searches,
    points: area !== undefined,
  };
}

/** What a paper is recognised by: its id, DOI and arXiv id, as short hashes. */
export const keysOf = ({ id, doi, arxiv }: Pick<Paper, "id" | "doi" | "arxiv">): string[] =>
  [`id:${id}`, ...(doi === null ? [] : [`doi:${doi}`]), ...(arxiv === null ? [] : [`arxiv:${arxiv}`])].map((key) =>
    createHash("sha256").update(key).digest("base64url").slice(0, 11),
  );

function filtersOf({ ask, since }: Question) {
  const { q: _q, mode: _mode, positive: _p, negative: _n, basedOn: _b, daily: _d, trending: _t, ...filters } = ask;
  const { from = "" } = filters;
  return since === null ? filters : { ...filters, from: since > from ? since : from };
}

const limitOf = (atMost: number): number => Math.min(MAX_LIMIT, atMost + COUNTED);

async function searched(library: Asked, question: Question, q: string, signal: AbortSignal): Promise<Candidates> {
  const { ask, atMost, atLeastSimilarity, after } = question;
  const { mode = "hybrid" } = ask;
  const request = { q, mode, ...filtersOf(question), addedAfter: after, limit: limitOf(atMost), explain: true };
  const { hits, method } = await library.search(request, { signal });
  const exact = method.ranking === "identifier" || method.ranking === "filters";
  const close = hits.filter(
    (hit) => exact || (atLeastSimilarity === null ? isClose(hit) : (hit.similarity ?? -1) >= atLeastSimilarity),
  );
  const candidates = close.map((hit) => candidateOf(hit, { similarity: hit.similarity, like: null }));
  return { candidates, uncounted: 0, folded: true };
}

/** Whether one hit is close to the query, as `ranking/closeness.ts` decides for a whole answer. */
function isClose({ explain }: Hit): boolean {
  const value = (name: string) => explain?.signals.find((signal) => signal.name === name)?.value ?? null;
  const [abstract, sentence] = [value("abstract"), value("sentence")];
  if (abstract !== null && (abstract + (sentence ?? abstract)) / 2 >= CLOSE) return true;
  const words = explain?.words ?? [];
  return words.length > 0 && words.every(({ weight }) => weight > 0);
}

async function recommended(library: Asked, question: Question, signal: AbortSignal): Promise<Candidates> {
  const { ask, atMost, atLeastSimilarity, after } = question;
  const { positive = [], negative = [], basedOn } = ask;
  const liked = { positive, negative, ...(basedOn !== undefined && { basedOn }) };
  const request = { ...liked, ...filtersOf(question), addedAfter: after, limit: limitOf(atMost) };
  const { hits } = await library.recommend(request, { signal });
  const candidates = hits.flatMap((hit) => {
    const [nearest] = (hit.because?.for ?? []).toSorted((a, b) => b.similarity - a.similarity);
    // Without a like, as of an empty list, these are trending papers.
    if (nearest === undefined || nearest.similarity < (atLeastSimilarity ?? -1)) return [];
    const { example, title, similarity } = nearest;
    const like = title ?? ("text" in example ? example.text.slice(0, 300) : example.id);
    return [candidateOf(hit, { similarity, like })];
  });
  return { candidates, uncounted: 0, folded: true };
}

const candidateOf = (
  { paper, versions, matched }: Hit,
  { similarity, like }: Pick<FoundPaper, "similarity" | "like">,
): Candidate => ({
  found: { id: paper.id, title: paper.title, similarity, sentence: matched.sentence?.text ?? null, like },
  keys: [paper, ...versions].flatMap(keysOf),
});

const unranked = (paper: Paper): Candidate => ({
  found: { id: paper.id, title: paper.title, similarity: null, sentence: null, like: null },
  keys: keysOf(paper),
});

async function browsed(
  library: Asked,
  request: Partial<BrowseRequest>,
  { atMost }: Question,
  signal: AbortSignal,
): Promise<Candidates> {
  const { papers, total } = await library.browse({ ...request, limit: limitOf(atMost) }, { signal });
  return { candidates: papers.map(unranked), uncounted: total - papers.length, folded: false };
}

/**
 * Papers on the daily lists of the last days, whenever they were added, because a paper may be here before it is listed; and
 * those that were added since the last run, whenever they were listed.
 */
async function listed(library: Asked, question: Question, signal: AbortSignal): Promise<Candidates> {
  const { created, since, after, now, atMost } = question;
  const filters = filtersOf(question);
  const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);
  const days = Array.from({ length: DAYS_LISTED + 1 }, (_, i) => dayOf(now + DAY - i * DAY));
  const wanted = days.filter((day) => (since === null ? day > dayOf(Date.parse(created)) : day >= since));
  const last = Number(days[0]!.slice(0, 4));
  const first = since === null ? last - 1 : Math.max(last - YEARS, Number(since.slice(0, 4)));
  const years = Array.from({ length: Math.max(1, last - first + 1) }, (_, i) => String(last - i));
  const papers = new Map<string, Paper>();
  const requests = [
    ...wanted.map((day) => ({ listed: day })),
    ...years.map((year) => ({ listed: year, addedAfter: after })),
  ];
  for (const request of requests) {
    const limit = limitOf(atMost);
    const answer = await library.browse({ ...filters, ...request, sort: "upvotes", limit }, { signal });
    for (const paper of answer.papers) papers.set(paper.id, paper);
  }
  const candidates = [...papers.values()].toSorted((a, b) => (b.upvotes ?? 0) - (a.upvotes ?? 0)).map(unranked);
  return { candidates, uncounted: 0, folded: false };
}

/** The first trending papers, of those added after the alert was made. A paper may begin to trend any time later. */
async function trending(library: Asked, question: Question, signal: AbortSignal): Promise<Candidates> {
  const { start, atMost } = question;
  const request = { sort: "trending", limit: atMost } as const;
  const all = await library.browse({ ...filtersOf({ ...question, since: null }), ...request }, { signal });
  const recent = await library.browse({ ...filtersOf(question), addedAfter: start, ...request }, { signal });
  const ids = new Set(all.papers.map(({ id }) => id));
  return { candidates: recent.papers.filter(({ id }) => ids.has(id)).map(unranked), uncounted: 0, folded: false };
}
