/**
 * The process that is killed. Performs operations on a directory, and reports when each begins and when it is acknowledged.
 * Loads its modules first, then waits for its task, one line of JSON.
 */
import { writeSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { backup, restore } from "../../src/admin/backup.js";
import { describeModel } from "../../src/embedding/description.js";
import { openKindred, type Kindred } from "../../src/kindred.js";
import type { Operation } from "./library.js";

export type Task = { folder: string; operations: Operation[] };

/** Written synchronously, so that nothing reported before a kill is lost. */
const report = (line: string): void => void writeSync(1, `${line}\n`);

const model = await describeModel();
createInterface({ input: process.stdin }).once("line", (line) => void work(JSON.parse(line) as Task));

async function work({ folder, operations }: Task): Promise<void> {
  const directory = join(folder, "index");
  const open = () => openKindred({ directory, workers: 1 });
  let kindred: Kindred | undefined;
  const run = async (operation: Operation): Promise<unknown> => {
    switch (operation.kind) {
      case "open":
        return (kindred = await open());
      case "migrate":
        return (await openKindred({ directory: join(folder, operation.old), workers: 1 })).close();
      case "reopen":
        await kindred!.close();
        return (kindred = await open());
      case "restore":
        await kindred!.close();
        await restore(directory, join(folder, operation.file));
        return (kindred = await open());
      case "backup":
        return backup(directory, model, join(folder, operation.file));
      case "index":
      case "rebuild":
        return kindred!.index({ rebuild: operation.kind === "rebuild" });
      case "import":
        return kindred!.import(bytesOf(operation.records), { name: operation.name });
      case "undo":
        return kindred!.undo(operation.number);
      case "remove":
        return kindred!.remove(operation.id);
      case "create list":
        return kindred!.createList(operation.list);
      case "delete list":
        return kindred!.deleteList(operation.list);
      case "rename list":
        return kindred!.renameList(operation.list, operation.to);
      case "add to list":
        return kindred!.addToList(operation.list, operation.id);
      case "take from list":
        return kindred!.removeFromList(operation.list, operation.id);
      default:
        return kindred!.note(operation.id, operation.note);
    }
  };
  for (const [i, operation] of operations.entries()) {
    report(`begin ${i}`);
    await run(operation);
    report(`done ${i}`);
  }
  report("end");
}

async function* bytesOf(records: readonly unknown[]): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join("")));
}
