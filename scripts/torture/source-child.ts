/**
 * The process that runs sources and is killed. Takes tasks, one line of JSON each, works on all of them at once, and reports when
 * each begins, which of its runs fail, and when one has come to its end.
 */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { describeModel } from "../../src/embedding/description.js";
import { type Task, Updates } from "./updates.js";

/** Written synchronously, so that nothing reported before a kill is lost. */
const report = (line: string): void => void writeSync(1, `${line.replaceAll(/\s+/g, " ")}\n`);

const updates = new Updates(await describeModel());
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, ...task } = JSON.parse(line) as Task & { id: number };
  report(`begin ${id}`);
  void updates.update(task, (message) => report(`failed ${id} ${message}`)).then(() => report(`done ${id}`));
});
