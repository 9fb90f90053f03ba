/** Cuts, changes, empties, removes or replaces files of a good directory, and checks the answers. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Fault } from "./fault.js";

const CHILD = fileURLToPath(new URL("./cut-child.js", import.meta.url));
/** A round that takes longer is considered hung, in milliseconds. */
const PATIENCE = 120_000;

/** A message of the child: a round began, or ended with the file, the damage and the outcome, or with a fault. */
export type CutMessage = { round: number } & (
  { began: true } | { file: string; damage: string; outcome: string } | { fault: string }
);

export type Cuts = {
  cuts: number;
  /** Number of rounds by file, damage and outcome, as `tables.bin: cut: same answers; verify finds nothing`. */
  outcomes: Map<string, number>;
  faults: Fault[];
};

/**
 * Runs the rounds in a child process, because a crash or hang is a fault too.
 *
 * @param folder Is created.
 * @throws Fault if the child crashes or hangs; other faults are returned.
 */
export async function cut(
  folder: string,
  { seed, cuts }: { seed: number; cuts: number },
  progress: (done: Cuts) => void = () => {},
): Promise<Cuts> {
  const done: Cuts = { cuts: 0, outcomes: new Map(), faults: [] };
  const child = spawn(process.execPath, [CHILD, folder, String(seed), String(cuts)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<string>((resolve) =>
    child.once("exit", (code, signal) => resolve(signal ?? `code ${code}`)),
  );
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  let at = 0;
  let hung = false;
  const late = setTimeout(() => {
    hung = true;
    child.kill("SIGKILL");
  }, PATIENCE);
  // Every round has its own seed.
  const fault = (what: string) => new Fault(what).of(`--seed ${seed + at} --kills 0 --cuts 1`);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const message = JSON.parse(line) as CutMessage;
      at = message.round;
      late.refresh();
      if ("began" in message) continue;
      if ("fault" in message) done.faults.push(fault(message.fault));
      else {
        const key = `${message.file}: ${message.damage}: ${message.outcome}`;
        done.outcomes.set(key, (done.outcomes.get(key) ?? 0) + 1);
      }
      done.cuts++;
      progress(done);
    }
    const end = await exited;
    if (hung) throw fault(`it hangs: no message for ${PATIENCE / 1_000} s`);
    if (end !== "code 0") throw fault(`it exited with ${end}: ${stderr}`);
    return done;
  } finally {
    clearTimeout(late);
    child.kill("SIGKILL");
    await exited;
  }
}
