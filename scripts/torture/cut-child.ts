/** The process that damages a directory in each round and checks its answers. It may crash or hang; `cuts.ts` watches it. */
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { restore } from "../../src/admin/backup.js";
import { describeModel } from "../../src/embedding/description.js";
import { KindredError } from "../../src/core/errors.js";
import { openKindred } from "../../src/kindred.js";
import { mulberry32 } from "../../src/map/random.js";
import { storageError } from "../../src/store/database.js";
import { verify } from "../../src/admin/verify.js";
import type { Verified } from "../../src/engine/module.js";
import type { CutMessage } from "./cuts.js";
import { answersOf, holds, makeDirectories } from "./directories.js";
import { below, oneOf, record, type Random } from "./draw.js";
import { Fault } from "./fault.js";
import { difference, emptyLibrary, promised, libraryText } from "./library.js";

const [folder = "", first = "", rounds = ""] = process.argv.slice(2);
const model = await describeModel();
mkdirSync(folder);
// Always from seed 1, so that a round can be repeated from its own seed alone.
const made = await makeDirectories(folder, model, 1);
const answers = { good: await answersOf(made.good, model), open: await answersOf(made.open, model) };
const held = { good: holds(made.good, model), older: holds(made.older, model), other: holds(made.other, model) };

const DERIVED = ["tables.bin", "vectors.hnsw", "indexing.lock"];
/** Files that a killed process may leave. */
const LEFT_OVER = ["tables.bin.new", "vectors.hnsw.new", "papers.db.part"];
const FILES = [
  "papers.db",
  "papers.db",
  "papers.db",
  "papers.db-wal",
  "papers.db-wal",
  ...DERIVED,
  ...DERIVED,
  "left over",
  "in use",
  "running import",
  "same ids",
];
const BYTES = ["flip", "cut", "zeros", "empty", "torn"] as const;
const WHOLE = ["missing", "older", "other"] as const;
type Damage = (typeof BYTES)[number] | (typeof WHOLE)[number];

const report = (message: CutMessage): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
for (let round = 0; round < Number(rounds); round++) {
  report({ round, began: true });
  const directory = join(folder, "damaged");
  rmSync(directory, { recursive: true, force: true });
  try {
    report({ round, ...(await damaged(directory, mulberry32(Number(first) + round))) });
  } catch (thrown) {
    report({ round, fault: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) });
  }
}

async function damaged(directory: string, random: Random): Promise<{ file: string; damage: string; outcome: string }> {
  const file = oneOf(random, FILES);
  if (file === "left over") return leftOver(directory, random);
  if (file === "papers.db-wal") return log(directory, random);
  if (file === "in use") return replaced(directory, random);
  if (file === "running import") return undoneWhileRunning(directory, random);
  if (file === "same ids") return sameIds(directory, random);
  const damage = oneOf<Damage>(random, [...BYTES, ...BYTES, ...WHOLE]);
  if (file === "papers.db") {
    const outcome = await (damage === "older" || damage === "other"
      ? putBack(directory, damage)
      : truth(directory, random, damage));
    return { file, damage, outcome };
  }
  const of = random() < 0.5 ? "good" : "open";
  cpSync(made[of], directory, { recursive: true });
  spoil(directory, file, damage, random);
  return { file, damage, outcome: await sameAsBefore(directory, of, random) };
}

/** Checks that nothing is lost when a file is damaged that is derived from papers.db, or has no content. */
async function sameAsBefore(directory: string, of: "good" | "open", random: Random): Promise<string> {
  same(await answersOf(directory, model), answers[of], "answers");
  same(holds(directory, model), of === "good" ? held.good : made.held.at(-1)!, "papers");
  const { findings } = await verify(directory, model, { texts: 0 });
  if (findings.some(({ repairable }) => !repairable))
    throw new Fault(`verify cannot repair ${JSON.stringify(findings)}`);
  await repaired(directory);
  same(await answersOf(directory, model), answers[of], "answers after verify --repair");
  if (random() < 0.1) await indexed(directory);
  return findings.length === 0 ? "same answers; verify finds nothing" : "same answers; verify finds and repairs it";
}

async function leftOver(directory: string, random: Random) {
  cpSync(made.good, directory, { recursive: true });
  const file = oneOf(random, LEFT_OVER);
  const bytes = readFileSync(join(oneOf(random, [made.good, made.other]), file.replace(/\.(new|part)$/, "")));
  writeFileSync(join(directory, file), bytes.subarray(0, below(random, bytes.length + 1)));
  return { file, damage: "left over", outcome: await sameAsBefore(directory, "good", random) };
}

/** Damages the write-ahead log: the changes up to some point must be there, and no answer may reflect later ones. */
async function log(directory: string, random: Random) {
  cpSync(made.open, directory, { recursive: true });
  if (random() < 0.5) rmSync(join(directory, "papers.db-shm"));
  const damage = oneOf<Damage>(random, ["flip", "cut", "zeros", "empty", "missing", "cut", "flip"]);
  spoil(directory, "papers.db-wal", damage, random);
  const got = holds(directory, model);
  const at = made.held.indexOf(got);
  if (at < 0) throw new Fault(`the directory never held this: ${difference(got, made.held[0]!)}`);
  same(await answersOf(directory, model), await answersOf(directory, model, true), "answers");
  const { findings } = await verify(directory, model, { texts: 0 });
  if (findings.some(({ repairable }) => !repairable))
    throw new Fault(`verify cannot repair ${JSON.stringify(findings)}`);
  await repaired(directory);
  if (random() < 0.1) await indexed(directory);
  return { file: "papers.db-wal", damage, outcome: at === made.held.length - 1 ? "nothing lost" : "an earlier state" };
}

/** Replaces papers.db by an older one or another's: the other files, which do not belong to it, must be ignored. */
async function putBack(directory: string, damage: "older" | "other"): Promise<string> {
  cpSync(made.good, directory, { recursive: true });
  cpSync(join(made[damage], "papers.db"), join(directory, "papers.db"));
  same(holds(directory, model), held[damage], "papers");
  same(await answersOf(directory, model), await answersOf(directory, model, true), "answers");
  await repaired(directory);
  same(holds(directory, model), held[damage], "papers");
  return "the papers of that file";
}

/** Removes or replaces papers.db or its log while a process has it open: no change may be acknowledged and then lost. */
async function replaced(directory: string, random: Random) {
  cpSync(made.good, directory, { recursive: true });
  const damage = oneOf(random, ["renamed", "replaced", "log removed"] as const);
  const moved = join(directory, "moved");
  mkdirSync(moved);
  const kindred = await openKindred({ directory, workers: 1 });
  const list = `list ${below(random, 1_000)}`;
  try {
    // Once this returns, both of its threads have opened papers.db.
    await kindred.status();
    await kindred.createList(list);
    if (damage === "log removed") rmSync(join(directory, "papers.db-wal"));
    else renameSync(join(directory, "papers.db"), join(moved, "papers.db"));
    if (damage === "replaced") cpSync(join(made.other, "papers.db"), join(directory, "papers.db"));
    const changes: (() => Promise<unknown>)[] = [
      () => kindred.createList("late"),
      () => kindred.import(linesOf([record(random, "late")])),
      () => kindred.note("paper-3", "Late."),
    ];
    for (const change of changes)
      if ((await refusable(change)) !== "refused") throw new Fault("a change was acknowledged and lost");
  } finally {
    await kindred.close();
  }
  if (damage === "replaced") same(holds(directory, model), held.other, "papers of the file in its place");
  const whole = damage === "log removed" ? directory : moved;
  const known = JSON.parse(held.good) as { lists: [string, string[]][] };
  known.lists = [...known.lists, [list, []] as [string, string[]]].toSorted(([a], [b]) => (a < b ? -1 : 1));
  same(holds(whole, model), JSON.stringify(known, null, 1), "papers of the file that was open");
  await repaired(whole);
  return { file: "papers.db", damage: `${damage} in use`, outcome: "changes refused, nothing lost" };
}

/** Undoes an import while its file is still being read: the import must end, and the papers be as before. */
async function undoneWhileRunning(directory: string, random: Random) {
  cpSync(made.good, directory, { recursive: true });
  const kindred = await openKindred({ directory, workers: 1 });
  const count = 300 + below(random, 600);
  const records = Array.from({ length: count }, (_, i) => ({
    ...record(random, random() < 0.2 ? `paper-${below(random, 20)}` : `new-${i}`),
    // Long records, so that the format is detected long before the last one.
    venue: "Annals of Torture ".repeat(20).trim(),
  }));
  let goOn = (): void => {};
  const undone = new Promise<void>((resolve) => (goOn = resolve));
  const file = async function* () {
    yield* linesOf(records.slice(0, count - 20));
    await undone;
    yield* linesOf(records.slice(count - 20));
  };
  try {
    const { imports } = await kindred.imports();
    const importing = kindred.import(file()).then(
      () => "it ended without an error",
      (thrown: unknown) => (thrown instanceof KindredError ? thrown.code : String(thrown)),
    );
    let [newest] = imports;
    while (newest?.import === imports[0]?.import) [newest] = (await kindred.imports()).imports;
    await kindred.undo(newest!.import);
    goOn();
    const ended = await importing;
    if (ended !== "busy") throw new Fault(`undone import: expected error "busy", got: ${ended}`);
  } finally {
    goOn();
    await kindred.close();
  }
  same(withoutImports(holds(directory, model)), withoutImports(held.good), "papers after the undo");
  await repaired(directory);
  return { file: "papers.db", damage: "undo of a running import", outcome: "as before" };
}

function withoutImports(text: string): string {
  return JSON.stringify({ ...(JSON.parse(text) as object), imports: null }, null, 1);
}

/** Imports files with ids from 1 and some placeholder DOIs: no paper may be lost; repeating a file changes nothing. */
async function sameIds(directory: string, random: Random) {
  cpSync(made.good, directory, { recursive: true });
  const files = Array.from({ length: 2 + below(random, 3) }, (_, file) =>
    Array.from({ length: 1 + below(random, 30) }, (_, i) => {
      const one = record(random, String(i + 1), `work-${file}-${i}`);
      return random() < 0.3 ? { ...one, doi: oneOf(random, ["10.1145/...", "10.1000/XXXXX", "10.1109/TBD"]) } : one;
    }),
  );
  const kindred = await openKindred({ directory, workers: 1 });
  try {
    const before = (await kindred.status()).papers;
    for (const records of files) await kindred.import(linesOf(records));
    const { papers } = await kindred.status();
    const expected = before + files.flat().length;
    if (papers !== expected) throw new Fault(`${papers} papers, expected ${expected}`);
    for (const records of files.toReversed()) {
      const { added, updated } = await kindred.import(linesOf(records));
      if (added + updated > 0) throw new Fault(`repeated file: ${added} added, ${updated} updated, expected 0`);
    }
  } finally {
    await kindred.close();
  }
  await repaired(directory);
  return { file: "papers.db", damage: "files with the same ids", outcome: "all papers there" };
}

async function* linesOf(records: readonly unknown[]): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(records.map((one) => `${JSON.stringify(one)}\n`).join("")));
}

/** Damages papers.db itself: it must be refused, or verify must find the damage, or nothing is lost. */
async function truth(directory: string, random: Random, damage: Damage): Promise<string> {
  cpSync(made.good, directory, { recursive: true });
  spoil(directory, "papers.db", damage, random);
  const verified = await refusable(() => verify(directory, model, { texts: 0 }));
  if (damage === "missing") {
    if (verified !== "refused") throw new Fault("verify did not report a missing papers.db");
    same(holds(directory, model), libraryText(emptyLibrary()), "papers");
    same(await answersOf(directory, model), await answersOf(directory, model, true), "answers");
    return "refused by verify, empty otherwise";
  }
  const got = await refusable(async () => [holds(directory, model), await answersOf(directory, model)] as const);
  if (damage === "empty" && got !== "refused") throw new Fault("an emptied papers.db is treated as a new library");
  if (verified === "refused") {
    await restored(directory, random);
    return "refused";
  }
  if (verified.findings.some(({ repairable }) => !repairable)) {
    await restored(directory, random);
    return "found by verify";
  }
  if (verified.findings.length > 0) {
    await repaired(directory);
    const mendedHolds = holds(directory, model);
    if (got !== "refused") same(promised(mendedHolds), promised(got[0]), "papers after verify --repair");
    await indexed(directory);
    if (mendedHolds === held.good)
      same(await answersOf(directory, model), answers.good, "answers after verify --repair");
    return "found and repaired by verify";
  }
  if (got === "refused") throw new Fault("verify found nothing in a directory that cannot be opened");
  same(promised(got[0]), promised(held.good), "papers");
  same(got[1], answers.good, "answers");
  return got[0] === held.good ? "the same" : "a field that verify does not check";
}

async function repaired(directory: string): Promise<Verified> {
  const repaired = await verify(directory, model, { texts: 0, repair: true });
  const { findings } = await verify(directory, model, { texts: 0 });
  if (findings.length > 0)
    throw new Fault(`verify --repair reported ${JSON.stringify(repaired)} and left ${JSON.stringify(findings)}`);
  return repaired;
}

async function indexed(directory: string): Promise<void> {
  const kindred = await openKindred({ directory, workers: 1 });
  try {
    const { state } = await kindred.index();
    const { pending, index } = await kindred.status();
    if (state !== "done" || pending !== 0 || index.state !== "ready")
      throw new Fault(`after index: ${state}, ${pending} pending, ${JSON.stringify(index)}`);
  } finally {
    await kindred.close();
  }
  const { findings } = await verify(directory, model, { texts: 0 });
  if (findings.length > 0) throw new Fault(`after indexing, verify found ${JSON.stringify(findings)}`);
}

/** In one of five calls, restores a backup and checks that everything is back. */
async function restored(directory: string, random: Random): Promise<void> {
  if (random() > 0.2) return;
  await restore(directory, made.backup);
  same(holds(directory, model), held.good, "papers after restore");
  same(await answersOf(directory, model), answers.good, "answers after restore");
}

/** @returns "refused" if the work fails because files are damaged. Any other error is a fault. */
async function refusable<T>(work: () => Promise<T>): Promise<T | "refused"> {
  try {
    return await work();
  } catch (thrown) {
    const error = storageError(thrown, "papers.db");
    if (error instanceof KindredError && error.code === "damaged") return "refused";
    throw thrown;
  }
}

function same(got: string, expected: string, what: string): void {
  if (got !== expected) throw new Fault(`different ${what}: ${difference(got, expected).slice(0, 2_000)}`);
}

function spoil(directory: string, file: string, damage: Damage, random: Random): void {
  const path = join(directory, file);
  mkdirSync(directory, { recursive: true });
  if (damage === "missing") return rmSync(path, { force: true });
  if (damage === "older" || damage === "other") return cpSync(join(made[damage], file), path);
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  if (damage === "empty") return writeFileSync(path, "");
  if (damage === "cut") return writeFileSync(path, bytes.subarray(0, below(random, bytes.length + 1)));
  // A torn write: the beginning of the new file, the end of the old one.
  if (damage === "torn" && existsSync(join(made.older, file))) {
    const before = readFileSync(join(made.older, file));
    const at = below(random, Math.ceil(bytes.length / 512) + 1) * 512;
    return writeFileSync(path, Buffer.concat([bytes.subarray(0, at), before.subarray(at)]));
  }
  if (bytes.length === 0)
    return writeFileSync(path, Buffer.from(Array.from({ length: 600 }, () => below(random, 256))));
  const changes = damage === "zeros" ? 1 : 1 + below(random, 4);
  for (let i = 0; i < changes; i++) {
    const at = below(random, statSync(path).size);
    if (damage === "zeros")
      bytes.fill(0, at & ~511, Math.min(bytes.length, (at & ~511) + 512 * (1 + below(random, 8))));
    else bytes[at]! ^= 1 << below(random, 8);
  }
  writeFileSync(path, bytes);
}
