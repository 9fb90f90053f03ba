/** Rankings in TREC's run format, for other scoring tools and later comparisons. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Query -> ids, best first. */
export type Run = Map<string, readonly string[]>;

/** Scores decrease by rank, because trec_eval orders by score and breaks ties by id. */
export function writeRun(path: string, run: Run, tag: string): void {
  const lines = [...run].flatMap(([query, ids]) =>
    ids.map((id, i) => `${query} Q0 ${id} ${i + 1} ${ids.length - i} ${tag}\n`),
  );
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, lines.join(""));
}

/** @returns null if the file does not exist. */
export function readRun(path: string): Run | null {
  if (!existsSync(path)) return null;
  const scored = new Map<string, { id: string; score: number }[]>();
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const [query, , id, , score] = line.split(/\s+/);
    if (query === undefined || id === undefined) continue;
    scored.set(query, [...(scored.get(query) ?? []), { id, score: Number(score) }]);
  }
  return new Map(
    [...scored].map(([query, hits]) => [query, hits.toSorted((a, b) => b.score - a.score).map(({ id }) => id)]),
  );
}
