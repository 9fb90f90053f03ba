/** Undoing imports over HTTP. */
import "../tiny.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import { importReportSchema, importsAnswerSchema, undoneSchema } from "../../src/api.js";
import { jsonLines, parsed, problemIn, servedSample } from "./serving.js";

const served = servedSample();
const bring = async (...records: object[]) =>
  parsed(importReportSchema, await served.import(jsonLines(...records), "?name=mine.jsonl"));
const imports = async () => parsed(importsAnswerSchema, await served.ask("api/imports")).imports;
const undo = (number: unknown) => served.ask(`api/imports/${String(number)}/undo`, { method: "POST" });

test("an import is listed with its results, and can be undone", async () => {
  const report = await bring({ id: "otter", title: "Otters juggling pebbles" });
  const [newest] = await imports();
  assert.deepEqual(
    { ...newest, began: "" },
    { import: report.import, name: "mine.jsonl", began: "", undone: null, added: 1, updated: 0 },
  );
  assert.deepEqual(parsed(undoneSchema, await undo(report.import)), { removed: 1, restored: 0, kept: 0 });
  problemIn(await served.ask("api/papers/otter"), 404);
  assert.notEqual((await imports())[0]?.undone, null);
  assert.match(problemIn(await undo(report.import), 400).detail, /already undone/);
});

test("a file without readable papers does not count as an import", async () => {
  const before = (await imports()).length;
  const report = await bring({ id: "untitled" });
  assert.deepEqual([report.import, report.rejected], [null, 1]);
  assert.equal((await imports()).length, before);
});

test("an unknown import is an error", async () => {
  assert.match(problemIn(await undo(9_999), 404).detail, /no import 9999/);
  problemIn(await undo("x"), 400);
});

/** More records than are read to detect the format, and than fit one transaction. */
const many = (name: string) =>
  jsonLines(
    ...Array.from({ length: 300 }, (_, i) => ({
      id: `${name}-${i}`,
      title: `${name} number ${i}`,
      abstract: `${name} dig, and dig again. `.repeat(20),
    })),
  );

test("an import undone during its upload ends, and leaves nothing", async () => {
  const before = (await served.status()).papers;
  let more!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (more = controller) });
  const importing = served.ask("api/papers?name=running.jsonl", { method: "POST", body, duplex: "half" });
  more.enqueue(Buffer.from(many("Voles")));
  let running: Awaited<ReturnType<typeof imports>>[number] | undefined;
  while (running?.name !== "running.jsonl") [running] = await imports();
  assert.equal(running.added, 256);
  const undone = parsed(undoneSchema, await undo(running.import));
  assert.deepEqual(undone, { removed: 256, restored: 0, kept: 0 });
  more.enqueue(Buffer.from(many("Shrews")));
  more.close();
  assert.match(problemIn(await importing, 409).detail, /import \d+ was undone while it was running/);
  assert.equal((await served.status()).papers, before);
  assert.match(problemIn(await undo(running.import), 400).detail, /already undone/);
  const again = parsed(importReportSchema, await served.import(many("Voles")));
  assert.deepEqual([again.added, (await undo(again.import)).status], [300, 200], "the file can be sent again");
});
