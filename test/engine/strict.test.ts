/** Questions need few round trips, with all papers at once, so that an engine can be in another process. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  browseSchema,
  explainSchema,
  mapMatchesSchema,
  neighbourhoodSchema,
  recommendSchema,
  relatedSchema,
  searchSchema,
  type Answer,
} from "../../src/api.js";
import { describeModel } from "../../src/embedding/description.js";
import { EmbeddingModel } from "../../src/embedding/model.js";
import { EmbeddedEngine } from "../../src/engine/embedded.js";
import type { Engine } from "../../src/engine/engine.js";
import { browse } from "../../src/questions/browse.js";
import { explain } from "../../src/questions/explain.js";
import { find } from "../../src/questions/find.js";
import { mapMatches, mapPapers, MapReader } from "../../src/questions/map.js";
import { neighbourhood } from "../../src/questions/neighbourhood.js";
import { recommend } from "../../src/questions/recommend.js";
import { related } from "../../src/questions/related.js";
import { search } from "../../src/questions/search.js";
import { sampleDirectory, samplePapers } from "../sample.js";
import { strict } from "./strict.js";

const papers = samplePapers();
const ids = papers.map(({ id }) => id);
const cleaning: (() => unknown)[] = [];
let engine: EmbeddedEngine;
let model: EmbeddingModel;
before(async () => {
  const directory = await sampleDirectory({ after: (work) => void cleaning.push(work) });
  engine = new EmbeddedEngine(directory, await describeModel());
  while (engine.advance(1_000));
  model = await EmbeddingModel.load();
});
after(async () => {
  engine.close();
  await model.close();
  for (const work of cleaning) await work();
});
const embed = (text: string) => model.embed(text);

/** Questions, each with its maximum number of round trips, whatever it finds. */
const QUESTIONS: { what: string; most: number; ask: (engine: Engine) => Promise<unknown> }[] = [
  ...[
    { q: "why do people make irrational choices under risk" },
    { q: "why do people make irrational choices under risk", limit: 100, explain: true, facets: true },
    { q: "attension mechanisms in trasnformers", explain: true },
    { q: "attention is all you need", mode: "lexical" as const, explain: true },
    { q: "gravitational waves", mode: "semantic" as const, explain: true },
    { q: "learning", sort: "date" as const, limit: 30 },
    { q: "learning", diversity: 0.5, limit: 30 },
    { q: "1706.03762" },
    { q: "10.1234/not.here" },
    { q: "year:1990..2010", limit: 50 },
    { q: '"no such phrase anywhere" learning' },
    { q: "genes", from: "1990", within: ids.slice(0, 80) },
    { q: papers[3]!.abstract, explain: true },
  ].map((request) => ({
    what: `search ${JSON.stringify(request).slice(0, 60)}`,
    // A misspelled word takes two more for each correction tried.
    most: request.limit === undefined ? 13 : 18,
    ask: (asked: Engine) => search(asked, embed, searchSchema.parse(request)),
  })),
  ...[
    { id: ids[1]!, explain: true, limit: 100, facets: true },
    { id: ids[7]!, aspect: "method" as const },
    { text: "A trial of an injection, given twice a year, that protects women from infection with HIV." },
    { title: papers[9]!.title, abstract: papers[9]!.abstract, sort: "date" as const },
  ].map((request) => ({
    what: `related ${JSON.stringify(request).slice(0, 60)}`,
    most: 18,
    ask: (asked: Engine) => related(asked, embed, relatedSchema.parse(request)),
  })),
  ...[
    { positive: ids.slice(0, 3), explain: true },
    { positive: ids.slice(0, 60), negative: ids.slice(60, 100), explain: true, limit: 50, facets: true },
    { positive: [{ text: "measuring the expansion of the universe" }], negative: [ids[5]!] },
    { positive: [], negative: [ids[5]!] },
  ].map((request) => ({
    what: `recommend ${JSON.stringify(request).slice(0, 60)}`,
    most: 18,
    ask: (asked: Engine) => recommend(asked, embed, recommendSchema.parse(request), () => undefined),
  })),
  {
    what: "explain",
    most: 20,
    ask: (asked) => explain(asked, embed, explainSchema.parse({ id: ids[40]!, q: "the human genome", from: "1950" })),
  },
  {
    what: "explain what does not pass",
    most: 20,
    ask: (asked) => explain(asked, embed, explainSchema.parse({ id: ids[40]!, q: "year:1400 genome -the" })),
  },
  {
    what: "neighbourhood",
    most: 24,
    ask: (asked) => neighbourhood(asked, embed, neighbourhoodSchema.parse({ id: ids[1]! })),
  },
  { what: "browse", most: 3, ask: (asked) => browse(asked, browseSchema.parse({ sort: "date", facets: true })) },
  {
    what: "find",
    most: 2,
    ask: (asked) => find(asked, "1706.03762\n10.1/none\nnothing\n10.1002/j.1538-7305.1948.tb01338.x"),
  },
  { what: "map", most: 10, ask: (asked) => new MapReader(asked).map() },
  { what: "papers on the map", most: 1, ask: (asked) => mapPapers(asked, { label: [1, 5, 9_999] }) },
  {
    what: "matches on the map",
    most: 14,
    ask: (asked) => mapMatches(asked, embed, mapMatchesSchema.parse({ q: "deep learning", limit: 100 })),
  },
  {
    what: "all on the map",
    most: 1,
    ask: (asked) => mapMatches(asked, embed, mapMatchesSchema.parse({ from: "1990" })),
  },
];

for (const { what, most, ask } of QUESTIONS)
  test(`${what} takes at most ${most} round trips, and has the same answer`, async () => {
    const trips: string[] = [];
    const answer = await ask(strict(engine, trips));
    assert.deepEqual(answer, await ask(engine));
    assert.ok(trips.length <= most, `${trips.length}: ${trips.join(" ")}`);
  });

test("an engine that compares few candidates finds the same first hits, and all others on later pages", async () => {
  const few = new Proxy(engine, {
    get: (target, name) => {
      if (name === "compared") return 100;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  const ask = (asked: Engine, q: string, more: object) => search(asked, embed, searchSchema.parse({ q, ...more }));
  const idsOf = ({ hits }: Answer) => hits.map(({ paper }) => paper.id);
  for (const q of ["learning", "why do people make irrational choices under risk", "the human genome"])
    for (const mode of ["hybrid", "semantic"]) {
      const all = await ask(engine, q, { mode, limit: 100 });
      assert.equal(all.hits.length, 100);
      assert.deepEqual(idsOf(await ask(few, q, { mode, limit: 10 })), idsOf(all).slice(0, 10), q);
      assert.deepEqual(
        await ask(few, q, { mode, limit: 100 }),
        all,
        "a page that needs more than 100 candidates has all of them",
      );
      for (const more of [{ facets: true }, { explain: true }, { sort: "date" }, { diversity: 0.5 }])
        assert.deepEqual(await ask(few, q, { mode, ...more }), await ask(engine, q, { mode, ...more }), q);
    }
});
