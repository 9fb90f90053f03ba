/** Commands for whom the permissions of files count. */
import { spawnSync } from "node:child_process";

/**
 * What to put before a command so that it may write only what its user may. Root may write whatever the permissions say, so
 * that is taken away from it; it can still reach this clone, wherever that lies, as another user could not.
 *
 * @returns null where that is not possible here.
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
