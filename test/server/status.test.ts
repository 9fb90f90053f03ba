import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { z } from "zod";
import { DEFAULT_MODEL, describeModel } from "../../src/embedding/description.js";
import { FEEDS, OPML } from "../../src/server/feeds.js";
import { ROUTES } from "../../src/server/routes.js";
import { VERSION } from "../../src/core/version.js";
import { servedSample } from "./serving.js";

const served = servedSample();

test("status has the number of papers, the version, the model and the index", async () => {
  for (let i = 0; i < 100 && (await served.status()).index.state === "building"; i++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  const status = await served.status();
  const { identity: _, ...model } = await describeModel(DEFAULT_MODEL);
  const { storeChange } = status.index;
  assert.deepEqual(status, {
    version: VERSION,
    papers: 154,
    embedded: 154,
    pending: 0,
    pendingSentences: 0,
    failed: 0,
    newest: 154,
    importing: [],
    pendingPoints: 0,
    indexing: false,
    jobs: [],
    model,
    index: { state: "ready", count: 154, change: storeChange, saved: storeChange, storeChange, notice: null },
  });
});

type Operation = {
  operationId: string;
  summary: string;
  parameters?: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
};
type Document = {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
};

const OTHERS =
  "get /api/openapi.json,get /api/events,get /api/health,get /api/ready,get /metrics,get /opensearch.xml,get /unapi,post /api/session,delete /api/session".split(
    ",",
  );

describe("the OpenAPI document", () => {
  const document = async (): Promise<Document> => JSON.parse((await served.ask("api/openapi.json")).text) as Document;

  test("is OpenAPI 3.1 and names this version of Kindred", async () => {
    const { openapi, info } = await document();
    assert.match(openapi, /^3\.1\.\d+$/);
    assert.deepEqual([info.title, info.version], ["Kindred", VERSION]);
  });

  test("is valid", async () => {
    const { valid, errors } = await new Validator().validate({ ...(await document()) });
    assert.ok(valid, JSON.stringify(errors));
  });

  test("has exactly the routes, each with a summary, its answer and the problem", async () => {
    const { paths } = await document();
    const told = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path}`),
    );
    const routes = ROUTES.map(({ method, path }) => `${method} /api${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    const feeds = [...FEEDS, OPML].map(({ path }) => `get ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    assert.deepEqual(told.toSorted(), [...routes, ...feeds, ...OTHERS].toSorted());
    const operations = Object.values(paths).flatMap((path) => Object.values(path));
    assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
    for (const route of ROUTES) {
      const operation = paths[`/api${route.path.replaceAll(/:(\w+)/g, "{$1}")}`]?.[route.method];
      assert.ok(operation !== undefined && operation.summary.length > 5);
      const { 200: answer, 204: done, default: problem } = operation.responses;
      const types = route.answer instanceof z.ZodType ? ["application/json"] : route.answer;
      if (types === undefined) assert.ok(done !== undefined);
      else assert.deepEqual(Object.keys(answer?.content ?? {}), types);
      assert.deepEqual(problem?.content, {
        "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
      });
      assert.equal(operation.requestBody !== undefined, route.body !== undefined);
      const query = operation.parameters?.filter((parameter) => parameter.in === "query").map(({ name }) => name);
      assert.deepEqual(query, Object.keys(route.query?.shape ?? {}));
      const inPath = operation.parameters?.filter((parameter) => parameter.in === "path");
      assert.equal(inPath?.length, route.path.split(":").length - 1);
    }
  });

  test("has no dangling references", async () => {
    const whole = await document();
    const found = [...JSON.stringify(whole).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference);
    const known = Object.keys(whole.components.schemas).map((name) => `#/components/schemas/${name}`);
    assert.deepEqual(new Set(found), new Set(known), "each is defined, and each definition is used");
  });

  test("has each object of an answer once, by its name", async () => {
    const { paths, components } = await document();
    const answer = paths["/api/search"]?.["get"]?.responses["200"]?.content?.["application/json"]?.schema;
    assert.deepEqual(answer, { $ref: "#/components/schemas/Answer" });
    for (const name of ["Answer", "Hit", "Paper", "Status", "ImportReport"])
      assert.ok(name in components.schemas, `components.schemas.${name}`);
  });
});
