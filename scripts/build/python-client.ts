/**
 * Writes the types and methods of the Python client from the OpenAPI document. After a change of the API:
 * "node dist/scripts/build/python-client.js".
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../src/core/root.js";
import { openApi } from "../../src/server/openapi.js";

export const GENERATED = join(ROOT, "clients", "python", "src", "kindred_client", "_generated.py");

/** A method of the client: its name, its route, and optional parameters that need no name in a call. */
type Method = { name: string; route: string; unnamed?: readonly string[] };

/** What the client offers. Everything else can be asked with its `request`. */
const METHODS: readonly Method[] = [
  { name: "search", route: "post /api/search" },
  { name: "related", route: "post /api/related", unnamed: ["id"] },
  { name: "recommend", route: "post /api/recommend", unnamed: ["positive", "negative"] },
  { name: "explain", route: "post /api/explain" },
  { name: "get", route: "get /api/papers/{id}" },
  { name: "find", route: "post /api/find" },
  { name: "neighbourhood", route: "get /api/papers/{id}/neighbourhood" },
  { name: "browse", route: "get /api/papers" },
  { name: "cite", route: "get /api/papers/{id}/cite", unnamed: ["format"] },
  { name: "export", route: "get /api/export", unnamed: ["format"] },
  { name: "lists", route: "get /api/lists" },
  { name: "create_list", route: "put /api/lists/{list}" },
  { name: "rename_list", route: "patch /api/lists/{list}" },
  { name: "delete_list", route: "delete /api/lists/{list}" },
  { name: "add_to_list", route: "put /api/lists/{list}/papers/{id}" },
  { name: "remove_from_list", route: "delete /api/lists/{list}/papers/{id}" },
  { name: "note", route: "put /api/papers/{id}/note" },
  { name: "add_identifiers", route: "post /api/add" },
  { name: "remove", route: "delete /api/papers/{id}" },
  { name: "imports", route: "get /api/imports" },
  { name: "undo", route: "post /api/imports/{import}/undo" },
  { name: "status", route: "get /api/status" },
];

/** Schemas that hand-written methods answer with. */
const ALSO = ["ImportReport"];

/** Answers that are pages of something: what they are pages of. */
const PAGES: Record<string, { of: string; field: string }> = {
  Answer: { of: "Hit", field: "hits" },
  BrowseAnswer: { of: "Paper", field: "papers" },
};

type Schema = {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  required?: string[];
  default?: unknown;
  description?: string;
};
type Parameter = { name: string; in: "path" | "query"; required: boolean; description?: string; schema: Schema };
type Operation = {
  summary: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
};

const KEYWORDS = new Set(
  "class def del except for from global if import in is lambda not or pass return with".split(" "),
);

/** The Python name of a field: `addedAfter` is `added_after`, and `from` is `from_`. */
const nameOf = (field: string): string => {
  const name = field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return KEYWORDS.has(name) ? `${name}_` : name;
};

const PLAIN: Record<string, string> = { string: "str", integer: "int", number: "float", boolean: "bool", null: "None" };
const union = (types: readonly string[]): string => [...new Set(types)].join(" | ");
const literal = (values: readonly unknown[]): string =>
  `Literal[${values.map((value) => JSON.stringify(value)).join(", ")}]`;
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const singular = (text: string): string => text.replace(/s$/, "");

/** Writes dataclasses for the objects of answers, each once, in an order in which each is defined before it is used. */
class Answers {
  readonly written = new Map<string, string>();

  constructor(private readonly schemas: Record<string, Schema>) {}

  /** @param name What an object that has no name in the document is called. */
  typeOf(schema: Schema, name: string): string {
    const { $ref, type, items, properties, additionalProperties, anyOf } = schema;
    if ($ref !== undefined) {
      const referred = $ref.split("/").at(-1)!;
      return this.typeOf(this.schemas[referred]!, referred);
    }
    if (anyOf !== undefined) {
      const objects = anyOf.filter((one) => one.properties !== undefined);
      // One class for several kinds of objects: each has some of its fields.
      const whole: Schema = {
        properties: Object.assign({}, ...objects.map((one) => one.properties)) as Record<string, Schema>,
      };
      if (objects.length > 1) return this.typeOf(whole, name);
      return union(anyOf.map((one) => this.typeOf(one, name)));
    }
    if (schema.enum !== undefined) return literal(schema.enum);
    if (schema.const !== undefined) return literal([schema.const]);
    if (Array.isArray(type)) return union(type.map((one) => this.typeOf({ ...schema, type: one }, name)));
    if (type === "array") return `list[${this.typeOf(items ?? {}, singular(name))}]`;
    if (properties !== undefined) return this.define(name, schema);
    if (type === "object" && typeof additionalProperties === "object")
      return `dict[str, ${this.typeOf(additionalProperties, name)}]`;
    return PLAIN[type ?? ""] ?? "Any";
  }

  private define(name: string, { properties = {}, required = [] }: Schema): string {
    if (this.written.has(name)) return name;
    const page = PAGES[name];
    const fields = Object.entries(properties).map(([field, schema]) => {
      const type = this.typeOf(schema, `${name}${capital(field)}`);
      const optional = !required.includes(field);
      const help = schema.description === undefined ? "" : `\n${docstring([schema.description], 4)}`;
      return `    ${nameOf(field)}: ${optional ? `${union([...type.split(" | "), "None"])} = None` : type}${help}`;
    });
    const items =
      page && `\n    @property\n    def _items(self) -> list[${page.of}]:\n        return self.${page.field}\n`;
    this.written.set(
      name,
      `@dataclass(kw_only=True, slots=True${page ? ", repr=False" : ""})\n` +
        `class ${name}${page ? `(Page["${page.of}"])` : ""}:\n${fields.join("\n")}\n${items ?? ""}`,
    );
    return name;
  }
}

/** The type of a value that a caller passes: one value stands for a list of it. */
function inputType({ type, items, enum: values, anyOf }: Schema): string {
  if (values !== undefined) return literal(values);
  if (anyOf !== undefined) return union(anyOf.map(inputType));
  if (type === "array") {
    const one = inputType(items ?? {});
    return union([...one.split(" | "), `Sequence[${one}]`]);
  }
  if (type === "object") return "Mapping[str, Any]";
  return PLAIN[String(type)] ?? "Any";
}

const python = (value: unknown): string =>
  value === true ? "True" : value === false ? "False" : Array.isArray(value) ? "()" : JSON.stringify(value);

type Argument = Omit<Parameter, "in"> & { in: "path" | "query" | "body" };

/** The text of a method, for `Kindred` or for `AsyncKindred`. */
function methodOf(
  { name, route, unnamed = [] }: Method,
  operation: Operation,
  answer: string,
  isAsync: boolean,
): string {
  const body = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  const all: Argument[] = [
    ...(operation.parameters ?? []),
    ...Object.entries(body?.properties ?? {}).map(([field, schema]): Argument => {
      const help = schema.description === undefined ? {} : { description: schema.description };
      return { name: field, in: "body", required: body?.required?.includes(field) ?? false, ...help, schema };
    }),
  ];
  const first = all.filter((one) => one.required || unnamed.includes(one.name));
  const args = [...first, ...all.filter((one) => !first.includes(one))];
  const declared = args.map(({ name: field, in: where, required, schema }) => {
    const type = where === "path" && field === "import" ? "int" : inputType(schema);
    if (required) return `${nameOf(field)}: ${type}`;
    return schema.default === undefined
      ? `${nameOf(field)}: ${type} | None = None`
      : `${nameOf(field)}: ${type} = ${python(schema.default)}`;
  });
  if (args.length > first.length) declared.splice(first.length, 0, "*");
  const inline = `self${declared.map((one) => `, ${one}`).join("")}`;
  const signature =
    inline.length < 90 ? inline : `\n        self,\n${declared.map((one) => `        ${one},\n`).join("")}    `;
  const [method = "", path = ""] = route.split(" ");
  const filled = path
    .replace("/api/", "")
    .replaceAll(/\{(\w+)\}/g, (_, field: string) => `{segment(${nameOf(field)})}`);
  const sent = (where: Argument["in"]): string => {
    const fields = all.filter((one) => one.in === where);
    if (fields.length === 0) return "";
    const written = fields.map(({ name: field, schema }) => {
      const value = schema.type === "array" ? `many(${nameOf(field)})` : nameOf(field);
      return `                ${JSON.stringify(field)}: ${value},\n`;
    });
    return `            ${where}={\n${written.join("")}            },\n`;
  };
  const help = args.flatMap(({ name: field, in: where, description }) =>
    description === undefined || where === "path" ? [] : [`    ${nameOf(field)}: ${description}`],
  );
  const summary = `${operation.summary.replace("; for long queries", "")}.`;
  const more = isAsync ? [`Its arguments are those of \`Kindred.${name}\`.`] : ["Args:", ...help];
  return (
    `    ${isAsync ? "async " : ""}def ${name}(${signature}) -> ${answer}:\n` +
    `${docstring(help.length > 0 ? [summary, "", ...more] : [summary], 8)}\n` +
    `        return ${isAsync ? "await " : ""}self._ask(\n` +
    `            ${readerOf(answer)},\n            "${method.toUpperCase()}",\n            ${filled.includes("{") ? "f" : ""}"${filled}",\n` +
    `${sent("query")}${sent("body")}        )\n`
  );
}

const readerOf = (answer: string): string =>
  answer === "None" ? "nothing" : answer === "str" ? "text" : `reads(${answer})`;

const WIDTH = 100;

/** A docstring. A line that is too long goes on in the next, indented like it and a little more. */
function docstring(lines: readonly string[], indent: number): string {
  const pad = " ".repeat(indent);
  const wrapped = lines.flatMap((line) => {
    const own = /^ */.exec(line)![0];
    const rows: string[] = [];
    let row = own;
    for (const word of line.trim().split(" ")) {
      if (row.trim() !== "" && indent + row.length + 1 + word.length > WIDTH) {
        rows.push(row);
        row = own === "" ? word : `${own}    ${word}`;
      } else row += row.trim() === "" ? word : ` ${word}`;
    }
    return [...rows, row];
  });
  const text = wrapped
    .map((line) => (line.trim() === "" ? "" : pad + line))
    .join("\n")
    .trimStart();
  return `${pad}"""${text.replaceAll("\\", "\\\\")}${wrapped.length > 1 ? `\n${pad}` : ""}"""`;
}

/** The text of `_generated.py`. */
export function pythonClient({ paths, components }: ReturnType<typeof openApi>): string {
  const answers = new Answers((components as { schemas: Record<string, Schema> }).schemas);
  const methods = METHODS.map((method) => {
    const [verb = "", path = ""] = method.route.split(" ");
    const operation = paths[path]?.[verb] as Operation | undefined;
    if (operation === undefined) throw new Error(`the OpenAPI document has no ${method.route}`);
    const content = operation.responses["200"]?.content;
    const json = content?.["application/json"]?.schema;
    const answer =
      content === undefined ? "None" : json === undefined ? "str" : answers.typeOf(json, capital(method.name));
    return { method, operation, answer };
  });
  for (const name of ALSO) answers.typeOf({ $ref: `#/${name}` }, name);
  const classOf = (isAsync: boolean): string =>
    `class ${isAsync ? "Async" : ""}Operations:\n` +
    `    ${isAsync ? "async " : ""}def _ask(self, read: Reader[T], method: str, path: str, *, query: Fields = None, body: Fields = None) -> T:\n` +
    `        raise NotImplementedError\n\n` +
    methods.map(({ method, operation, answer }) => methodOf(method, operation, answer, isAsync)).join("\n");
  return `# Written by scripts/build/python-client.ts from the OpenAPI document of the server. Do not edit.
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Mapping, Sequence, TypeVar

from ._reading import Fields, Reader, many, nothing, reads, segment, text
from ._results import Page

T = TypeVar("T")

__all__ = [
${[...answers.written.keys()].map((name) => `    "${name}",\n`).join("")}]


${[...answers.written.values()].join("\n\n")}

${classOf(false)}

${classOf(true)}`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(GENERATED, pythonClient(openApi()));
