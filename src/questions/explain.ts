/** Explains the rank of a paper in the answer to a search, or why it is not in the answer. */
import type { Embed } from "../embedding/embed.js";
import type { Explanation, ExplainRequest, Selection } from "../api.js";
import { unknownPaper } from "../core/errors.js";
import { hitsOf, orderOf, type Ranking, type Shown } from "./answer.js";
import { DEPTH } from "../ranking/candidates.js";
import type { Engine } from "../engine/engine.js";
import { folded, type Group } from "../ranking/folding.js";
import { spelled } from "../ranking/query.js";
import { rank } from "./search.js";

/** The paper is compared with the hit at this rank, the last that most people look at. */
const COMPARED = 10;

/** @throws KindredError `not-found` when the id is unknown. */
export async function explain(engine: Engine, embed: Embed, { id, ...asked }: ExplainRequest): Promise<Explanation> {
  const [label] = await engine.resolve([{ kind: "id", value: id }]);
  const [paper] = label === undefined ? [] : await engine.papers([label]);
  if (label === undefined || paper === undefined) throw unknownPaper(id);
  const absent = (why: string): Explanation => ({ paper, place: null, of: 0, versionOf: null, hit: null, why });

  // The paper is always a candidate, so that it has a rank even if it is not in the answer.
  const ranking = await rank(engine, embed, asked, [label]);
  if ("reason" in ranking) return absent(ranking.reason);
  const candidate = ranking.candidates.labels.indexOf(label);
  if (candidate === -1) return absent(await notAsked(engine, ranking, label));
  const isTitled = ranking.first?.includes(label) === true;
  const inAnswer = isTitled || ranking.candidates.added?.has(label) !== true;

  const groups: Group[] = [];
  for await (const some of folded(engine, ranking.candidates.block, orderOf(ranking))) groups.push(...some);
  const index = groups.findIndex((group) => group.label === label || group.versions.includes(label));
  const group = groups[index]!;
  const of = inAnswer ? groups.length : groups.length - 1;
  const compared = groups[Math.min(COMPARED, groups.length) - 1]!;
  const [itsLeader, its] = await engine.papers([group.label, compared.label]);
  const leader = group.label === label ? undefined : itsLeader;
  const both = [{ paper, label, candidate }, ...(its === undefined ? [] : [{ ...compared, paper: its }])];
  const [own, other] = (await hitsOf(engine, ranking, both, true)) as [Shown, Shown | undefined];
  const place = index + 1;
  const why = [];
  if (leader !== undefined) why.push(`It is a version of "${leader.title}", which is hit ${place} and lists it.`);
  else if (inAnswer) why.push(`It is hit ${place} of ${of}.`);
  else
    why.push(
      `It is not among the ${of} papers of the answer: neither its words nor its abstract are among the ${DEPTH} ` +
        `nearest. If they were, it would be hit ${place}.`,
    );
  if (ranking.method === "filters") why.push("The query has only filters, so the newest paper comes first.");
  else if (isTitled) why.push("The query is its title, so it comes first.");
  else if (place > COMPARED && other !== undefined) why.push(comparison(other, own));
  if (own.similarity === null && ranking.vector !== null)
    why.push("It is not embedded yet: until then only its words count.");
  const missing = own.explain!.words.filter(({ weight }) => weight === 0).map(({ word }) => `"${word}"`);
  if (missing.length > 0) why.push(`It does not contain ${missing.slice(0, 10).join(", ")}.`);
  return {
    paper,
    place: inAnswer ? place : null,
    of,
    versionOf: leader?.id ?? null,
    hit: { ...own, explain: own.explain! },
    why: why.join(" "),
  };
}

/** The signals in which the paper scores less than another, largest difference first. */
function comparison(other: Shown, own: Shown): string {
  const lower = own
    .explain!.signals.map((signal, i) => ({ signal, other: other.explain!.signals[i]! }))
    .map(({ signal, other }) => ({ name: signal.name, own: signal.contribution, other: other.contribution }))
    .filter((each) => each.own < each.other)
    .toSorted((a, b) => b.other - b.own - (a.other - a.own))
    .map((each) => `${each.name} (${each.own.toFixed(3)} against ${each.other.toFixed(3)})`);
  return (
    `It scores ${own.score.toFixed(3)}, hit ${COMPARED} ${other.score.toFixed(3)}` +
    (lower.length === 0 ? "." : `; it scores less in ${lower.join(", ")}.`)
  );
}

/** Why the paper is not a candidate. */
async function notAsked(engine: Engine, { filters, method }: Ranking, label: number): Promise<string> {
  const { restrictions = [], ...others } = filters;
  const conditions: { filter: Selection; named: string }[] = [
    ...Object.entries(others).map(([name, value]) => ({
      filter: { [name]: value },
      named: `${name} = ${JSON.stringify(value).slice(0, 100)}`,
    })),
    ...restrictions.map((restriction) => ({
      filter: { restrictions: [restriction] },
      named: spelled([restriction]),
    })),
  ];
  const failed: string[] = [];
  for (const { filter, named } of conditions) {
    const [passes] = await engine.matches([label], filter);
    if (passes !== true) failed.push(named);
  }
  if (failed.length > 0) return `It does not pass the filter${failed.length > 1 ? "s" : ""} ${failed.join(", ")}.`;
  return method === "identifier"
    ? "The query is an identifier, and names another paper."
    : "It is not among the papers that the query allows.";
}
