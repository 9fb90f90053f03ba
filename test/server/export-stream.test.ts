/** Exports larger than network buffers, and clients that misbehave. */
import "../tiny.js";
import assert from "node:assert/strict";
import { get, type IncomingMessage } from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { test } from "node:test";
import { exportFormatSchema, type ExportFormat } from "../../src/api.js";
import { openKindred } from "../../src/kindred.js";
import { createLogger } from "../../src/server/log.js";
import { serve, type Serving } from "../../src/server/serve.js";
import { temporaryDirectory } from "../sample.js";
import { bytesOf, jsonLines, servedSample } from "./serving.js";

const FORMATS = exportFormatSchema.options;
const CHARACTERS = 20_000;
const LONG = Array.from({ length: 1_200 }, (_, i) => ({
  id: `long-${i}`,
  title: `Long note ${i}`,
  abstract: "note ".repeat(CHARACTERS / 5),
}));
const served = servedSample((kindred) => kindred.import(bytesOf(jsonLines(...LONG))));

/** The response, with its body not yet read. */
const begun = ({ url }: Serving, format: ExportFormat): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get(`${url}api/export?format=${format}`, { agent: false }, resolve).on("error", reject);
  });

test("the serving thread stays responsive during exports", async (t) => {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const exports = (["bibtex", "csv"] as const).map(async (format) => {
    let bytes = 0;
    for await (const chunk of await begun(served.serving, format)) bytes += (chunk as Buffer).length;
    return bytes;
  });
  await served.status();
  for (const bytes of await Promise.all(exports)) assert.ok(bytes > CHARACTERS * LONG.length, `${bytes} bytes`);
  delay.disable();
  const longest = delay.max / 1e6;
  t.diagnostic(`event loop delay at most ${longest.toFixed(0)} ms`);
  assert.ok(longest < 1_000, `the serving thread stood still for ${longest.toFixed(0)} ms`);
});

test("clients that disconnect during an export do not affect others", async () => {
  await Promise.all(
    FORMATS.map(async (format) => {
      const response = await begun(served.serving, format);
      response.on("error", () => {});
      response.destroy();
    }),
  );
  const whole = await served.ask("api/export?format=text");
  assert.equal(whole.text.trimEnd().split("\n").length, LONG.length + 154);
});

test("a client can tell that an export failed midway, and the log records it", async (t) => {
  const logged: string[] = [];
  const kindred = await openKindred({ directory: temporaryDirectory(t), workers: 1 });
  await kindred.import(bytesOf(jsonLines(...LONG)));
  const serving = await serve(kindred, {
    host: "127.0.0.1",
    port: 0,
    log: createLogger("error", { write: (line) => void logged.push(line) }),
  });
  t.after(() => serving.close());
  const response = await begun(serving, "jsonl");
  await kindred.close();
  await assert.rejects(async () => {
    for await (const _ of response);
  }, /aborted/);
  assert.match(logged.join("\n"), /it was closed/);
});
