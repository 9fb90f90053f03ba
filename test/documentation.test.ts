/**
 * The documents match the code: every command, option, environment variable, route, parameter, limit and metric is
 * documented, and every file, link and npm script that a document names exists. The lists come from the code.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { describe, test } from "node:test";
import type { Command } from "commander";
import { EXIT } from "../src/cli/exit.js";
import { commandLine } from "../src/cli/program.js";
import { LIMITS } from "../src/core/paper.js";
import { ROOT } from "../src/core/root.js";
import { lanes } from "../src/server/lanes.js";
import { openApi } from "../src/server/openapi.js";

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** All files below a folder, as paths from the root with forward slashes. */
const filesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesIn(path);
    return [path];
  });

const topLevel = readdirSync(ROOT);
const SOURCES = [...filesIn("src"), ...filesIn("scripts"), ...filesIn("test")];
const DOCUMENTS = [
  ...topLevel.filter((name) => name.endsWith(".md")),
  ...filesIn("docs").filter((path) => path.endsWith(".md")),
  "models/README.md",
  "index/README.md",
];
/** Left out of checks for names, because past versions had other files and scripts. */
const CURRENT = DOCUMENTS.filter((path) => path !== "CHANGELOG.md");
const ALL_TEXT = CURRENT.map(read).join("\n");

/** Fails with everything that is missing, and where it belongs. */
const complete = (missing: readonly string[], where: string): void =>
  assert.equal(missing.length, 0, `not documented; write it in ${where}:\n  ${missing.join("\n  ")}`);

/** Sections of a document: a heading and the text up to the next heading of the same or a higher level. */
function sectionsOf(path: string): { heading: string; text: string }[] {
  const text = read(path);
  const headings = [...text.matchAll(/^(#+) (.+)$/gm)];
  return headings.map((match, i) => {
    const next = headings.slice(i + 1).find((other) => other[1]!.length <= match[1]!.length);
    return { heading: match[2]!, text: text.slice(match.index, next?.index) };
  });
}

/** Rows of all tables in the given documents. */
const rowsOf = (...paths: string[]): string[] =>
  paths.flatMap((path) =>
    read(path)
      .split("\n")
      .filter((line) => line.startsWith("|")),
  );

/** The ways to write a number, a size in bytes or a time in milliseconds in a document. */
function spellingsOf(value: number | string, name: string): string[] {
  if (typeof value === "string")
    return [
      value,
      value.replace(/^(\d+)([kmg]b)$/i, (_, n, unit: string) => `${n} ${unit === "kb" ? "kB" : unit.toUpperCase()}`),
    ];
  const units: [number, string[]][] = name.endsWith("_TIMEOUT")
    ? [
        [3_600_000, ["hours", "h"]],
        [60_000, ["minutes", "minute", "min"]],
        [1_000, ["seconds", "second", "s"]],
      ]
    : [
        [1024 ** 3, ["GB", "GiB"]],
        [1024 ** 2, ["MB", "MiB"]],
        [1024, ["kB", "KiB"]],
      ];
  return [
    value.toLocaleString("en-US"),
    String(value),
    ...units.flatMap(([size, names]) =>
      value >= size && value % size === 0 ? names.map((unit) => `${value / size} ${unit}`) : [],
    ),
  ];
}

/** Whether a text contains a value, not only as part of a longer number. */
const holds = (text: string, value: number | string, name = ""): boolean =>
  spellingsOf(value, name).some((spelling) =>
    new RegExp(
      String.raw`(?<![\d,.])${spelling.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}(?!\w|[,.]\d)`,
      "i",
    ).test(text),
  );

describe("the command line is documented in docs/cli.md", () => {
  const sections = sectionsOf("docs/cli.md");
  const leaves = (command: Command, path: string): [string, Command][] =>
    command.commands.length === 0
      ? [[path, command]]
      : command.commands.flatMap((one) => leaves(one, `${path} ${one.name()}`));
  const commands = leaves(commandLine(), "kindred");

  test("every command has a section", () => {
    const missing = commands.map(([path]) => path).filter((path) => !sections.some(({ heading }) => heading === path));
    complete(
      missing.map((path) => `## ${path}`),
      "docs/cli.md",
    );
  });

  test("every option is in its command's section, or in one whose heading names the command", () => {
    const missing = commands.flatMap(([path, command]) => {
      const words = path.split(" ").slice(1);
      // A section about `source add` is about all of its kinds.
      const named = words.map((_, i) => words.slice(0, i + 1).join(" ")).slice(Math.min(1, words.length - 1));
      const names = new RegExp(String.raw`\b(?:${named.join("|")}|all commands)\b`, "i");
      const own = sections.filter(({ heading }) => names.test(heading)).map(({ text }) => text);
      const rows = own.flatMap((text) => text.split("\n").filter((line) => line.startsWith("|")));
      return command.options.flatMap((option) => {
        const row = rows.find((line) => line.includes(`\`${option.flags}\``));
        if (row === undefined) return [`${path}: a row for \`${option.flags}\``];
        const said = [...(option.argChoices ?? []), ...(option.envVar === undefined ? [] : [option.envVar])];
        const standard = option.defaultValue as unknown;
        if (typeof standard === "string" || typeof standard === "number") said.push(String(standard));
        return said
          .filter((word) => !row.includes(word))
          .map((word) => `${path}: ${word} in the row of ${option.long}`);
      });
    });
    complete([...new Set(missing)], "docs/cli.md");
  });

  test("no section or row is about a command or option that does not exist", () => {
    const paths = commands.map(([path]) => path);
    const flags = new Set(commands.flatMap(([, command]) => command.options.map((option) => option.flags)));
    const gone = [
      ...sections
        .map(({ heading }) => heading)
        .filter((heading) => heading.startsWith("kindred ") && !paths.includes(heading)),
      ...rowsOf("docs/cli.md").flatMap((row) => {
        const named = /^\| `(-[^`]+)` \|/.exec(row)?.[1];
        return named === undefined || flags.has(named) ? [] : [named];
      }),
    ];
    assert.deepEqual(gone, [], "remove these from docs/cli.md");
  });

  test("commands in examples exist and have the options used", () => {
    const wrong = CURRENT.flatMap((path) =>
      [...read(path).matchAll(/(?:^|`)(?:npx )?(kindred [a-z][^\n`#]*)/gm)].flatMap(([, line]) => {
        // Text in quotes is a query or a name.
        const words = line!
          .replaceAll(/"[^"]*"|'[^']*'/g, "TEXT")
          .trim()
          .split(/\s+/);
        const found = commands.find(([name]) => name.split(" ").every((word, i) => words[i] === word));
        if (found === undefined) return [`${path}: ${line}`];
        const known = found[1].options.flatMap(({ long, short }) => [long, short]);
        return words
          .filter((word) => /^-{1,2}[a-z]/.test(word))
          .filter((word) => !known.includes(word.replace(/[,.;:]$/, "")))
          .map((word) => `${path}: ${word} in ${line}`);
      }),
    );
    assert.deepEqual(wrong, []);
  });

  test("every exit code has a row", () => {
    const rows = sections.find(({ heading }) => heading === "Exit codes")?.text ?? "";
    complete(
      Object.entries(EXIT).flatMap(([name, code]) => (rows.includes(`| ${code} |`) ? [] : [`| ${code} | (${name})`])),
      "docs/cli.md, Exit codes",
    );
  });
});

test("every environment variable that the code reads is documented", () => {
  const variables = SOURCES.filter((path) => /\.(ts|mjs)$/.test(path)).flatMap((path) =>
    [...read(path).matchAll(/process\.env(?:\.([A-Z_]+)\b|\["([A-Z_]+)"\])(?! =)|\.env\("([A-Z_]+)"\)/g)].map(
      ([, one, two, three]) => (one ?? two ?? three)!,
    ),
  );
  assert.ok(variables.includes("KINDRED_PORT"), "the search for variables finds what is known to be there");
  complete(
    [...new Set(variables)].filter((name) => !ALL_TEXT.includes(`\`${name}`) && !ALL_TEXT.includes(`${name}=`)),
    "docs/cli.md where users set it, in CONTRIBUTING.md where developers do",
  );
});

describe("the HTTP API is documented in docs/api.md", () => {
  type Schema = {
    properties?: Record<string, Schema>;
    items?: Schema;
    anyOf?: Schema[];
    enum?: unknown[];
    maxLength?: number;
    maxItems?: number;
    maximum?: number;
  };
  type Operation = {
    parameters?: { name: string; in: string; schema: Schema }[];
    requestBody?: { content: Record<string, { schema: Schema }> };
  };
  const { paths } = openApi();
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation: operation as Operation })),
  );
  const text = read("docs/api.md");

  test("every route", () => {
    complete(
      operations
        .map(({ path, method }) => `\`${method.toUpperCase()} ${path}\``)
        .filter((route) => !text.includes(route)),
      "docs/api.md, Routes",
    );
  });

  test("no route that does not exist", () => {
    const routes = operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`);
    const named = CURRENT.flatMap((path) =>
      [...read(path).matchAll(/`((?:GET|POST|PUT|PATCH|DELETE) \/[^`\s?]*)`/g)].map(([, route]) => ({
        path,
        route: route!,
      })),
    );
    assert.deepEqual(
      named.filter(({ route }) => !routes.includes(route)).map(({ path, route }) => `${path}: ${route}`),
      [],
    );
  });

  test("every parameter, with its maximum size and its values, and none that does not exist", () => {
    const known = new Map<string, Set<string | number>>();
    const note = (name: string, schema: Schema): void => {
      const limits = known.get(name) ?? known.set(name, new Set()).get(name)!;
      const walk = ({ maxLength, maxItems, maximum, enum: values, items, anyOf }: Schema): void => {
        for (const limit of [maxLength, maxItems, maximum])
          if (limit !== undefined && limit < Number.MAX_SAFE_INTEGER) limits.add(limit);
        for (const value of values ?? []) limits.add(String(value));
        if (items !== undefined) walk(items);
        anyOf?.forEach(walk);
      };
      walk(schema);
    };
    for (const { operation } of operations) {
      for (const parameter of operation.parameters ?? [])
        if (parameter.in !== "path") note(parameter.name, parameter.schema);
      for (const { schema } of Object.values(operation.requestBody?.content ?? {}))
        for (const [name, property] of Object.entries(schema.properties ?? {})) note(name, property);
    }
    const rows = rowsOf("docs/api.md");
    const missing = [...known].flatMap(([name, limits]) => {
      const row = rows.filter((line) => line.split("|")[1]!.includes(`\`${name}\``)).join("\n");
      if (row === "") return [`a row for \`${name}\``];
      return [...limits].filter((limit) => !holds(row, limit)).map((limit) => `${limit} in the row of \`${name}\``);
    });
    complete(missing, "docs/api.md, Parameters");
    const own = sectionsOf("docs/api.md").find(({ heading }) => heading === "Parameters")?.text ?? "";
    const named = own
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .flatMap((row) => [...row.split("|")[1]!.matchAll(/`([\w-]+)`/g)].map(([, name]) => name!));
    assert.deepEqual(
      named.filter((name) => !known.has(name)),
      [],
      "remove these from docs/api.md, Parameters",
    );
  });

  test("every error code", () => {
    const codes = [...read("src/core/errors.ts").matchAll(/^ {2}\| "([a-z-]+)"/gm)].map(([, code]) => code!);
    assert.ok(codes.length > 5, "src/core/errors.ts lists the codes one a line");
    const rows = rowsOf("docs/api.md");
    complete(
      codes.filter((code) => !rows.some((row) => row.includes(`\`${code}\``))),
      "docs/api.md, Errors",
    );
  });
});

describe("limits are documented", () => {
  /** The document that lists the limits of a room. */
  const WHERE = ["docs/api.md", "docs/import.md", "docs/deploy.md", "docs/sources.md", "docs/alerts.md", "docs/mcp.md"];
  /** Constants that are named like limits but do not concern users: by name, or by file and name. */
  const INTERNAL: Record<string, string> = {
    MAX_LABEL: "the graph's own limit of 4 billion papers",
    MAX_ROUNDS: "how often cleaning is repeated until nothing changes",
    MAX_REREAD: "how much is read again after a broken entry",
    MAX_REREAD_BYTES: "how much is read again after a broken record",
    MAX_OPTION: "how far LaTeX's [option] is looked for",
    MAX_FIELD: "how much of a field is kept for entries that inherit it",
    MAX_NAME: "how long the name of a field may be that leads to a list of records",
    "src/formats/dates.ts MAX_TEXT": "how long a text may be that is read as a date",
  };

  type Limit = { name: string; value: number | string; path: string };
  const numberIn = (expression: string): number =>
    expression.split(/(?<!\*)\*(?!\*)/).reduce((product, factor) => {
      const [base = NaN, power = 1] = factor.split("**").map((part) => Number(part.trim().replaceAll("_", "")));
      return product * base ** power;
    }, 1);
  const limits = SOURCES.filter((path) => /^src\/(?!web\/).*\.ts$/.test(path)).flatMap((path): Limit[] =>
    [...read(path).matchAll(/^(?:export )?const (MAX_[A-Z_]+|[A-Z_]+_TIMEOUT) = ("([^"]*)"|[^;]+);/gm)]
      .map(([, name, expression, quoted]) => ({ name: name!, value: quoted ?? numberIn(expression!), path }))
      .filter(({ name }) => !(name in INTERNAL || `${path} ${name}` in INTERNAL)),
  );
  const rows = rowsOf(...WHERE);

  test("every constant called MAX_... or ..._TIMEOUT has a row with its name and its value", () => {
    assert.ok(limits.length > 20, "the search for limits finds what is known to be there");
    for (const { name, value, path } of limits)
      assert.ok(typeof value === "string" || Number.isFinite(value), `${path}: write ${name} as a plain number`);
    const missing = limits.filter(({ name, value }, i) => {
      // Two files may have a limit of the same name and value; then there must be two rows.
      const before = limits.slice(0, i).filter((other) => other.name === name && other.value === value);
      const documented = rows.filter((row) => row.includes(`\`${name}\``) && holds(row, value, name));
      return documented.length <= before.length;
    });
    complete(
      missing.map(({ name, value, path }) => `\`${name}\` = ${value} (${path})`),
      WHERE.join(" or "),
    );
  });

  test("no row names a limit that does not exist", () => {
    const named = rows.flatMap((row) => [...row.matchAll(/`(MAX_[A-Z_]+|[A-Z_]+_TIMEOUT)`/g)].map(([, name]) => name!));
    assert.deepEqual(
      [...new Set(named)].filter((name) => !limits.some((limit) => limit.name === name)),
      [],
      "remove these from the documents",
    );
  });

  test("the maximum sizes of a record's fields", () => {
    const own = rowsOf("docs/import.md");
    complete(
      Object.entries(LIMITS)
        .filter(([name, value]) => !own.some((row) => row.includes(`\`LIMITS.${name}\``) && holds(row, value)))
        .map(([name, value]) => `\`LIMITS.${name}\` = ${value}`),
      "docs/import.md, Limits",
    );
  });

  test("the server's limits on concurrent work", () => {
    const source = read("src/server/lanes.ts");
    const own = rowsOf("docs/deploy.md");
    const missing = Object.keys(lanes()).flatMap((lane) => {
      const numbers = new RegExp(String.raw`${lane}: new Lane\(\{ atOnce: (\d+), waiting: (\d+)`).exec(source);
      assert.ok(numbers !== null, `src/server/lanes.ts says how much room ${lane} have`);
      const row = own.find((line) => line.split("|")[1]!.trim() === lane) ?? "";
      const cells = row.split("|").map((cell) => cell.trim());
      return numbers.slice(1).every((number) => cells.includes(number))
        ? []
        : [`| ${lane} | ${numbers.slice(1).join(" | ")} |`];
    });
    complete(missing, "docs/deploy.md");
  });
});

test("every metric is documented in docs/deploy.md", () => {
  const names = [...read("src/server/metrics.ts").matchAll(/"(kindred_\w+)"/g)].map(([, name]) => name!);
  assert.ok(names.length > 5, "src/server/metrics.ts names metrics");
  const text = read("docs/deploy.md");
  complete(
    names.filter((name) => !text.includes(`\`${name}\``)),
    "docs/deploy.md, Metrics",
  );
});

describe("what documents name exists", () => {
  /** The anchor that GitHub makes for a heading. */
  const anchorOf = (heading: string): string =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-");

  test("relative links, and the headings they lead to", () => {
    const broken = DOCUMENTS.flatMap((path) =>
      [...read(path).matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)]
        .map(([, inMarkdown, inHtml]) => (inMarkdown ?? inHtml)!)
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => {
          const [file = "", anchor] = target.split("#");
          const resolved = file === "" ? path : join(dirname(path), file);
          if (!existsSync(join(ROOT, resolved))) return true;
          return anchor !== undefined && !sectionsOf(resolved).some(({ heading }) => anchorOf(heading) === anchor);
        })
        .map((target) => `${path}: ${target}`),
    );
    assert.deepEqual(broken, []);
  });

  test("source files, named by their path or its end", () => {
    const files = [
      ...SOURCES,
      ...topLevel.filter((name) => /\.\w+$/.test(name)),
      ...filesIn("docs"),
      ...filesIn("models"),
      ...filesIn("clients"),
    ];
    const folders = new Set(files.flatMap((path) => path.split("/").map((_, i, parts) => parts.slice(0, i).join("/"))));
    const exists = (name: string): boolean =>
      name.endsWith("/")
        ? [...folders].some((folder) => folder === name.slice(0, -1) || folder.endsWith(`/${name.slice(0, -1)}`))
        : files.some((path) => path === name || path.endsWith(`/${name}`));
    const missing = CURRENT.flatMap((path) =>
      [...read(path).matchAll(/`([\w./-]+\.(?:tsx?|mjs|py)|(?:src|scripts|test|docs)\/[\w./-]*)`/g)]
        .map(([, name]) => name!)
        .filter((name) => !exists(name))
        .map((name) => `${path}: ${name}`),
    );
    assert.deepEqual(missing, []);
  });

  test("npm scripts; and every script is named in a document", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = CURRENT.flatMap((path) =>
      [...read(path).matchAll(/\bnpm (?:run ([\w-]+)|(start|test)\b)/g)].map(([, run, short]) => ({
        path,
        name: (run ?? short)!,
      })),
    );
    assert.deepEqual(
      named.filter(({ name }) => !(name in scripts)).map(({ path, name }) => `${path}: npm run ${name}`),
      [],
    );
    complete(
      Object.keys(scripts).filter((script) => !named.some(({ name }) => name === script)),
      "CONTRIBUTING.md, or the page with what it measures",
    );
  });
});

describe("what ARCHITECTURE.md says about imports is true", () => {
  const importsOf = (path: string): string[] =>
    [...read(path).matchAll(/^(?:import|export) (?!type )[^;]*?from "([^"]+)"|\bimport\("([^"]+)"\)/gm)].map(
      ([, fixed, dynamic]) => (fixed ?? dynamic)!,
    );
  const text = read("ARCHITECTURE.md");

  test("the rooms that it says do not import each other do not", () => {
    const [sentence = ""] = /[^.]*do not import each other/.exec(text) ?? [];
    const rooms = [...sentence.matchAll(/`(\w+)`/g)].map(([, room]) => room!);
    assert.ok(rooms.length > 2, "ARCHITECTURE.md names rooms that do not import each other");
    const wrong = rooms.flatMap((room) =>
      filesIn(`src/${room}`).flatMap((path) =>
        importsOf(path)
          .filter((imported) => rooms.some((other) => other !== room && imported.includes(`/${other}/`)))
          .map((imported) => `${path} imports ${imported}`),
      ),
    );
    assert.deepEqual(wrong, []);
  });

  test("no room imports, directly or through others, a room that imports it", () => {
    const rooms = new Map<string, Set<string>>();
    for (const path of SOURCES.filter((file) => /^src\/\w+\/.*\.tsx?$/.test(file))) {
      const room = path.split("/")[1]!;
      const imported = [...read(path).matchAll(/from "(\.[^"]+)"|new URL\("(\.[^"]+)"/g)].flatMap(([, one, other]) => {
        const parts = join(dirname(path), (one ?? other)!).split(sep);
        return parts.length > 2 && parts[1] !== room ? [parts[1]!] : [];
      });
      rooms.set(room, new Set([...(rooms.get(room) ?? []), ...imported]));
    }
    assert.ok(rooms.get("questions")!.has("ranking"), "imports are found");
    for (let lowest: string | undefined; rooms.size > 0;) {
      lowest = [...rooms.keys()].find((room) => rooms.get(room)!.size === 0);
      assert.ok(lowest !== undefined, `these rooms import each other: ${[...rooms.keys()].join(", ")}`);
      rooms.delete(lowest);
      for (const others of rooms.values()) others.delete(lowest);
    }
  });

  test("each large dependency is imported only by the file that it names", () => {
    const sources = SOURCES.filter((path) => /^src\/.*\.tsx?$/.test(path));
    for (const name of [
      "@modelcontextprotocol/server",
      "@xenova/transformers",
      "hnswlib-node",
      "better-sqlite3",
      "express",
      "nodemailer",
      "pino",
      "prom-client",
      "undici",
    ]) {
      const importers = sources.filter((path) =>
        importsOf(path).some((one) => one === name || one.startsWith(`${name}/`)),
      );
      assert.equal(importers.length, 1, `${name} is imported by ${importers.join(", ")}`);
      assert.ok(text.includes(`\`${importers[0]!.slice("src/".length)}\``), `ARCHITECTURE.md names ${importers[0]}`);
    }
  });
});
