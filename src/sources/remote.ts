/** What a source may do that was added over the network: neither read files of this machine, nor reach private addresses. */
import { z } from "zod";
import { KindredError } from "../core/errors.js";
import type { SourceKindsAnswer } from "../operations/sources.js";
import { isLocalHost } from "./addresses.js";
import { KINDS, type KindName } from "./kinds.js";

/** Options that lead to this machine or a private network, and those that hold an address. */
const LOCAL = ["private", "local"];
const ADDRESSES = ["baseUrl", "url"];

/** The kinds that may be added, with the JSON Schema of their options. @param local Whether a person at this machine asks. */
export function kindsFor(local: boolean): SourceKindsAnswer["kinds"] {
  return Object.values(KINDS)
    .filter(({ name }) => local || name !== "folder")
    .map(({ name, summary, options }) => {
      const { $schema: _, ...schema } = z.toJSONSchema(options as z.ZodType, { io: "input", unrepresentable: "any" });
      const fields = Object.entries(schema.properties ?? {}).filter(([field]) => local || !LOCAL.includes(field));
      return { name, summary, options: { ...schema, properties: Object.fromEntries(fields) } };
    });
}

/**
 * Refuses a source that reads files of this machine or connects to a private address. A public name that points to a private
 * address is refused when a connection is made.
 *
 * @param options Already validated.
 * @throws KindredError `invalid` that says to use the command line.
 */
export function refuseLocal(kind: KindName, options: Record<string, unknown>): void {
  const refuse = (parameter: string, why: string): never => {
    throw new KindredError(
      "invalid",
      `${parameter}: ${why}, which only a person at this machine may ask for: ` +
        `use "kindred source add ${kind}" on the command line there`,
      { parameter },
    );
  };
  if (kind === "folder") refuse("kind", "a folder is read from the disk of this machine");
  for (const option of LOCAL)
    if (options[option] === true) refuse(option, "it leads to this machine or to a private network");
  for (const option of ADDRESSES) {
    const address = options[option];
    if (typeof address !== "string") continue;
    if (!URL.canParse(address)) refuse(option, "it is no address that can be checked");
    if (isLocalHost(new URL(address).hostname)) refuse(option, "it is on this machine or a private network");
  }
}
