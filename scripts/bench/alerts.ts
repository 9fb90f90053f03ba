/**
 * How much processor time alerts take, and how long searches take meanwhile.
 *
 * DIRECTORY holds an index of real papers, from which a larger one is made (`common/vary.ts`). Alerts of all kinds, made of
 * sentences, papers and authors in it, then look at its newest papers: as if these had just come.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeModel } from "../../src/embedding/description.js";
import { sentencesOf } from "../../src/embedding/sentences.js";
import { openKindred, type Kindred } from "../../src/kindred.js";
import type { Paper } from "../../src/core/paper.js";
import type { NewAlert } from "../../src/api.js";
import { mulberry32 } from "../../src/map/random.js";
import { MACHINE, readCommand } from "../common/command.js";
import { vary } from "../common/vary.js";

const { values, words } = readCommand(
  "npm run bench -- alerts DIRECTORY [--papers 20000] [--new 1000] [--alerts 1000] [--kinds mixed]",
  1,
  {
    papers: { type: "string", default: "20000" },
    new: { type: "string", default: "1000" },
    alerts: { type: "string", default: "1000" },
    kinds: { type: "string" },
  },
);
const [from = ""] = words;
const [papers, recent, count] = [Number(values.papers), Number(values.new), Number(values.alerts)];
/** How long searches are measured without alerts, in milliseconds. */
const IDLE = 5_000;
const random = mulberry32(7);
const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;

const directory = mkdtempSync(join(tmpdir(), "kindred-"));
try {
  vary(from, join(directory, "index"), await describeModel(), papers);
  const kindred = await openKindred({ directory: join(directory, "index") });
  try {
    await kindred.prepare();
    const library: Paper[] = [];
    for await (const paper of kindred.papers()) library.push(paper);
    console.log(MACHINE);
    console.log(`${library.length} papers, of which ${recent} are new; ${count} alerts`);
    console.log(
      "\n| alerts | processor seconds | seconds | papers found | search during it: median, 95% | idle: median, 95% |",
    );
    console.log("|---|---|---|---|---|---|");
    const kinds = Object.entries(kindsOf(library));
    for (const [name, asks] of kinds.filter(([one]) => values.kinds?.split(",").includes(one) ?? true))
      await measure(kindred, library, name, asks);
  } finally {
    await kindred.close();
  }
} finally {
  rmSync(directory, { recursive: true });
}

/** Questions by kind; the last kind is a mixture. */
function kindsOf(library: readonly Paper[]): Record<string, () => NewAlert["ask"]> {
  const sentence = (): string => {
    const { title, abstract } = one(library);
    const { start, end } = (abstract === null ? undefined : one(sentencesOf(abstract))) ?? { start: 0, end: 0 };
    return abstract?.slice(start, end) ?? title;
  };
  const kinds = {
    searches: () => ({ q: one(library).title }),
    "searches of a sentence": () => ({ q: sentence() }),
    "searches by words": () => ({ q: one(library).title, mode: "lexical" as const }),
    likes: () => ({ positive: [one(library).id, one(library).id, one(library).id] }),
    authors: () => ({ author: [one(one(library).authors) ?? "none"] }),
  };
  return { ...kinds, mixed: () => one(Object.values(kinds))() };
}

async function measure(
  kindred: Kindred,
  library: readonly Paper[],
  name: string,
  ask: () => NewAlert["ask"],
): Promise<void> {
  await prepare(kindred, ask);
  const idle = await searching(kindred, library, new Promise((resolve) => void setTimeout(resolve, IDLE)));
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  const outcomes = await kindred.alerts.run();
  const used = process.cpuUsage(cpu);
  const seconds = (performance.now() - start) / 1_000;
  const found = [...outcomes.values()].reduce((sum, outcome) => sum + outcome.papers.length, 0);
  // Others, because answers are kept.
  await prepare(kindred, ask);
  const during = await searching(kindred, library, kindred.alerts.run());
  const times = ([median, most]: [number, number]) => `${median.toFixed(1)}, ${most.toFixed(1)} ms`;
  console.log(
    `| ${name} | ${((used.user + used.system) / 1e6).toFixed(1)} | ${seconds.toFixed(1)} | ${found} | ${times(during)} | ${times(idle)} |`,
  );
}

/** Makes alerts in place of earlier ones, as if they had been made before the newest papers came. */
async function prepare(kindred: Kindred, ask: () => NewAlert["ask"]): Promise<void> {
  await kindred.removeOwned("alerts");
  for (let i = 0; i < count; i++) await kindred.alerts.add({ name: `alert ${i}`, ask: ask() });
  const { newest } = await kindred.status();
  const states = await kindred.owned("alerts", "state/");
  const earlier = (value: string | null) =>
    JSON.stringify({ ...(JSON.parse(value!) as object), after: newest - recent });
  await kindred.putOwned(states.map((row) => ({ ...row, value: earlier(row.value) })));
}

/** One search after the other, each of its own words, until something has ended: the median and 95% of their times. */
async function searching(
  kindred: Kindred,
  library: readonly Paper[],
  until: Promise<unknown>,
): Promise<[number, number]> {
  const running = { ended: false };
  void until.then(() => (running.ended = true));
  const times: number[] = [];
  while (!running.ended) {
    const start = performance.now();
    await kindred.search({ q: `${one(library).title} ${times.length}` });
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return [times[Math.floor(times.length / 2)] ?? 0, times[Math.floor(times.length * 0.95)] ?? 0];
}
