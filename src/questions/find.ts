import type { FindAnswer } from "../api.js";
import { identifiersByLine } from "../core/identifiers.js";
import type { Engine } from "../engine/engine.js";

/** Looks up the papers whose identifiers a text contains, line by line. */
export async function find(engine: Pick<Engine, "resolve" | "papers">, text: string): Promise<FindAnswer> {
  const answer: FindAnswer = { found: [], unknown: [], unread: [] };
  const lines = identifiersByLine(text);
  const resolved = (await engine.resolve(lines.flatMap(({ identifiers }) => identifiers))).values();
  const labels = lines.map(({ identifiers }) =>
    identifiers.map(() => resolved.next().value).find((label) => label !== undefined),
  );
  const papers = (await engine.papers(labels.filter((label) => label !== undefined))).values();
  for (const [i, { given, identifiers }] of lines.entries()) {
    const [first] = identifiers;
    const paper = labels[i] === undefined ? undefined : papers.next().value;
    if (paper !== undefined) answer.found.push({ given, paper: { id: paper.id, title: paper.title } });
    else if (first !== undefined) answer.unknown.push({ given, ...first });
    else answer.unread.push(given);
  }
  return answer;
}
