import type { FindAnswer } from "../api.js";
import { identifiersByLine } from "../core/identifiers.js";
import type { Engine } from "../engine/engine.js";

/** Which of the papers that a text names by their identifiers are here. */
export function find(engine: Pick<Engine, "find" | "fetch">, text: string): FindAnswer {
  const answer: FindAnswer = { found: [], unknown: [], unread: [] };
  for (const { given, identifiers } of identifiersByLine(text)) {
    const [first] = identifiers;
    const label = identifiers.map((identifier) => engine.find(identifier)).find((one) => one !== undefined);
    const paper = label === undefined ? undefined : engine.fetch(label);
    if (paper !== undefined) answer.found.push({ given, paper: { id: paper.id, title: paper.title } });
    else if (first !== undefined) answer.unknown.push({ given, ...first });
    else answer.unread.push(given);
  }
  return answer;
}
