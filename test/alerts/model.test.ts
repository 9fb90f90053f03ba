/**
 * Alerts against a naive model: after any imports, undos, removals, copies, runs, interrupted runs and jumps of the clock, each
 * alert has found every paper that is here and came after it was made, and none twice.
 */
import "../tiny.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Alerts } from "../../src/alerts/alerts.js";
import { openKindred, type Kindred } from "../../src/kindred.js";
import { temporaryDirectory } from "../sample.js";
import { alertsOf, brought, foundBy } from "./library.js";

const SUBJECTS = ["harbours", "rivers", "islands", "deserts", "glaciers", "volcanoes", "forests", "caves"];
/** Papers by number; the records of one differ in what sources tell of it. */
const recordOf = (subject: number, version: number): object => ({
  id: `paper-${subject}`,
  title: `Tides and ${SUBJECTS[subject]}`,
  authors: ["Ada Lovelace"],
  abstract: `Tides reach ${SUBJECTS[subject]}, as we measured ${subject + 3} times with clocks and rulers.`,
  ...(version === 1 && { upvotes: 5, venue: "Tides" }),
  ...(version === 2 && { doi: `10.1000/${subject}` }),
});
/** The same paper in a journal, under other identifiers. */
const copyOf = (subject: number): object => ({
  ...recordOf(subject, 0),
  id: `copy-${subject}`,
  doi: `10.2000/${subject}`,
});
const subjectOf = (id: string): number => Number(id.split("-")[1]);

/** All of them find every paper of the model. */
const ASKS = {
  words: { q: "tides", mode: "lexical" },
  meaning: { q: "tides" },
  likes: { positive: [{ text: "tides" }] },
  filters: { author: ["Lovelace"] },
} as const;
const NAMES = Object.keys(ASKS);

type Command =
  | { does: "import"; subjects: number[]; version: number }
  | { does: "copy" | "remove"; subject: number }
  | { does: "undo" | "index" | "run" | "interrupt" }
  | { does: "jump"; hours: number };

const subject = fc.nat(SUBJECTS.length - 1);
const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        does: fc.constant("import" as const),
        subjects: fc.uniqueArray(subject, { minLength: 1, maxLength: 4 }),
        version: fc.nat(2),
      }),
    },
    { weight: 2, arbitrary: fc.record({ does: fc.constantFrom("copy" as const, "remove" as const), subject }) },
    {
      weight: 6,
      arbitrary: fc.record({
        does: fc.constantFrom("undo" as const, "index" as const, "run" as const, "interrupt" as const, "run" as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ does: fc.constant("jump" as const), hours: fc.integer({ min: -90, max: 90 }) }),
    },
  ),
  { minLength: 4, maxLength: 16 },
);

test("each paper is found once and none is lost", async (t) => {
  let [found, interrupted] = [0, 0];
  await fc.assert(
    fc.asyncProperty(commands, async (script) => {
      const directory = temporaryDirectory(t);
      const clock = { now: Date.UTC(2026, 10, 30) };
      let kindred: Kindred = await openKindred({ directory, workers: 1 });
      let open = await alertsOf(kindred, () => clock.now);
      try {
        await brought(kindred, recordOf(0, 0));
        const alerts = (): Alerts => open.alerts;
        for (const name of NAMES) await alerts().add({ name, ask: ASKS[name as keyof typeof ASKS] as never });
        const imports: number[] = [];
        for (const command of script)
          switch (command.does) {
            case "import":
              imports.push(await brought(kindred, ...command.subjects.map((one) => recordOf(one, command.version))));
              break;
            case "copy":
              // Only of a paper that is here, because a copy is recognised by it.
              if (command.subject !== 0 && (await kindred.find(`10.1000/${command.subject}`)).found.length > 0)
                await brought(kindred, copyOf(command.subject));
              // What was before is not undone: a copy is recognised by the paper.
              imports.length = 0;
              break;
            case "remove":
              await kindred.remove(`paper-${command.subject}`).catch(() => {});
              // So that the model knows what a copy is a copy of.
              await kindred.remove(`copy-${command.subject}`).catch(() => {});
              break;
            case "undo": {
              const last = imports.pop();
              if (last !== undefined) await kindred.undo(last);
              break;
            }
            case "index":
              await kindred.index();
              break;
            case "run":
              await alerts().run();
              break;
            case "jump":
              clock.now += command.hours * 3_600_000;
              break;
            case "interrupt": {
              const run = alerts()
                .run()
                .catch(() => interrupted++);
              await new Promise((resolve) => setImmediate(resolve));
              open.close();
              await kindred.close();
              await run;
              kindred = await openKindred({ directory, workers: 1 });
              // As if the lease of a killed process had run out.
              await kindred.jobs.remove("alerts");
              open = await alertsOf(kindred, () => clock.now);
              break;
            }
          }
        await kindred.index();
        await alerts().run();
        const here = (await kindred.browse({ limit: 500 })).papers.map(({ id }) => subjectOf(id));
        for (const name of NAMES) {
          const ids = (await foundBy(alerts(), name)).map(subjectOf);
          found += ids.length;
          assert.equal(new Set(ids).size, ids.length, `${name} found a paper twice: ${ids.join(" ")}`);
          // Paper 0 was here before the alerts; it may come again after it was removed.
          const lost = here.filter((one) => one !== 0 && !ids.includes(one));
          assert.deepEqual(lost, [], `${name} lost papers`);
        }
      } finally {
        open.close();
        await kindred.close();
      }
    }),
    { numRuns: 8 },
  );
  t.diagnostic(`${found} papers found, ${interrupted} runs interrupted`);
  assert.ok(found > 0);
});
