/** The OpenAPI 3.1 document, generated from the schemas that parse the requests. */
import { z } from "zod";
import { SEGMENT } from "../core/segment.js";
import { VERSION } from "../core/version.js";
import { PATH_HEADER, pathSchema } from "./access.js";
import { FORMATS } from "./feed-text.js";
import { FEEDS, FORMAT_NAMES, OPML } from "./feeds.js";
import { problemSchema } from "./problems.js";
import { ROUTES, type Route } from "./routes.js";

const schemaOf = (schema: z.ZodType, io: "input" | "output"): object => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Record<string, unknown>;
  return rest;
};

const PROBLEM = {
  description: "A problem (RFC 9457)",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};

/** @param basePath The path at which clients see the server, with a slash at both ends. */
export function openApi(basePath = "/"): { paths: Record<string, Record<string, object>> } & Record<string, unknown> {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of ROUTES) {
    const path = `/api${route.path.replaceAll(/:(\w+)/g, "{$1}")}`;
    (paths[path] ??= {})[route.method] = operation(route);
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
      schemas: { Problem: schemaOf(problemSchema, "output") },
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

function operation({ method, path, summary, query, body, answer }: Route): object {
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
        : { 200: { description: "The answer", content: answered(answer) } }),
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
    responses: { 200: { description: "The feed", content: answered(types) }, default: PROBLEM },
  };
}

const BYTES = { type: "string", format: "binary" };

const answered = (answer: z.ZodType | readonly string[]): object =>
  answer instanceof z.ZodType
    ? { "application/json": { schema: schemaOf(answer, "output") } }
    : Object.fromEntries(
        answer.map((type) => [type, { schema: type === "application/octet-stream" ? BYTES : { type: "string" } }]),
      );

const content = (body: z.ZodType | "papers"): object =>
  body === "papers"
    ? { "application/octet-stream": { schema: BYTES } }
    : { "application/json": { schema: schemaOf(body, "input") } };
