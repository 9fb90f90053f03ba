/** What came of an import beside papers: records that were no papers, remarks, fields nothing was done with. */
import { useEffect, useMemo } from "preact/hooks";
import type { ImportReport } from "../../api.js";
import { groupsOf, linesInWords, listOf } from "./import-problems.js";
import { count, number } from "../ui/wording.js";

/** Reasons that are shown; more are in the list that can be saved. */
const SHOWN = 100;
/** Up to so many are shown without being asked for. */
const FEW = 3;

export function Report({ name, report }: { name: string; report: ImportReport }) {
  const ignored = Object.keys(report.ignored);
  return (
    <>
      <Told
        title={`${count(report.rejected, "record could", "records could")} not be imported`}
        file={`${name} problems.txt`}
        told={report.problems}
        total={report.rejected}
      />
      <Told
        title={`${count(report.remarked, "paper was", "papers were")} imported, but not just as given`}
        file={`${name} remarks.txt`}
        told={report.remarks}
        total={report.remarked}
      />
      {ignored.length > 0 && (
        <p class="quiet">
          Fields nothing was done with: <bdi>{ignored.join(", ")}</bdi>
        </p>
      )}
    </>
  );
}

interface ToldProps {
  title: string;
  file: string;
  told: ImportReport["problems"];
  total: number;
}

function Told({ title, file, told, total }: ToldProps) {
  const groups = useMemo(() => groupsOf(told), [told]);
  if (told.length === 0) return null;
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
      {total > told.length && <p class="quiet">and {number(total - told.length)} more, only counted</p>}
      {told.length > FEW && <SaveLink file={file} told={told} total={total} />}
    </details>
  );
}

function SaveLink({ file, told, total }: Omit<ToldProps, "title">) {
  const href = useMemo(
    () => URL.createObjectURL(new Blob([listOf(told, total)], { type: "text/plain" })),
    [told, total],
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
