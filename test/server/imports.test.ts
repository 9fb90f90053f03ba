/** Undoing imports over HTTP, and an upload that is interrupted. */
import "../tiny.js";
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { importReportSchema, importsAnswerSchema, undoneSchema } from "../../src/api.js";
import { answerIn, jsonLines, parsed, problemIn, servedSample } from "./serving.js";

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

test("an interrupted upload keeps complete records, and the server continues", async () => {
  const { papers: before } = await served.status();
  const records = Array.from({ length: 2_000 }, (_, i) => ({ id: `broken-${i}`, title: `Broken upload number ${i}` }));
  const port = Number(new URL(served.serving.url).port);
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(`POST /api/papers HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 99999999\r\n\r\n`);
  socket.write(jsonLines(...records));
  await new Promise<void>((written) => {
    socket.write('{"id":"half","title":"Half a rec', () => written());
  });
  const arrived = async () => (await served.status()).papers - before;
  // The last records wait in the server for their batch to fill or the upload to end.
  while ((await arrived()) < 1_700) await setTimeout(25);
  socket.destroy();

  const after = await bring({ id: "after-the-break", title: "After the break" });
  assert.equal(after.added, 1);
  answerIn(await served.ask("api/search?q=broken"));
  assert.equal((await served.ask("api/papers/half")).status, 404);
  const { hits } = await served.answer({ q: "upload", mode: "lexical", limit: 500 });
  assert.ok(hits.every(({ paper }) => /^Broken upload number \d+$/.test(paper.title)));
  // Data in the connection's buffers is lost: the first records are there, without a gap.
  const statuses: number[] = [];
  for (const { id } of records.toReversed()) statuses.push((await served.ask(`api/papers/${id}`)).status);
  const lost = statuses.filter((status) => status === 404).length;
  assert.ok(lost <= 300, `${lost} papers are lost`);
  assert.equal(statuses.lastIndexOf(404), lost - 1, "a paper before one that is there is missing");
});
