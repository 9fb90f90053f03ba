/** Files that are imported: sent one after another, each with a report of its own. */
import { useCallback, useRef, useState } from "preact/hooks";
import type { ImportReport } from "../../api.js";
import { Problem, upload } from "../api/client.js";
import { count, number } from "../ui/wording.js";

export type Stage =
  | { at: "waiting" }
  /** `share` of the file that has left, 0 to 1; after 1 the server is reading it. */
  | { at: "sending"; share: number }
  | { at: "done"; report: ImportReport }
  /** `partly`: what the server had read by then is here, and the file can be sent again for the rest. */
  | { at: "failed"; reason: string; partly: boolean };

export interface Import {
  key: number;
  file: File;
  stage: Stage;
}

export interface Imports {
  list: readonly Import[];
  /** The last news of them, for those who listen to the page rather than look at it. */
  said: string;
  /** Whether any of them is not over yet. */
  underWay: boolean;
  add: (files: Iterable<File>) => void;
  /** Stops an import that is under way. */
  stop: (key: number) => void;
  /** Sends a file once more. */
  again: (key: number) => void;
  /** Forgets one that is over, or has not begun. */
  dismiss: (key: number) => void;
}

/** Milliseconds in which a server that was told to stop stores what it has read. */
const SETTLING = 500;

const isOver = ({ at }: Stage): boolean => at === "done" || at === "failed";

/** @param onImported Called when papers may have come. */
export function useImports(onImported: () => void): Imports {
  const [list, setList] = useState<readonly Import[]>([]);
  const [said, say] = useState("");
  const nextKey = useRef(1);
  const queue = useRef(Promise.resolve());
  const controllers = useRef(new Map<number, AbortController>());
  const imported = useRef(onImported);
  imported.current = onImported;

  const enter = useCallback((key: number, stage: Stage): void => {
    setList((before) => before.map((one) => (one.key === key ? { ...one, stage } : one)));
  }, []);

  const run = useCallback(
    async (key: number, file: File, { signal }: AbortController): Promise<void> => {
      if (signal.aborted) return;
      enter(key, { at: "sending", share: 0 });
      say(`Importing ${file.name}`);
      try {
        const report = await upload(file, (share) => enter(key, { at: "sending", share }), signal);
        enter(key, { at: "done", report });
        say(`${file.name}: ${summaryOf(report)}`);
      } catch (thrown) {
        const stage = failureOf(thrown, signal.aborted);
        enter(key, stage);
        say(`${file.name} ${failureInWords(stage)}`);
        if (!stage.partly) return;
        await new Promise((settled) => setTimeout(settled, SETTLING));
      }
      imported.current();
    },
    [enter],
  );

  const send = useCallback(
    (key: number, file: File): void => {
      const controller = new AbortController();
      controllers.current.set(key, controller);
      queue.current = queue.current.then(() => run(key, file, controller));
    },
    [run],
  );

  const add = useCallback(
    (files: Iterable<File>): void => {
      const added = [...files].map((file): Import => ({ key: nextKey.current++, file, stage: { at: "waiting" } }));
      setList((before) => [...before, ...added]);
      for (const { key, file } of added) send(key, file);
    },
    [send],
  );

  const stop = useCallback((key: number): void => controllers.current.get(key)?.abort(), []);

  const again = useCallback(
    (key: number): void => {
      const one = list.find((known) => known.key === key);
      if (one === undefined || !isOver(one.stage)) return;
      enter(key, { at: "waiting" });
      send(key, one.file);
    },
    [list, enter, send],
  );

  const dismiss = useCallback((key: number): void => {
    controllers.current.get(key)?.abort();
    controllers.current.delete(key);
    setList((before) => before.filter((one) => one.key !== key));
  }, []);

  return { list, said, underWay: list.some(({ stage }) => !isOver(stage)), add, stop, again, dismiss };
}

function failureOf(thrown: unknown, stopped: boolean): Extract<Stage, { at: "failed" }> {
  if (stopped) return { at: "failed", reason: "", partly: true };
  const status = thrown instanceof Problem ? thrown.status : 0;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  // What the server did not like it will not like the next time.
  return { at: "failed", reason, partly: status === 0 || status >= 500 };
}

export function failureInWords({ reason, partly }: Extract<Stage, { at: "failed" }>): string {
  if (!partly) return `was not imported. ${reason}`;
  return `${reason === "" ? "was stopped." : `was not imported to its end. ${reason}`} What had been read by then stays.`;
}

export function summaryOf(report: ImportReport): string {
  const parts = [`${number(report.added)} added`];
  if (report.updated > 0) parts.push(`${number(report.updated)} updated`);
  if (report.unchanged > 0) parts.push(`${number(report.unchanged)} already here`);
  if (report.rejected > 0) parts.push(count(report.rejected, "problem"));
  if (report.remarked > 0) parts.push(count(report.remarked, "remark"));
  if (report.abbreviations > 0) parts.push(count(report.abbreviations, "abbreviation"));
  return parts.join(", ");
}
