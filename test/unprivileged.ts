/** Runs commands for which file permissions apply. */
import { spawnSync } from "node:child_process";

/**
 * A prefix for a command under which file permissions apply. Root ignores permissions, so the prefix drops that capability.
 * It does not switch to another user, who may not be able to read this clone.
 *
 * @returns null if this is not possible here.
 */
export function unprivileged(): string[] | null {
  if (process.getuid?.() !== 0) return [];
  const words = [
    "setpriv",
    "--bounding-set=-dac_override,-dac_read_search",
    "--inh-caps=-dac_override,-dac_read_search",
  ];
  const [command = "", ...rest] = words;
  return spawnSync(command, [...rest, "true"]).status === 0 ? words : null;
}
