/** Imports of files: sent one after another, each with its own report. */
import { useCallback, useRef, useState } from "preact/hooks";
import type { ImportReport } from "../../api.js";
import { Problem, upload } from "../api/http.js";
import { count, number } from "../ui/wording.js";

export type Stage =
  | { at: "waiting" }
  /** `share` of the file that has been sent, 0 to 1; at 1 the server is still reading it. */
  | { at: "sending"; share: number }
  | { at: "done"; report: ImportReport }
  /** `partly`: the server kept what it had read by then, and the file can be sent again for the rest. */
  | { at: "failed"; reason: string; partly: boolean };

export interface Import {
  key: number;
  file: File;
  stage: Stage;
}

export interface Imports {
  list: readonly Import[];
  /** The latest event, for screen readers. */
  said: string;
  /** Whether any is not finished. */
  underWay: boolean;
  add: (files: Iterable<File>) => void;
  /** Stops a running import. */
  stop: (key: number) => void;
  /** Sends a file again. */
  again: (key: number) => void;
  /** Removes one that is finished or waiting. */
  dismiss: (key: number) => void;
}

/** Milliseconds in which a stopped server stores what it has read. */
const SETTLING = 500;

const isOver = ({ at }: Stage): boolean => at === "done" || at === "failed";

/** @param onImported Called when papers may have been added. */
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
  // What the server rejected it will reject again.
  return { at: "failed", reason, partly: status === 0 || status >= 500 };
}

export function failureInWords({ reason, partly }: Extract<Stage, { at: "failed" }>): string {
  if (!partly) return `was not imported. ${reason}`;
  return `${reason === "" ? "was stopped." : `was not fully imported. ${reason}`} What had been read by then was kept.`;
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
