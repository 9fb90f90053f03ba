/**
 * How long a new user waits: clones the last commit into a new folder, types `npm start`, and asks until the first
 * answer comes; then starts it a second time. `npm run bench-start`. Needs git, and the package registry.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
/** Longer than any install should take, in milliseconds. */
const PATIENCE = 15 * 60_000;

const clone = mkdtempSync(join(tmpdir(), "kindred-clone-"));
try {
  execFileSync("git", ["clone", "--quiet", ROOT, clone]);
  console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}`);
  console.log(`fresh clone, npm start to the first answer: ${(await firstAnswer()).toFixed(1)} s`);
  console.log(`typed again: ${(await firstAnswer()).toFixed(1)} s`);
} finally {
  rmSync(clone, { recursive: true, force: true });
}

/** Seconds from `npm start` to the first answered search; the server is stopped again. */
async function firstAnswer() {
  const port = await freePort();
  const start = performance.now();
  // In a process group of its own, so that npm, its shell and the server all get the signal.
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
      if (answer?.ok && (await answer.json()).hits.length > 0) return (performance.now() - start) / 1000;
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

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
