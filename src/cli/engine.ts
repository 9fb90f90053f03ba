/** Where the papers are: in the folder, or in an OpenSearch cluster that options or the environment name. */
import { readFileSync } from "node:fs";
import { Option, type Command } from "commander";
import { KindredError, messageOf } from "../core/errors.js";
import { openSearch, type EngineOption } from "../kindred.js";

const ENGINES = ["embedded", "opensearch"] as const;

/** Commands that are only about a folder. */
const WITHOUT = new Set(["key", "backup", "restore"]);

/** Gives commands that open papers the options that say where these are. */
export function withEngines(program: Command): void {
  for (const command of program.commands) if (!WITHOUT.has(command.name())) withEngine(command);
  program.hook("preAction", (_, command) => {
    const { engine, opensearch } = command.opts<{ engine?: string; opensearch?: string }>();
    if (engine !== undefined) process.env["KINDRED_ENGINE"] = engine;
    if (opensearch !== undefined) process.env["KINDRED_OPENSEARCH"] = opensearch;
    if (opensearch !== undefined && engine === undefined) process.env["KINDRED_ENGINE"] = "opensearch";
  });
}

function withEngine(command: Command): void {
  for (const part of command.commands) withEngine(part);
  if (!command.options.some(({ long }) => long === "--directory")) return;
  command
    .addOption(new Option("--engine <engine>", "what holds the papers (KINDRED_ENGINE)").choices(ENGINES))
    .addOption(
      new Option(
        "--opensearch <addresses>",
        "nodes of the OpenSearch cluster that holds the papers, separated by commas (KINDRED_OPENSEARCH)",
      ),
    );
}

/** @throws KindredError `invalid` where the papers are in a cluster. */
export function expectFolder(command: string): void {
  if (engineFrom(process.env) !== undefined)
    throw new KindredError(
      "invalid",
      `${command} is about a folder, but the papers are in an OpenSearch cluster: use its snapshots, or "kindred copy" to and from a folder`,
    );
}

/**
 * The engine that the environment names; undefined for the folder.
 *
 * @throws KindredError `invalid` when the settings are wrong. The message contains no password.
 */
export function engineFrom(environment: NodeJS.ProcessEnv): EngineOption | undefined {
  const addresses = environment["KINDRED_OPENSEARCH"]?.trim() ?? "";
  const engine = environment["KINDRED_ENGINE"]?.trim() || (addresses === "" ? "embedded" : "opensearch");
  if (engine === "embedded") return undefined;
  if (engine !== "opensearch")
    throw new KindredError(
      "invalid",
      `KINDRED_ENGINE: got "${engine.slice(0, 100)}", expected ${ENGINES.join(" or ")}`,
    );
  if (addresses === "")
    throw new KindredError(
      "invalid",
      "engine: opensearch needs the addresses of the cluster, with --opensearch or KINDRED_OPENSEARCH: https://user@host:9200",
    );
  const password = passwordFrom(environment);
  const number = (name: string) => {
    const given = environment[name]?.trim() ?? "";
    return given === "" ? {} : { [name.split("_").at(-1)!.toLowerCase()]: Number(given) };
  };
  const { KINDRED_OPENSEARCH_CA: ca, KINDRED_OPENSEARCH_PREFIX: prefix } = environment;
  return openSearch({
    urls: addresses.split(",").map((address) => addressWith(address.trim(), password)),
    ...(ca !== undefined && { ca }),
    ...(prefix !== undefined && { prefix }),
    ...number("KINDRED_OPENSEARCH_SHARDS"),
    ...number("KINDRED_OPENSEARCH_REPLICAS"),
  });
}

/**
 * The engine at an address, `opensearch://user@host:9200,other:9200/prefix`; undefined for a folder.
 *
 * @throws KindredError `invalid` when the address is wrong.
 */
export function engineAt(place: string, environment: NodeJS.ProcessEnv): EngineOption | undefined {
  const [, plain, nodes, prefix] = /^opensearch(\+http)?:\/\/([^/]+)(?:\/([^/]*))?$/.exec(place) ?? [];
  if (nodes === undefined) {
    if (/^[a-z+]+:\/\//.test(place))
      throw new KindredError(
        "invalid",
        "got an unknown kind of address, expected a folder or opensearch://user@host:9200/prefix",
      );
    return undefined;
  }
  const scheme = plain === undefined ? "https" : "http";
  return engineFrom({
    ...environment,
    KINDRED_ENGINE: "opensearch",
    KINDRED_OPENSEARCH: nodes
      .split(",")
      .map((node) => `${scheme}://${node}`)
      .join(","),
    ...(prefix !== undefined && prefix !== "" && { KINDRED_OPENSEARCH_PREFIX: prefix }),
  });
}

function passwordFrom(environment: NodeJS.ProcessEnv): string | undefined {
  const file = environment["KINDRED_OPENSEARCH_PASSWORD_FILE"];
  if (file === undefined) return environment["KINDRED_OPENSEARCH_PASSWORD"];
  try {
    return readFileSync(file, "utf8").trim();
  } catch (thrown) {
    throw new KindredError(
      "invalid",
      `KINDRED_OPENSEARCH_PASSWORD_FILE: ${file} could not be read: ${messageOf(thrown)}`,
    );
  }
}

function addressWith(address: string, password: string | undefined): string {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new KindredError(
      "invalid",
      `opensearch: got an address that cannot be read, expected https://user@host:9200, several of them separated by commas`,
    );
  }
  if (password !== undefined && url.password === "") url.password = encodeURIComponent(password);
  return url.href;
}
