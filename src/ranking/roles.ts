/**
 * The role of each sentence of an abstract: what the paper asks (background), what it does (method), or what it finds
 * (result). Determined by headings if there are any, otherwise by wording, position and the order of roles.
 * `scripts/evaluate/roles.ts` learns the weights and measures their accuracy.
 */
import type { Aspect } from "../api.js";
import { GRAM_WEIGHTS, OFFSETS, PLACE_WEIGHTS } from "./role-weights.js";

export const ROLES = ["background", "method", "result"] as const satisfies readonly Aspect[];

/** Probabilities of one sentence's roles, in the order of `ROLES`; they add up to 1. */
export type RoleShares = readonly [background: number, method: number, result: number];

/** Probabilities of the first role in an abstract without headings, and of transitions: rows from, columns to. */
const FIRST: RoleShares = [0.8, 0.17, 0.03];
const NEXT: readonly RoleShares[] = [
  [0.6, 0.37, 0.03],
  [0.04, 0.68, 0.28],
  [0.03, 0.07, 0.9],
];
/**
 * Exponent of a sentence's own likelihood; below 1 because wording and position are not independent of the order of roles.
 */
const OWN = 0.7;

/** Names of sections. In sections with several roles, wording decides. */
const HEADINGS: Record<Aspect | "several", string> = {
  background:
    "aim|aim of the study|aims|aims and objectives|background|background and aims|background and objectives|" +
    "background and purpose|background/aims|background/objectives|context|goal|goals|hypothesis|importance|" +
    "introduction|motivation|objective|objectives|problem|purpose|rationale|research question|study objective",
  method:
    "approach|data collection|data collection and analysis|data extraction|data extraction and synthesis|data sources|" +
    "design|design and methods|design, setting, and participants|experimental design|intervention|interventions|" +
    "main outcome measure|main outcome measures|material and methods|materials|materials and methods|measurements|" +
    "method|methodology|methods|methods/design|outcome measures|participants|patients|patients and methods|procedure|" +
    "proposed method|research design|research design and methods|search methods|selection criteria|setting|" +
    "setting and participants|statistical analysis|study design|study population|study selection|subjects|" +
    "subjects and methods",
  result:
    "authors' conclusions|clinical relevance|conclusion|conclusions|conclusions and relevance|" +
    "conclusions/interpretation|conclusions/significance|contribution|contributions|discussion|" +
    "discussion and conclusion|evaluation|findings|implications|interpretation|key results|limitations|main results|" +
    "measurements and main results|principal findings|result|results|results and conclusion|results and conclusions|" +
    "results and discussion|significance",
  several:
    "methods and findings|methods and results|methodology/principal findings|funding|trial registration|keywords",
};
const ROLE_OF_HEADING = new Map(
  Object.entries(HEADINGS).flatMap(([role, names]) => names.split("|").map((name) => [name, role] as const)),
);
const NAMES = [...ROLE_OF_HEADING.keys()].toSorted((a, b) => b.length - a.length);
/** "METHODS We ...", "Methods: we ...", "MATERIALS AND METHODS - We ...": in capitals, or before a colon. */
const HEADING = new RegExp(
  `^(?:(${NAMES.map((name) => name.toUpperCase()).join("|")})(?:\\s*[:.–—-]\\s*|\\s+(?=[\\p{Lu}\\p{N}]))|` +
    `(${NAMES.map((name) => name[0]!.toUpperCase() + name.slice(1)).join("|")}):\\s+)`,
  "u",
);

/** The heading at the start of a sentence, and its length; undefined if there is none. */
export function headingOf(sentence: string): { role: Aspect | "several"; length: number } | undefined {
  const found = HEADING.exec(sentence);
  const name = found?.[1] ?? found?.[2];
  if (found === null || name === undefined) return undefined;
  return { role: ROLE_OF_HEADING.get(name.toLowerCase()) as Aspect | "several", length: found[0].length };
}

/**
 * The roles that headings give to sentences; null for sentences without one. All are null unless the headings have at least
 * two roles, because one word before a colon does not make a structured abstract.
 */
export function headedRoles(sentences: readonly string[]): (Aspect | null)[] {
  let role: Aspect | null = null;
  const roles = sentences.map((sentence) => {
    const heading = headingOf(sentence);
    if (heading !== undefined) role = heading.role === "several" ? null : heading.role;
    return role;
  });
  return new Set(roles.filter((each) => each !== null)).size >= 2 ? roles : roles.map(() => null);
}

/** The words of a sentence in lower case, with numbers as 0 and with markers at both ends. */
const cueWords = (sentence: string): string[] => [
  "^",
  ...(sentence.toLowerCase().match(/[a-z]+|[0-9]+|%/g) ?? []).map((word) => (word >= "0" && word < ":" ? "0" : word)),
  "$",
];

/** The wording of a sentence: its words and pairs of neighbours. */
export function gramsOf(sentence: string): Set<string> {
  const words = cueWords(sentence);
  return new Set([...words.slice(1, -1), ...words.slice(1).map((word, i) => `${words[i]!} ${word}`)]);
}

/** Centres of five overlapping parts of an abstract. */
const FIFTHS = [0.1, 0.3, 0.5, 0.7, 0.9];

/** Position features of sentence `i` of `n`: nearness to each centre, then whether it is first, second, last, second last. */
export function placeOf(i: number, n: number): number[] {
  const place = (i + 0.5) / n;
  const fifths = FIFTHS.map((middle) => Math.max(0, 1 - 5 * Math.abs(place - middle)));
  return [...fifths, ...[i === 0, i === 1, i === n - 1, i === n - 2].map(Number)];
}

/** The role probabilities of an abstract's sentences, in order. */
export function rolesOf(sentences: readonly string[]): RoleShares[] {
  const headed = headedRoles(sentences);
  const evidence = sentences.map((sentence, i): RoleShares => {
    const role = headed[i];
    return role === null || role === undefined
      ? softmax(scoresOf(sentence, i, sentences.length))
      : (ROLES.map((each) => (each === role ? 1 : 0)) as unknown as RoleShares);
  });
  return headed.every((role) => role !== null) ? evidence : smoothed(evidence);
}

/** Log odds of the roles, from wording and position. */
function scoresOf(sentence: string, i: number, n: number): number[] {
  const scores: number[] = [...OFFSETS];
  const add = (weights: readonly number[] | undefined, times: number) =>
    weights?.forEach((weight, role) => (scores[role]! += times * weight));
  for (const gram of knownGrams(sentence.slice(headingOf(sentence)?.length ?? 0))) add(GRAM_WEIGHTS.get(gram), 1);
  placeOf(i, n).forEach((value, feature) => add(PLACE_WEIGHTS[feature], value));
  return scores;
}

/** The first words of pairs that have a weight. */
const BEGINNINGS = new Set(
  [...GRAM_WEIGHTS.keys()].filter((gram) => gram.includes(" ")).map((gram) => gram.split(" ")[0]),
);

/** The grams of `gramsOf` that have a weight, without building all pairs. */
function knownGrams(sentence: string): Set<string> {
  const words = cueWords(sentence);
  const known = new Set<string>();
  for (let i = 0; i + 1 < words.length; i++) {
    const word = words[i]!;
    if (GRAM_WEIGHTS.has(word)) known.add(word);
    if (!BEGINNINGS.has(word)) continue;
    const pair = `${word} ${words[i + 1]!}`;
    if (GRAM_WEIGHTS.has(pair)) known.add(pair);
  }
  return known;
}

export function softmax(scores: readonly number[]): RoleShares {
  const most = Math.max(...scores);
  return unit(scores.map((score) => Math.exp(score - most)));
}

const unit = (values: readonly number[]): RoleShares => {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum) as unknown as RoleShares;
};

/**
 * Role probabilities that take the order of roles into account, by the forward-backward algorithm (Rabiner, "A Tutorial on
 * Hidden Markov Models", Proceedings of the IEEE 1989). A sentence's own probabilities, for equally frequent roles, serve as
 * its likelihoods.
 */
export function smoothed(evidence: readonly RoleShares[]): RoleShares[] {
  const likelihoods = evidence.map((shares) => shares.map((share) => (share + 1e-9) ** OWN));
  const n = likelihoods.length;
  const forward: RoleShares[] = [];
  for (let i = 0; i < n; i++)
    forward.push(
      unit(
        ROLES.map((_, to) => {
          const before = forward[i - 1];
          const reached =
            before === undefined
              ? FIRST[to]!
              : ROLES.reduce((sum, __, from) => sum + before[from]! * NEXT[from]![to]!, 0);
          return reached * likelihoods[i]![to]!;
        }),
      ),
    );
  const backward: RoleShares[] = Array.from({ length: n }, () => [1 / 3, 1 / 3, 1 / 3]);
  for (let i = n - 2; i >= 0; i--)
    backward[i] = unit(
      ROLES.map((_, from) =>
        ROLES.reduce((sum, __, to) => sum + NEXT[from]![to]! * likelihoods[i + 1]![to]! * backward[i + 1]![to]!, 0),
      ),
    );
  return forward.map((shares, i) => unit(shares.map((share, role) => share * backward[i]![role]!)));
}
