/**
 * Learns the roles of sentences (`src/ranking/roles.ts`), and writes `src/ranking/role-weights.ts`.
 *
 * PAPERS are JSON Lines, plain or gzipped, with an `abstract` or `text` each. Headings label the abstracts that have them; a
 * fifth of these is held out. Some of the others are labelled by the cues below, smoothed by the order of roles and their
 * usual shares, because abstracts with headings are mostly medical and worded differently. SET is a folder in BEIR's layout
 * whose papers have `metadata.sentences` and `metadata.facets`; it is only used for comparison.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { sentencesOf } from "../../src/embedding/sentences.js";
import { ROOT } from "../../src/core/root.js";
import {
  gramsOf,
  headedRoles,
  headingOf,
  placeOf,
  ROLES,
  smoothed,
  softmax,
  type RoleShares,
} from "../../src/ranking/roles.js";
import { mulberry32 } from "../../src/map/random.js";
import { readCommand } from "../common/command.js";
import { mean } from "../common/numbers.js";

/** Number of abstracts without headings in the training set. */
const PLAIN = 3_000;
/** Smallest number of these abstracts that must contain a word or pair: rarer ones belong to a subject, not to a role. */
const LEAST = 40;
/** Number of words and pairs kept. */
const KEPT = 400;
/** Weight of sentences under headings; below 1 because their wording is mostly medical. */
const HEADED = 0.3;
/** Shares of roles in computer science abstracts without headings. */
const USUAL: RoleShares = [0.45, 0.33, 0.22];
/** L2 penalty, relative to the loss of one sentence. */
const RIDGE = 10;
const EPOCHS = 20;

/** Common phrases, by role. */
const CUES: readonly RegExp[][] = [
  [
    /^however\b/,
    /^recent(ly)?\b/,
    /\bin recent years\b/,
    /\b(has|have) been\b/,
    /\bremains? (a|an|un|chall|diff|open|limited)/,
    /\bis (an? )?(important|crucial|essential|fundamental|critical|key|challenging)\b/,
    /\bare (crucial|essential|important|critical|widely)\b/,
    /\bwidely (used|adopted|studied)\b/,
    /^(despite|although|while|existing|traditional|previous|prior|current|many|most|in many)\b/,
    /\bsuffers? from\b/,
    /\b(fails?|struggles?) to\b/,
    /\blittle is known\b/,
    /\bwe (study|investigate|address|consider|examine|ask|explore|tackle) (the|whether|how|a|this|if)\b/,
    /\bthe (problem|task|goal|aim|purpose|objective) (of|is)\b/,
    /\bthis (paper|work|article|study) (addresses|investigates|studies|considers|examines|explores|aims|discusses|describes|deals)\b/,
    /\b(attracted|received|gained)\b.*\b(attention|popularity|interest)\b/,
    /\bwe (aim|seek) to\b/,
  ],
  [
    /^(first|then|second|next|specifically|in particular|to this end|to address this|to (do|achieve) (this|so))\b/,
    /\bwe (propose|develop|design|introduce|use|employ|apply|adopt|train|formulate|combine|extend|leverage|implement|build|collect|create|construct|define|derive|utilize)\b/,
    /\b(is|are) (based on|used to|trained|computed|applied|then|performed|combined|obtained by|modeled|learned)\b/,
    /\b(our|the proposed) (method|approach|model|framework|algorithm|system|architecture)\b.* (uses|consists|learns|combines|relies|exploits|leverages|integrates|employs|takes)\b/,
    /\bby (using|combining|applying|learning|introducing|leveraging)\b/,
    /\bconsists of\b/,
  ],
  [
    /\b(results|experiments|evaluations?|simulations|analysis|findings|study) .{0,60}(show|demonstrate|indicate|suggest|reveal|confirm)s?\b/,
    /\boutperform/,
    /\bwe (find|found|show|demonstrate|observe|conclude|prove|achieve|obtain|report|discover)\b/,
    /\bachiev(es|ed|ing)\b/,
    /\bstate[- ]of[- ]the[- ]art (results|performance|accuracy)\b/,
    /\bsignificant(ly)? (improve|better|outperform|higher|lower|reduc|increas)/,
    /\b(improves?|improvement|reduction|increase) .{0,40}\d/,
    /\d ?%/,
    /\b(code|data|dataset|project page|source code).{0,40} (available|released)/,
    /\b(can|could|will|may) (help|serve|be useful|provide)\b/,
    /^(finally|overall|these|our (results|findings|experiments))\b/,
    /\bconclu(de|sion)/,
  ],
];

type Abstract = { sentences: string[]; targets: (RoleShares | null)[] };
/** A sentence as features; `weight` multiplies its loss. */
type Example = { features: { index: number; value: number }[]; target: RoleShares; weight: number };
type Weights = { offsets: number[]; rows: Float64Array[] };

const { values, words } = readCommand("npm run evaluate -- roles PAPERS... [--check SET] [--write]", 1, {
  check: { type: "string" },
  write: { type: "boolean", default: false },
});

const texts = words.flatMap((path) =>
  recordsIn(path).flatMap((record) => {
    const { abstract, text } = z.object({ abstract: z.string().nullish(), text: z.string().nullish() }).parse(record);
    return [abstract ?? text ?? ""];
  }),
);
const abstracts = [...new Set(texts)].map((text) => splitOf(text));
const headed = shuffled(abstracts.filter(({ targets }) => targets.some((target) => target !== null)));
const heldOut = headed.slice(0, Math.floor(headed.length / 5));
const taught = headed.slice(heldOut.length);
const plain = shuffled(
  abstracts.filter(({ sentences, targets }) => sentences.length >= 3 && targets.every((target) => target === null)),
).slice(0, PLAIN);
console.log(`${headed.length} abstracts with headings, ${heldOut.length} of them held out; ${plain.length} without`);

const cued = matched(plain, (abstract) =>
  abstract.sentences.map((sentence, i) => cueScores(sentence, i, abstract.sentences.length)),
);
const documents = new Map<string, number>();
for (const { sentences } of plain)
  for (const gram of new Set(sentences.flatMap((sentence) => [...gramsOf(sentence)])))
    documents.set(gram, (documents.get(gram) ?? 0) + 1);
const all = [...documents].filter(([, count]) => count >= LEAST).map(([gram]) => gram);
const first = learn(all);
const importance = (gram: string, i: number) => {
  const row = [...first.rows[i]!];
  return Math.max(...row.map((weight) => Math.abs(weight - mean(row)))) * Math.sqrt(documents.get(gram)!);
};
const kept = all
  .map((gram, i) => ({ gram, importance: importance(gram, i) }))
  .toSorted((a, b) => b.importance - a.importance)
  .slice(0, KEPT)
  .map(({ gram }) => gram)
  .toSorted();
const weights = rounded(learn(kept));
const scores = (abstract: Abstract) => scoresOf(abstract, kept, weights);
const { offsets } = matched(plain, scores);
weights.offsets = weights.offsets.map((offset, role) => round(offset + offsets[role]!));

const own = (abstract: Abstract) => scores(abstract).map(softmax);
console.log("| share of sentences with the right role | each by itself | with the order of roles |");
console.log("|---|---|---|");
report("held out, headings hidden", heldOut);
if (values.check !== undefined) report(basename(values.check), judgedAbstracts(values.check));
if (values.write) write();

function report(name: string, of: readonly Abstract[]): void {
  const right = (shares: (abstract: Abstract) => readonly RoleShares[]) => {
    const hits = of.flatMap((abstract) => {
      const found = shares(abstract);
      return abstract.targets.flatMap((target, i) =>
        target === null ? [] : [Number(best(found[i]!) === best(target))],
      );
    });
    return `${mean(hits).toFixed(3)} of ${hits.length}`;
  };
  console.log(`| ${name} | ${right(own)} | ${right((abstract) => smoothed(own(abstract)))} |`);
}

/** Sentences with the roles that their headings give them; the headings are removed. */
function splitOf(text: string): Abstract {
  const whole = text.trim();
  const sentences = sentencesOf(whole).map(({ start, end }) => whole.slice(start, end));
  const roles = headedRoles(sentences);
  const structured = ROLES.every((role) => roles.includes(role));
  return {
    sentences: sentences.map((sentence) => sentence.slice(headingOf(sentence)?.length ?? 0)),
    targets: roles.map((role) => (structured && role !== null ? certain(ROLES.indexOf(role)) : null)),
  };
}

function cueScores(sentence: string, i: number, n: number): number[] {
  const text = sentence.toLowerCase();
  const place = (i + 0.5) / n;
  const slopes = [1 - 1.6 * place, 0.55 - Math.abs(place - 0.5), 1.6 * place - 0.7];
  return CUES.map((cues, role) => 1.5 * cues.filter((cue) => cue.test(text)).length + 2 * slopes[role]!);
}

/** Offsets of the roles for which the smoothed shares over all sentences equal the usual ones, and the smoothed shares. */
function matched(
  of: readonly Abstract[],
  score: (abstract: Abstract) => number[][],
): { offsets: number[]; shares: RoleShares[][] } {
  const scored = of.map(score);
  const offsets = [0, 0, 0];
  let shares: RoleShares[][] = [];
  for (let round = 0; round < 15; round++) {
    shares = scored.map((rows) =>
      smoothed(rows.map((row) => softmax(row.map((value, role) => value + offsets[role]!)))),
    );
    const flat = shares.flat();
    ROLES.forEach((_, role) => {
      offsets[role]! += 0.8 * Math.log(USUAL[role]! / mean(flat.map((each) => each[role]!)));
    });
  }
  return { offsets, shares };
}

/** Multinomial logistic regression with an L2 penalty, by AdaGrad (Duchi, Hazan, Singer 2011). */
function learn(grams: readonly string[]): Weights {
  const indices = new Map(grams.map((gram, i) => [gram, i]));
  const examples = [
    ...taught.flatMap((abstract) => examplesOf(abstract, abstract.targets, HEADED, indices)),
    ...plain.flatMap((abstract, i) => examplesOf(abstract, cued.shares[i]!, 1, indices)),
  ];
  const rows = Array.from({ length: grams.length + placeOf(0, 1).length }, () => new Float64Array(3));
  const squares = rows.map(() => new Float64Array(3).fill(1e-6));
  const seen = new Float64Array(rows.length);
  for (const { features } of examples) for (const { index } of features) seen[index]!++;
  const random = mulberry32(1);
  for (let epoch = 0; epoch < EPOCHS; epoch++)
    for (const { features, target, weight } of shuffled(examples, random)) {
      const shares = softmax(
        ROLES.map((_, role) => features.reduce((sum, { index, value }) => sum + value * rows[index]![role]!, 0)),
      );
      for (const { index, value } of features)
        for (let role = 0; role < 3; role++) {
          const pull = (RIDGE * rows[index]![role]!) / seen[index]!;
          const gradient = weight * value * (shares[role]! - target[role]!) + pull;
          squares[index]![role]! += gradient * gradient;
          rows[index]![role]! -= (0.1 * gradient) / Math.sqrt(squares[index]![role]!);
        }
    }
  return { offsets: [0, 0, 0], rows };
}

function examplesOf(
  { sentences }: Abstract,
  targets: readonly (RoleShares | null)[],
  weight: number,
  indices: ReadonlyMap<string, number>,
): Example[] {
  return sentences.flatMap((sentence, i) => {
    const target = targets[i];
    return target === null || target === undefined
      ? []
      : [{ features: featuresOf(sentence, i, sentences.length, indices), target, weight }];
  });
}

function featuresOf(sentence: string, i: number, n: number, indices: ReadonlyMap<string, number>): Example["features"] {
  const grams = [...gramsOf(sentence)].flatMap((gram) => indices.get(gram) ?? []).map((index) => ({ index, value: 1 }));
  const places = placeOf(i, n).map((value, place) => ({ index: indices.size + place, value }));
  return [...grams, ...places.filter(({ value }) => value !== 0)];
}

function scoresOf({ sentences }: Abstract, grams: readonly string[], { offsets, rows }: Weights): number[][] {
  const indices = new Map(grams.map((gram, i) => [gram, i]));
  return sentences.map((sentence, i) => {
    const features = featuresOf(sentence, i, sentences.length, indices);
    return ROLES.map((_, role) =>
      features.reduce((sum, { index, value }) => sum + value * rows[index]![role]!, offsets[role]!),
    );
  });
}

/** Subtracts each row's mean, because only differences between roles matter, and rounds. */
function rounded({ offsets, rows }: Weights): Weights {
  return { offsets, rows: rows.map((row) => row.map((weight) => round(weight - mean([...row])))) };
}

function judgedAbstracts(set: string): Abstract[] {
  const schema = z.object({ metadata: z.object({ sentences: z.array(z.string()), facets: z.array(z.string()) }) });
  const roleOf: Record<string, number> = { background: 0, objective: 0, method: 1, result: 2 };
  return recordsIn(join(set, "corpus.jsonl.gz")).map((record) => {
    const { sentences, facets } = schema.parse(record).metadata;
    return {
      sentences,
      targets: facets.map((facet) => (roleOf[facet] === undefined ? null : certain(roleOf[facet]))),
    };
  });
}

function write(): void {
  const row = (values: Iterable<number>) => [...values].map((value) => Math.round(100 * value)).join(" ");
  const lines = kept.map((gram, i) => `${row(weights.rows[i]!)} ${gram}`);
  const source = `/**
 * Weights of \`roles.ts\`, written by \`npm run evaluate -- roles\`: learned from abstracts with headings and from cues.
 * Log odds of background, method and result, in hundredths.
 */
const row = (text: string): number[] => text.split(" ").map((value) => Number(value) / 100);

export const OFFSETS: readonly number[] = row("${row(weights.offsets)}");

/** One row for each value of \`placeOf\`. */
export const PLACE_WEIGHTS: readonly (readonly number[])[] = \`
${weights.rows
  .slice(kept.length)
  .map((each) => row(each))
  .join("\n")}
\`
  .trim()
  .split("\\n")
  .map(row);

/** By word or pair of words, as \`gramsOf\` returns them. */
export const GRAM_WEIGHTS: ReadonlyMap<string, readonly number[]> = new Map(
  \`
${lines.join("\n")}
\`
    .trim()
    .split("\\n")
    .map((line) => {
      const [background = "", method = "", result = "", ...gram] = line.split(" ");
      return [gram.join(" "), row(\`\${background} \${method} \${result}\`)];
    }),
);
`;
  writeFileSync(join(ROOT, "src", "ranking", "role-weights.ts"), source);
}

function recordsIn(path: string): unknown[] {
  const bytes = readFileSync(path);
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes)
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
}

function shuffled<T>(list: readonly T[], random = mulberry32(1)): T[] {
  return list
    .map((value) => ({ value, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

function certain(role: number): RoleShares {
  return ROLES.map((_, each) => (each === role ? 1 : 0)) as unknown as RoleShares;
}

function best(shares: RoleShares): number {
  return shares.indexOf(Math.max(...shares));
}

function round(value: number): number {
  return Math.round(100 * value) / 100;
}
