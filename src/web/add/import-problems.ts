/** Groups the problems of an import: each reason once, with its lines. */
import type { ImportReport } from "../../api.js";
import { number } from "../ui/wording.js";

type Report = ImportReport["problems"][number];

export interface Group {
  reason: string;
  lines: readonly number[];
}

/** In the order of their first lines. */
export function groupsOf(reports: readonly Report[]): Group[] {
  const groups = new Map<string, number[]>();
  for (const { reason, line } of reports) {
    const lines = groups.get(reason);
    if (lines === undefined) groups.set(reason, [line]);
    else lines.push(line);
  }
  return [...groups].map(([reason, lines]) => ({ reason, lines }));
}

/** Lines that are named in one group. */
const NAMED = 12;

/** `Line 2`; `Lines 2, 5 and 9`; `Lines 2, 5, 9 and 37 more`. */
export function linesInWords(lines: readonly number[]): string {
  const named = lines.slice(0, NAMED).map(number);
  const more = lines.length - named.length;
  const last = more > 0 ? `${number(more)} more` : named.pop();
  return named.length === 0 ? `Line ${last}` : `Lines ${named.join(", ")} and ${last}`;
}

/** The reports as text, one a line, as compilers write them, and the number of those that are missing. */
export function listOf(reports: readonly Report[], total: number): string {
  const lines = reports.map(({ file, line, reason }) => `${file}:${line}: ${reason.replaceAll(/\s+/g, " ")}\n`);
  return lines.join("") + (total > reports.length ? `and ${number(total - reports.length)} more\n` : "");
}
