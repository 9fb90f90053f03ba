/** The report of an import: rejected records, remarks, and ignored fields. */
import { useEffect, useMemo } from "preact/hooks";
import type { ImportReport } from "../../api.js";
import { groupsOf, linesInWords, listOf } from "./import-problems.js";
import { count, number } from "../ui/wording.js";

/** Reasons shown; the list that can be saved has all. */
const SHOWN = 100;
/** Up to this many are shown unfolded. */
const FEW = 3;

export function Report({ name, report }: { name: string; report: ImportReport }) {
  const ignored = Object.keys(report.ignored);
  return (
    <>
      <Reports
        title={`${count(report.rejected, "record could", "records could")} not be imported`}
        file={`${name} problems.txt`}
        reports={report.problems}
        total={report.rejected}
      />
      <Reports
        title={`${count(report.remarked, "paper was", "papers were")} imported with changes`}
        file={`${name} remarks.txt`}
        reports={report.remarks}
        total={report.remarked}
      />
      {ignored.length > 0 && (
        <p class="quiet">
          Ignored fields: <bdi>{ignored.join(", ")}</bdi>
        </p>
      )}
    </>
  );
}

interface ReportsProps {
  title: string;
  file: string;
  reports: ImportReport["problems"];
  total: number;
}

function Reports({ title, file, reports, total }: ReportsProps) {
  const groups = useMemo(() => groupsOf(reports), [reports]);
  if (reports.length === 0) return null;
  const hidden = groups.length - SHOWN;
  return (
    <details class="problems" open={groups.length <= FEW}>
      <summary>{title}</summary>
      <ol tabIndex={0} aria-label={title}>
        {groups.slice(0, SHOWN).map(({ reason, lines }) => (
          <li key={reason}>
            <span>{linesInWords(lines)}</span> {reason}
          </li>
        ))}
      </ol>
      {hidden > 0 && <p class="quiet">and {count(hidden, "other reason")}</p>}
      {total > reports.length && <p class="quiet">and {number(total - reports.length)} more, not listed</p>}
      {reports.length > FEW && <SaveLink file={file} reports={reports} total={total} />}
    </details>
  );
}

function SaveLink({ file, reports, total }: Omit<ReportsProps, "title">) {
  const href = useMemo(
    () => URL.createObjectURL(new Blob([listOf(reports, total)], { type: "text/plain" })),
    [reports, total],
  );
  useEffect(() => () => URL.revokeObjectURL(href), [href]);
  return (
    <p>
      <a href={href} download={file}>
        Save the list
      </a>
    </p>
  );
}
