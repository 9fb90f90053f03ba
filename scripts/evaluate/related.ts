/**
 * Quality of related papers on pools judged by facet. A query is a paper and a facet (id "PAPER#facet"); the papers judged
 * for it, except the query paper, are ranked. The two rows are equal if the facet does not change the order.
 */
import { aspectSchema, type Aspect } from "../../src/api.js";
import type { Kindred } from "../../src/kindred.js";
import type { Judged } from "./judged.js";
import { mean } from "../common/numbers.js";
import { averagePrecision, bootstrapInterval, ndcg } from "./measures.js";

/** CSFCube counts grades of 2 and more as relevant in MAP, and computes NDCG over a fifth of the pool (Mysore et al. 2021). */
const RELEVANT = 2;
const READ = 0.2;

/** Whether the set's queries have facets. */
export const isByFacet = ({ queries }: Judged): boolean => queries.every(({ id }) => id.includes("#"));

/** Prints MAP and NDCG in percent, without and with the facet, over all queries and by facet. */
export async function evaluateFacets(kindred: Kindred, judged: Judged): Promise<void> {
  console.log(`\n${judged.name}: ${judged.queries.length} judged queries by facet`);
  console.log("| related | MAP (95% interval) | NDCG@20% (95% interval) | by facet: MAP / NDCG@20% | median ms |");
  console.log("|---|---|---|---|---|");
  for (const [name, asked] of [
    ["without a facet", false],
    ["with the facet", true],
  ] as const) {
    const each: { facet: Aspect; precision: number; gain: number }[] = [];
    const times: number[] = [];
    for (const { id: query } of judged.queries) {
      const [id = "", name] = query.split("#");
      const facet = aspectSchema.parse(name);
      const pool = new Map([...(judged.grades.get(query) ?? [])].filter(([paper]) => paper !== id));
      const start = performance.now();
      const { hits } = await kindred.related({
        id,
        within: [...pool.keys()],
        limit: 500,
        ...(asked ? { aspect: facet } : {}),
      });
      times.push(performance.now() - start);
      const ranking = hits.flatMap(({ paper, versions }) => [paper.id, ...versions.map((version) => version.id)]);
      const relevant = new Map([...pool].map(([paper, grade]) => [paper, grade >= RELEVANT ? grade : 0]));
      each.push({
        facet,
        precision: 100 * averagePrecision(ranking, relevant),
        gain: 100 * ndcg(ranking, pool, Math.round(READ * pool.size)),
      });
    }
    const [precisions, gains] = [each.map(({ precision }) => precision), each.map(({ gain }) => gain)];
    const parts = aspectSchema.options.map((facet) => {
      const of = each.filter((query) => query.facet === facet);
      return `${facet} ${mean(of.map(({ precision }) => precision)).toFixed(1)} / ${mean(of.map(({ gain }) => gain)).toFixed(1)}`;
    });
    console.log(
      `| ${name} | ${cell(precisions)} | ${cell(gains)} | ${parts.join(", ")} | ` +
        `${(times.toSorted((a, b) => a - b)[times.length >> 1] ?? NaN).toFixed(1)} |`,
    );
  }
}

function cell(values: readonly number[]): string {
  const [low, high] = bootstrapInterval(values);
  return `${mean(values).toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`;
}
