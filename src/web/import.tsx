/** Importing files: dropped anywhere on the page or picked, sent one after another, each with a report of its own. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { ImportReport } from "../api.js";
import { announce } from "./announce.js";
import { upload } from "./client.js";
import { count, number } from "./wording.js";

type Stage =
  | { at: "waiting" }
  /** `share` of the file that has left, 0 to 1; after 1 the server is reading it. */
  | { at: "sending"; share: number }
  | { at: "done"; report: ImportReport }
  | { at: "failed"; reason: string };

interface Import {
  key: number;
  file: File;
  stage: Stage;
  controller: AbortController;
}

export interface Imports {
  list: readonly Import[];
  add: (files: Iterable<File>) => void;
  /** Stops an import that is under way, or forgets the report of one that is over. */
  dismiss: (key: number) => void;
}

export function useImports(onImported: () => void): Imports {
  const [list, setList] = useState<readonly Import[]>([]);
  const nextKey = useRef(1);
  const queue = useRef(Promise.resolve());
  const imported = useRef(onImported);
  imported.current = onImported;

  const enter = useCallback((key: number, stage: Stage): void => {
    setList((before) => before.map((one) => (one.key === key ? { ...one, stage } : one)));
  }, []);

  const run = useCallback(
    async ({ key, file, controller }: Import): Promise<void> => {
      if (controller.signal.aborted) return;
      enter(key, { at: "sending", share: 0 });
      announce(`Importing ${file.name}`);
      try {
        const report = await upload(file, (share) => enter(key, { at: "sending", share }), controller.signal);
        enter(key, { at: "done", report });
        announce(`${file.name}: ${summaryOf(report)}`);
        imported.current();
      } catch (thrown) {
        if (controller.signal.aborted) return;
        const reason = thrown instanceof Error ? thrown.message : String(thrown);
        enter(key, { at: "failed", reason });
        announce(`${file.name} was not imported. ${reason}`);
      }
    },
    [enter],
  );

  const add = useCallback(
    (files: Iterable<File>): void => {
      const added = [...files].map((file): Import => ({
        key: nextKey.current++,
        file,
        stage: { at: "waiting" },
        controller: new AbortController(),
      }));
      setList((before) => [...before, ...added]);
      for (const one of added) queue.current = queue.current.then(() => run(one));
    },
    [run],
  );

  const dismiss = useCallback((key: number): void => {
    setList((before) => {
      before.find((one) => one.key === key)?.controller.abort();
      return before.filter((one) => one.key !== key);
    });
  }, []);

  return { list, add, dismiss };
}

function summaryOf(report: ImportReport): string {
  const parts = [`${number(report.added)} added`];
  if (report.updated > 0) parts.push(`${number(report.updated)} updated`);
  if (report.unchanged > 0) parts.push(`${number(report.unchanged)} already here`);
  if (report.rejected > 0) parts.push(count(report.rejected, "problem"));
  return parts.join(", ");
}

/** A button that opens the file picker. */
export function ImportButton({ imports, prominent = false }: { imports: Imports; prominent?: boolean }) {
  return (
    <label class={prominent ? "picker prominent" : "picker"}>
      {prominent ? "Choose files" : "Import"}
      <input
        type="file"
        multiple
        class="unseen"
        aria-label="Import files of papers"
        onChange={(event) => {
          imports.add([...(event.currentTarget.files ?? [])]);
          // The same file can be chosen again.
          event.currentTarget.value = "";
        }}
      />
    </label>
  );
}

/** The place a dragged file can be dropped on, which is everywhere, and what has become of the files that were. */
export function ImportPanel({ imports }: { imports: Imports }) {
  const over = useDrop(imports.add);
  return (
    <>
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
                <ImportLine file={one.file} stage={one.stage} onDismiss={() => imports.dismiss(one.key)} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** Whether files are being dragged over the page. */
function useDrop(add: (files: Iterable<File>) => void): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    // Every element crossed sends an enter and a leave; the drag is over the page while there are more enters.
    let depth = 0;
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
    const settle = (change: number): void => {
      depth = Math.max(0, depth + change);
      setOver(depth > 0);
    };
    const onEnter = (event: DragEvent): void => {
      if (hasFiles(event)) settle(1);
    };
    const onLeave = (event: DragEvent): void => {
      if (hasFiles(event)) settle(-1);
    };
    const onOver = (event: DragEvent): void => {
      if (hasFiles(event)) event.preventDefault();
    };
    const onDrop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      settle(-depth);
      add(event.dataTransfer?.files ?? []);
    };
    const listening = new AbortController();
    const { signal } = listening;
    addEventListener("dragenter", onEnter, { signal });
    addEventListener("dragleave", onLeave, { signal });
    addEventListener("dragover", onOver, { signal });
    addEventListener("drop", onDrop, { signal });
    return () => listening.abort();
  }, [add]);
  return over;
}

function ImportLine({ file, stage, onDismiss }: { file: File; stage: Stage; onDismiss: () => void }) {
  const over = stage.at === "done" || stage.at === "failed";
  return (
    <div class="import">
      <p class="headline">
        <b>
          <bdi>{file.name}</bdi>
        </b>{" "}
        <span>{wordsOf(stage)}</span>
        <button type="button" class="link" onClick={onDismiss} aria-label={`${over ? "Close" : "Stop"}: ${file.name}`}>
          {over ? "Close" : "Stop"}
        </button>
      </p>
      {stage.at === "sending" &&
        (stage.share < 1 ? (
          <progress value={stage.share} max={1} aria-label={`Sending ${file.name}`} />
        ) : (
          <progress aria-label={`Reading ${file.name}`} />
        ))}
      {stage.at === "done" && <Report report={stage.report} />}
    </div>
  );
}

function wordsOf(stage: Stage): string {
  if (stage.at === "waiting") return "waits its turn";
  if (stage.at === "sending") return stage.share < 1 ? `${Math.floor(stage.share * 100)}% sent` : "sent, being read";
  if (stage.at === "failed") return `was not imported. ${stage.reason}`;
  return summaryOf(stage.report);
}

function Report({ report }: { report: ImportReport }) {
  const ignored = Object.entries(report.ignored);
  return (
    <>
      {report.problems.length > 0 && (
        <details class="problems" open={report.problems.length <= 3}>
          <summary>{count(report.rejected, "record could", "records could")} not be imported</summary>
          <ol>
            {report.problems.map((problem, index) => (
              <li key={index}>
                <span>Line {number(problem.line)}</span> {problem.reason}
              </li>
            ))}
          </ol>
          {report.rejected > report.problems.length && (
            <p class="quiet">and {number(report.rejected - report.problems.length)} more</p>
          )}
        </details>
      )}
      {ignored.length > 0 && (
        <p class="quiet">
          Fields nothing was done with: <bdi>{ignored.map(([field]) => field).join(", ")}</bdi>
        </p>
      )}
    </>
  );
}
