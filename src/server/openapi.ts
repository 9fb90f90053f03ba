/** The OpenAPI 3.1 document, generated from the schemas that parse the requests. */
import { z } from "zod";
import * as answers from "../api.js";
import { paperSchema } from "../core/paper.js";
import { SEGMENT } from "../core/segment.js";
import { VERSION } from "../core/version.js";
import { PATH_HEADER, pathSchema } from "./access.js";
import { FORMATS } from "./feed-text.js";
import { FEEDS, FORMAT_NAMES, OPML } from "./feeds.js";
import { OPENSEARCH, UNAPI } from "./found-by.js";
import { problemSchema } from "./problems.js";
import { ROUTES, type Route } from "./routes.js";

const schemaOf = (schema: z.ZodType, io: "input" | "output"): object => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Record<string, unknown>;
  return rest;
};

/** The objects of answers that have a name: `hitSchema` is `Hit`. The document has each once, for programs that make types of it. */
const NAMED = new Map(
  Object.entries<unknown>({ ...answers, paperSchema }).flatMap(([name, schema]): [z.ZodType, string][] =>
    schema instanceof z.ZodObject
      ? [[schema, name.charAt(0).toUpperCase() + name.slice(1).replace(/Schema$/, "")]]
      : [],
  ),
);

/** The schema of an answer. The named objects in it are references, and are added to `schemas`. */
function answerOf(answer: z.ZodType, schemas: Record<string, object>): object {
  const whole = (top: z.ZodType): object => {
    const { $schema: _, ...rest } = z.toJSONSchema(top, {
      unrepresentable: "any",
      override: ({ zodSchema, jsonSchema }) => {
        const part = zodSchema as unknown as z.ZodType;
        if (part === top || !NAMED.has(part)) return;
        for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
        Object.assign(jsonSchema, reference(part));
      },
    });
    return rest;
  };
  const reference = (schema: z.ZodType): object => {
    const name = NAMED.get(schema);
    if (name === undefined) return whole(schema);
    schemas[name] ??= whole(schema);
    return { $ref: `#/components/schemas/${name}` };
  };
  return reference(answer);
}

const PROBLEM = {
  description: "A problem (RFC 9457)",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};

/** @param basePath The path at which clients see the server, with a slash at both ends. */
export function openApi(basePath = "/"): { paths: Record<string, Record<string, object>> } & Record<string, unknown> {
  const paths: Record<string, Record<string, object>> = {};
  const schemas: Record<string, object> = { Problem: schemaOf(problemSchema, "output") };
  for (const route of ROUTES) {
    const path = `/api${route.path.replaceAll(/:(\w+)/g, "{$1}")}`;
    (paths[path] ??= {})[route.method] = operation(route, schemas);
  }
  paths["/api/openapi.json"] = { get: plain("getOpenapi", "Get this document") };
  paths["/api/health"] = { get: plain("getHealth", "Check that the server is alive; needs no key") };
  paths["/api/ready"] = {
    get: plain("getReady", "Check that the server can answer: 503 until it can; needs no key"),
  };
  paths["/api/session"] = {
    post: {
      ...plain("postSession", "Begin a session with the key of this request; sets a cookie", 204),
      parameters: [IN_HEADER],
    },
    delete: {
      ...plain("deleteSession", "End the session of this cookie", 204),
      parameters: [IN_HEADER],
    },
  };
  paths["/metrics"] = { get: plain("getMetrics", "Get metrics in the format of Prometheus") };
  for (const { path, summary, query } of [...FEEDS, OPML])
    paths[path.replaceAll(/:(\w+)/g, "{$1}")] = { get: feed(path, summary, query) };
  paths[OPENSEARCH.path] = {
    get: {
      ...plain("getOpensearch", OPENSEARCH.summary),
      responses: { 200: { description: "The description", content: written([OPENSEARCH.type]) }, default: PROBLEM },
    },
  };
  const { path, summary, query, types } = UNAPI;
  paths[path] = {
    get: {
      ...plain("getUnapi", summary),
      parameters: parameters(query),
      responses: {
        200: { description: "The formats of all papers, or the paper in a format", content: written(types) },
        300: { description: "The formats of this paper", content: written(types.slice(0, 1)) },
        default: PROBLEM,
      },
    },
  };
  paths["/api/events"] = {
    get: {
      operationId: "getEvents",
      summary: "Get server-sent events: the status now, and again whenever it changes",
      responses: {
        200: {
          description: "Events named `status` with the answer of api/status as data",
          content: { "text/event-stream": { schema: { type: "string" } } },
        },
        default: PROBLEM,
      },
    },
  };
  return {
    openapi: "3.1.0",
    info: { title: "Kindred", version: VERSION, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    ...(basePath !== "/" && { servers: [{ url: basePath.slice(0, -1) }] }),
    paths,
    components: {
      schemas,
      securitySchemes: { key: { type: "http", scheme: "bearer", description: "A key that `kindred key add` created" } },
    },
    // A key is needed only if the server is configured so, or listens on other than a loopback address.
    security: [{}, { key: [] }],
  };
}

const IN_ADDRESS =
  "A text of letters, digits and _, with . : or - between them, is written as it is. Any other text is written as " +
  "`base64url:` and its UTF-8 bytes in base64url without padding (`..` is `base64url:Li4`), which no client or proxy changes. " +
  "Percent-encoding is accepted too, but clients resolve `..` and proxies decode `%2F`.";

const IN_HEADER = { name: PATH_HEADER, in: "header", required: false, schema: schemaOf(pathSchema, "input") };

const plain = (operationId: string, summary: string, status: 200 | 204 = 200): object => ({
  operationId,
  summary,
  responses: { [status]: { description: status === 204 ? "Done" : "The answer" }, default: PROBLEM },
});

function operation({ method, path, summary, query, body, answer }: Route, schemas: Record<string, object>): object {
  const name = path.replaceAll(/[/:]+(\w)/g, (_, letter: string) => letter.toUpperCase());
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, parameter]) => ({
    name: parameter,
    in: "path",
    required: true,
    ...(parameter === "import"
      ? { schema: { type: "string" } }
      : { schema: { type: "string", pattern: SEGMENT }, description: IN_ADDRESS }),
  }));
  return {
    operationId: `${method}${name}`,
    summary,
    parameters: [...inPath, ...(query === undefined ? [] : parameters(query))],
    ...(body === undefined ? {} : { requestBody: { required: true, content: content(body) } }),
    responses: {
      ...(answer === undefined
        ? { 204: { description: "Done" } }
        : { 200: { description: "The answer", content: answered(answer, schemas) } }),
      default: PROBLEM,
    },
  };
}

function parameters(query: z.ZodObject): object[] {
  const { properties = {}, required = [] } = schemaOf(query, "input") as {
    properties?: Record<string, { description?: string }>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }));
}

function feed(path: string, summary: string, query: z.ZodObject): object {
  const name = path.replaceAll(/[/:]+(\w)/g, (_, letter: string) => letter.toUpperCase());
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, parameter]) => ({
    name: parameter,
    in: "path",
    required: true,
    ...(parameter === "format"
      ? { schema: { type: "string", enum: FORMAT_NAMES } }
      : { schema: { type: "string", pattern: SEGMENT }, description: IN_ADDRESS }),
  }));
  const types = path.includes(":format") ? Object.values(FORMATS).map(({ type }) => type) : [OPML.type];
  return {
    operationId: `get${name}`,
    summary,
    parameters: [...inPath, ...parameters(query)],
    responses: { 200: { description: "The feed", content: written(types) }, default: PROBLEM },
  };
}

const BYTES = { type: "string", format: "binary" };

const answered = (answer: z.ZodType | readonly string[], schemas: Record<string, object>): object =>
  answer instanceof z.ZodType ? { "application/json": { schema: answerOf(answer, schemas) } } : written(answer);

const written = (types: readonly string[]): object =>
  Object.fromEntries(
    types.map((type) => [type, { schema: type === "application/octet-stream" ? BYTES : { type: "string" } }]),
  );

const content = (body: z.ZodType | "papers"): object =>
  body === "papers"
    ? { "application/octet-stream": { schema: BYTES } }
    : { "application/json": { schema: schemaOf(body, "input") } };
