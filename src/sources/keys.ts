/** Keys of services: from the environment, or from a file that it names. They are stored nowhere. */
import { readFileSync } from "node:fs";
import { KindredError } from "../core/errors.js";
import type { KindName } from "./kinds.js";

/** `KINDRED_OPENALEX_KEY`, and the variable that names a file with it. */
export const variablesOf = (kind: KindName): [key: string, file: string] => {
  const name = `KINDRED_${kind.toUpperCase().replaceAll("-", "_")}_KEY`;
  return [name, `${name}_FILE`];
};

/**
 * The key for a kind of source; undefined if there is none.
 *
 * @throws KindredError `invalid` if the file cannot be read, or the key has characters that no header may have.
 */
export function keyOf(kind: KindName, environment: NodeJS.ProcessEnv): string | undefined {
  const [variable, fileVariable] = variablesOf(kind);
  const file = environment[fileVariable];
  let key = environment[variable];
  if (key === undefined && file !== undefined) {
    try {
      key = readFileSync(file, "utf8");
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? "";
      throw new KindredError("invalid", `the file that ${fileVariable} names cannot be read (${code}): ${file}`, {
        cause,
      });
    }
  }
  // An empty key is refused where none would be accepted.
  const plain = key?.trim();
  if (plain === undefined || plain === "") return undefined;
  if (!/^[\x21-\x7e]{1,1000}$/.test(plain))
    throw new KindredError(
      "invalid",
      `${variable} is not a key: it has spaces, line breaks or other signs, or is too long`,
    );
  return plain;
}
