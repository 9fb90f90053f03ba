/** Lists, likes and notes over HTTP, and their effects. */
import "../tiny.js";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { exportFormatSchema, listsAnswerSchema } from "../../src/api.js";
import { answerIn, idsOf, jsonLines, parsed, problemIn, servedSample } from "./serving.js";

const served = servedSample();
const SHANNON = "shannon-1948-communication";
const TURING = "turing-1936-computable";

const send = async (method: string, path: string, body?: unknown): Promise<void> => {
  const reply = await served.ask(path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  assert.deepEqual([reply.status, reply.text], [204, ""], `${method} ${path}`);
};
const NOTED = { method: "PUT", body: '{"note":"late"}', headers: { "content-type": "application/json" } };
const lists = async () => parsed(listsAnswerSchema, await served.ask("api/lists"));
const idsIn = async (name: string) => (await lists()).lists.find((list) => list.name === name)?.ids;

test("a list is created, filled, renamed, emptied and deleted", async () => {
  await send("PUT", "api/lists/to%20read");
  await send("PUT", "api/lists/to%20read");
  await send("PUT", `api/lists/to%20read/papers/${SHANNON}`);
  await send("PUT", `api/lists/To%20Read/papers/${TURING}`);
  assert.deepEqual(await idsIn("to read"), [SHANNON, TURING]);
  const browsed = await served.browse({ list: "to read", sort: "added" });
  assert.deepEqual(
    browsed.papers.map(({ id }) => id),
    [TURING, SHANNON],
  );
  await send("PATCH", "api/lists/to%20read", { name: "Read" });
  await send("DELETE", `api/lists/read/papers/${TURING}`);
  assert.deepEqual(await idsIn("Read"), [SHANNON]);
  await send("DELETE", "api/lists/read");
  assert.equal(await idsIn("Read"), undefined);
});

test("a search within a list reflects additions and removals at once", async () => {
  const found = async () => idsOf(await served.answer({ q: "information", list: "likes" }));
  assert.deepEqual(await found(), []);
  await send("PUT", `api/lists/likes/papers/${SHANNON}`);
  assert.deepEqual(await found(), [SHANNON]);
  await send("DELETE", `api/lists/likes/papers/${SHANNON}`);
  assert.deepEqual(await found(), []);
});

test("a list is exported in every format, and an unknown one is an error", async () => {
  await send("PUT", "api/lists/machines");
  for (const id of [SHANNON, TURING]) await send("PUT", `api/lists/machines/papers/${id}`);
  const reply = await served.ask("api/export?format=bibtex&list=machines");
  assert.equal(reply.headers.get("content-disposition"), 'attachment; filename="list.bib"');
  assert.equal([...reply.text.matchAll(/^@/gm)].length, 2);
  for (const format of exportFormatSchema.options) {
    const { status, text } = await served.ask(`api/export?format=${format}&list=Machines`);
    assert.equal(status, 200);
    assert.match(text, /computable numbers/i, format);
    assert.doesNotMatch(text, /nucleic/i, format);
  }
  assert.match(problemIn(await served.ask("api/export?list=nowhere"), 404).detail, /no list "nowhere"/);
});

test("recommendations based on lists equal those based on their papers", async () => {
  await send("PUT", "api/lists/machines");
  for (const id of [SHANNON, TURING]) await send("PUT", `api/lists/machines/papers/${id}`);
  await send("PUT", "api/lists/dislikes/papers/watson-1953-dna");
  const based = answerIn(await served.post("api/recommend", { basedOn: ["machines"], limit: 10 }));
  const named = answerIn(
    await served.post("api/recommend", {
      positive: [SHANNON, TURING],
      negative: ["watson-1953-dna"],
      limit: 10,
    }),
  );
  assert.deepEqual(idsOf(based), idsOf(named));
  assert.ok(based.hits.every(({ because }) => because !== undefined && because.for.length > 0));
  await send("DELETE", "api/lists/dislikes/papers/watson-1953-dna");
});

test("recommendations based on an empty list are trending papers, and say so", async () => {
  await send("PUT", "api/lists/nothing");
  const { notice, hits } = answerIn(await served.post("api/recommend", { basedOn: ["nothing"] }));
  assert.match(notice ?? "", /nothing in nothing yet/);
  assert.ok(hits.length > 0);
});

test("a note is stored, changed and deleted", async () => {
  await send("PUT", `api/papers/${SHANNON}/note`, { note: "entropy, section 6" });
  assert.deepEqual(
    (await lists()).notes.map(({ id, note }) => [id, note]),
    [[SHANNON, "entropy, section 6"]],
  );
  await send("PUT", `api/papers/${SHANNON}/note`, { note: "" });
  assert.deepEqual((await lists()).notes, []);
});

test("a paper is added and removed by another source's id for it", async () => {
  await served.import(jsonLines({ id: "otter", title: "Otters", doi: "10.1000/otter" }));
  await served.import(jsonLines({ id: "lutra", title: "Otters", doi: "10.1000/otter" }));
  await send("PUT", "api/lists/likes/papers/lutra");
  assert.deepEqual(await idsIn("likes"), ["otter"]);
  await send("PUT", "api/papers/lutra/note", { note: "juggling" });
  await send("DELETE", "api/lists/likes/papers/lutra");
  assert.deepEqual(await idsIn("likes"), []);
  await send("PUT", "api/papers/lutra/note", { note: "" });
  assert.deepEqual((await lists()).notes, []);
});

test("list entries and notes of a removed paper can be removed", async () => {
  await served.import(jsonLines({ id: "crow", title: "Crows" }));
  await send("PUT", "api/lists/likes/papers/crow");
  await send("PUT", "api/papers/crow/note", { note: "on antennas" });
  await send("DELETE", "api/papers/crow");
  problemIn(await served.ask("api/papers/crow/note", NOTED), 404);
  await send("PUT", "api/papers/crow/note", { note: " " });
  await send("DELETE", "api/lists/likes/papers/crow");
  assert.deepEqual([(await lists()).notes, await idsIn("likes")], [[], []]);
});

describe("errors are reported", () => {
  const put = (path: string, body?: string) =>
    served.ask(path, {
      method: "PUT",
      ...(body === undefined ? {} : { body, headers: { "content-type": "application/json" } }),
    });
  const TABLE: [what: string, ask: () => ReturnType<typeof put>, status: number, detail: RegExp][] = [
    ["no such list", () => put(`api/lists/nowhere/papers/${SHANNON}`), 404, /no list "nowhere"/],
    ["no such paper", () => put("api/lists/likes/papers/nobody"), 404, /no paper with the id "nobody"/],
    ["likes deleted", () => served.ask("api/lists/likes", { method: "DELETE" }), 400, /is built in/],
    ["a name of spaces", () => put("api/lists/%20"), 400, /list: /],
    ["a name too long", () => put(`api/lists/${"x".repeat(201)}`), 400, /list: .*200/],
    ["no body", () => put(`api/papers/${SHANNON}/note`), 400, /the body: got none/],
    [
      "a note too long",
      () => put(`api/papers/${SHANNON}/note`, JSON.stringify({ note: "x".repeat(20_001) })),
      400,
      /note: /,
    ],
    ["based on no list", () => served.post("api/recommend", { basedOn: ["nowhere"] }), 404, /no list "nowhere"/],
    ["a search in no list", () => served.ask("api/search?q=entropy&list=nowhere"), 404, /no list "nowhere"/],
    ["related papers in no list", () => served.ask(`api/papers/${SHANNON}/related?list=nowhere`), 404, /no list/],
    [
      "recommendations from no list",
      () => served.post("api/recommend", { list: ["likes", "nowhere"] }),
      404,
      /no list/,
    ],
    ["no period", () => served.ask("api/papers?listed=yesterday"), 400, /2024-W18/],
  ];
  for (const [what, ask, status, detail] of TABLE)
    test(what, async () => assert.match(problemIn(await ask(), status).detail, detail));
});
