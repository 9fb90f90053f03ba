/**
 * How long a new user waits: clones the last commit into a new folder, runs `npm start`, and sends a search until the first
 * answer arrives; then starts it a second time. Needs git and the package registry.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../src/core/root.js";
import { MACHINE } from "../common/command.js";

/** Timeout, longer than any install should take, in milliseconds. */
const PATIENCE = 15 * 60_000;

const clone = mkdtempSync(join(tmpdir(), "kindred-clone-"));
try {
  execFileSync("git", ["clone", "--quiet", ROOT, clone]);
  console.log(MACHINE);
  console.log(`fresh clone, npm start to the first answer: ${(await firstAnswer()).toFixed(1)} s`);
  console.log(`npm start again: ${(await firstAnswer()).toFixed(1)} s`);
} finally {
  rmSync(clone, { recursive: true, force: true });
}

/** Seconds from `npm start` to the first answered search; then stops the server. */
async function firstAnswer(): Promise<number> {
  const port = await freePort();
  const start = performance.now();
  // In its own process group, so that npm, its shell and the server all get the signal.
  const npm = spawn("npm", ["start"], {
    cwd: clone,
    env: { ...process.env, KINDRED_HOST: "127.0.0.1", KINDRED_PORT: String(port), KINDRED_DIRECTORY: "index" },
    stdio: "ignore",
    detached: true,
  });
  const exited = new Promise((resolve) => npm.once("exit", resolve));
  try {
    while (performance.now() - start < PATIENCE) {
      if (npm.exitCode !== null) throw new Error(`npm start ended with code ${npm.exitCode}`);
      const answer = await fetch(`http://127.0.0.1:${port}/api/search?q=why+do+we+forget`).catch(() => undefined);
      if (answer?.ok === true && ((await answer.json()) as { hits: unknown[] }).hits.length > 0)
        return (performance.now() - start) / 1000;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`no answer within ${PATIENCE / 60_000} minutes`);
  } finally {
    if (npm.exitCode === null && npm.pid !== undefined) process.kill(-npm.pid, "SIGTERM");
    await exited;
    // The shell may end before the server it started has closed its files.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
