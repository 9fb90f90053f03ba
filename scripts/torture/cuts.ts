/** Files of a good directory that are cut, changed, emptied, lost or taken for others, and what is answered then. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Fault } from "./fault.js";

const CHILD = fileURLToPath(new URL("./cut-child.js", import.meta.url));
/** A round that takes longer hangs, in milliseconds. */
const PATIENCE = 120_000;

/** What a round says when it is over: which file, what was done to it, what came of it; or what is wrong. */
export type CutNews = { round: number } & (
  { began: true } | { file: string; damage: string; came: string } | { fault: string }
);

export type Cuts = {
  cuts: number;
  /** How often a file, damaged in this way, came to what: `tables.bin: cut: answered the same`. */
  came: Map<string, number>;
  faults: Fault[];
};

/**
 * Runs in a process of its own: one that crashes or hangs is a fault too.
 *
 * @param folder Is made.
 * @throws Fault when it crashes or hangs; other faults are in what is returned.
 */
export async function cut(
  folder: string,
  { seed, cuts }: { seed: number; cuts: number },
  tell: (done: Cuts) => void = () => {},
): Promise<Cuts> {
  const done: Cuts = { cuts: 0, came: new Map(), faults: [] };
  const child = spawn(process.execPath, [CHILD, folder, String(seed), String(cuts)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<string>((resolve) =>
    child.once("exit", (code, signal) => resolve(signal ?? `code ${code}`)),
  );
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  let at = 0;
  let hung = false;
  const late = setTimeout(() => {
    hung = true;
    child.kill("SIGKILL");
  }, PATIENCE);
  // Every round has a seed of its own.
  const fault = (what: string) => new Fault(what).of(`--seed ${seed + at} --kills 0 --cuts 1`);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const news = JSON.parse(line) as CutNews;
      at = news.round;
      late.refresh();
      if ("began" in news) continue;
      if ("fault" in news) done.faults.push(fault(news.fault));
      else {
        const key = `${news.file}: ${news.damage}: ${news.came}`;
        done.came.set(key, (done.came.get(key) ?? 0) + 1);
      }
      done.cuts++;
      tell(done);
    }
    const end = await exited;
    if (hung) throw fault(`it hangs: nothing was heard for ${PATIENCE / 1_000} s`);
    if (end !== "code 0") throw fault(`it ended with ${end}: ${said}`);
    return done;
  } finally {
    clearTimeout(late);
    child.kill("SIGKILL");
    await exited;
  }
}
