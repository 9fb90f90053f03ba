/** The state of each import, and the target for dragged files, which is the whole page. */
import type { Status } from "../../api.js";
import { Report } from "./report.js";
import { Undo } from "./undo.js";
import { failureInWords, type Import, type Imports, summaryOf } from "./use-imports.js";
import type { Undos } from "./use-undos.js";
import { count } from "../ui/wording.js";

/** An import that the server is reading. */
type Reading = Status["importing"][number];

interface ImportPanelProps {
  imports: Imports;
  /** Whether files are being dragged over the page. */
  over: boolean;
  undos: Undos;
  importing: readonly Reading[];
  /** Shows the imports that can be undone. */
  onEarlier: () => void;
}

export function ImportPanel({ imports, over, undos, importing, onEarlier }: ImportPanelProps) {
  return (
    <>
      {/* A live region of its own: when an import ends, the list that is fetched again announces its length. */}
      <p class="unseen" role="status">
        {imports.said}
      </p>
      {over && (
        <div class="drop" aria-hidden="true">
          <p>Drop to import</p>
        </div>
      )}
      {imports.list.length > 0 && (
        <section class="imports" aria-label="Imports">
          <ul>
            {imports.list.map((one) => (
              <li key={one.key}>
                <ImportLine
                  one={one}
                  imports={imports}
                  undos={undos}
                  read={importing.find(({ name }) => name === one.file.name)?.papers ?? 0}
                  onEarlier={onEarlier}
                />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

interface ImportLineProps extends Pick<ImportPanelProps, "imports" | "undos" | "onEarlier"> {
  one: Import;
  /** Papers that the server has read from the file. */
  read: number;
}

function ImportLine({ one, imports, undos, read, onEarlier }: ImportLineProps) {
  const { key, file, stage } = one;
  const { name } = file;
  const report = stage.at === "done" ? stage.report : null;
  return (
    <div class="import">
      <p class="headline">
        <span class="said">
          <b>
            <bdi>{name}</bdi>
          </b>{" "}
          <span>{wordsOf(one, read)}</span>
          {report !== null && report.import !== null && report.added + report.updated > 0 && (
            <Undo number={report.import} name={name} papers={report.added + report.updated} undos={undos} />
          )}
          {stage.at === "failed" && stage.partly && (
            <>
              <button type="button" class="link" onClick={() => imports.again(key)} aria-label={`Send again: ${name}`}>
                Send again
              </button>
              <button type="button" class="link" onClick={onEarlier}>
                Earlier imports
              </button>
            </>
          )}
        </span>
        {stage.at === "sending" ? (
          <button type="button" class="link" onClick={() => imports.stop(key)} aria-label={`Stop: ${name}`}>
            Stop
          </button>
        ) : (
          <button type="button" class="link" onClick={() => imports.dismiss(key)} aria-label={`Close: ${name}`}>
            Close
          </button>
        )}
      </p>
      {stage.at === "sending" &&
        (stage.share < 1 ? (
          <progress value={stage.share} max={1} aria-label={`Sending ${name}`} />
        ) : (
          <progress aria-label={`Reading ${name}`} />
        ))}
      {report !== null && <Report name={name} report={report} />}
    </div>
  );
}

function wordsOf({ stage }: Import, read: number): string {
  if (stage.at === "waiting") return "waiting";
  if (stage.at === "failed") return failureInWords(stage);
  if (stage.at === "done") return summaryOf(stage.report);
  const papers = read > 0 ? `${count(read, "paper")} read` : null;
  if (stage.share < 1)
    return [`${Math.floor(stage.share * 100)}% sent`, ...(papers === null ? [] : [papers])].join(", ");
  return papers ?? "sent, being read";
}
