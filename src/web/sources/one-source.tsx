/** One source: what it did and does, its history, and what can be done with it. */
import { useEffect, useId, useState } from "preact/hooks";
import type { Run, Source, SourceChanges } from "../../api.js";
import { changeSource, fetchSource, removeSource, runSource } from "../api/client.js";
import type { Problem } from "../api/http.js";
import { NameInput } from "../lists/name-input.js";
import { announce } from "../ui/announce.js";
import { Failure } from "../ui/failure.js";
import { Remove } from "../ui/remove.js";
import { count, momentInWords, number } from "../ui/wording.js";
import { Interval } from "./interval.js";
import { describe, optionsInWords, outcomeInWords, stateInWords } from "./wording.js";

interface OneSourceProps {
  source: Source;
  /** In milliseconds since 1970. */
  now: number;
  onChanged: () => void;
  /** @param words What was removed. */
  onRemoved: (words: string) => void;
}

export function OneSource({ source, now, onChanged, onRemoved }: OneSourceProps) {
  const { name, paused, running, papers, last } = source;
  const title = useId();
  const [problem, setProblem] = useState("");
  const attempt = (change: Promise<unknown>, words: string): void => {
    setProblem("");
    change.then(
      () => {
        announce(words);
        onChanged();
      },
      ({ message }: Problem) => setProblem(message),
    );
  };
  const change = (changes: SourceChanges, words: string): void => attempt(changeSource(name, changes), words);
  const remove = async (withPapers: boolean): Promise<void> => {
    const { removed } = await removeSource(name, withPapers);
    onRemoved(`${name} removed${withPapers ? `, with ${count(removed, "paper")}` : ""}`);
  };
  const options = optionsInWords(source);
  return (
    <article aria-labelledby={title}>
      <h2 id={title}>
        <bdi>{name}</bdi>
      </h2>
      <p class="quiet">{describe(source)}</p>
      {options !== "" && <p class="quiet">{options}</p>}
      <p class={last !== null && last.error !== null && !running ? "failed" : undefined}>
        {count(papers, "paper")}. {stateInWords(source, now)}
      </p>
      <div class="doings">
        <button
          type="button"
          class="link"
          aria-label={`${running ? "Running" : "Run now"}: ${name}`}
          // Not `disabled`, which would lose the focus.
          aria-disabled={running}
          onClick={() => !running && attempt(runSource(name), `${name} is running`)}
        >
          {running ? "Running" : "Run now"}
        </button>
        <button
          type="button"
          class="link"
          aria-label={`${paused ? "Resume" : "Pause"}: ${name}`}
          onClick={() => change({ paused: !paused }, `${name} ${paused ? "resumed" : "paused"}`)}
        >
          {paused ? "Resume" : "Pause"}
        </button>
        <Remove
          name={name}
          question={`Remove ${name}?`}
          answers={
            papers === 0
              ? [{ label: "Yes, remove", remove: () => remove(false) }]
              : [
                  { label: "Yes, keep its papers", remove: () => remove(false) },
                  { label: "Yes, with the papers that only it brought", remove: () => remove(true) },
                ]
          }
          onProblem={setProblem}
        />
      </div>
      <p role="alert">{problem}</p>
      <History name={name} last={last} />
      <Change source={source} change={change} />
    </article>
  );
}

/** The last runs, fetched when they are wanted and when there is a new one. */
function History({ name, last }: Pick<Source, "name" | "last">) {
  const [open, setOpen] = useState(false);
  const [runs, setRuns] = useState<readonly Run[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (!open) return undefined;
    const asking = new AbortController();
    fetchSource(name, asking.signal).then(
      (answer) => {
        setRuns(answer.runs);
        setProblem(null);
      },
      (thrown: Problem) => {
        if (!asking.signal.aborted) setProblem(thrown);
      },
    );
    return () => asking.abort();
  }, [open, last?.started, attempt]);
  const remarks = last?.remarks.length ?? 0;
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary aria-label={`History: ${name}`}>History{remarks > 0 && ` (${count(remarks, "remark")})`}</summary>
      {problem !== null && <Failure problem={problem} again={() => setAttempt((before) => before + 1)} />}
      {runs?.length === 0 && <p class="quiet">It has not run yet.</p>}
      {runs !== null && runs.length > 0 && (
        <ol class="runs" aria-label={`Runs of ${name}`} tabIndex={0}>
          {runs.map((run) => (
            <li key={run.started}>
              <time dateTime={run.started}>{momentInWords(run.started)}</time>: {outcomeInWords(run)}
              {run.unchanged > 0 && `, ${number(run.unchanged)} already here`}
              {run.remarks.length > 0 && (
                <ul class="quiet">
                  {run.remarks.map((remark, index) => (
                    <li key={index}>{remark}</li>
                  ))}
                </ul>
              )}
            </li>
          ))}
        </ol>
      )}
    </details>
  );
}

interface ChangeProps {
  source: Source;
  change: (changes: SourceChanges, words: string) => void;
}

function Change({ source: { name, every, list, options }, change }: ChangeProps) {
  const [interval, choose] = useState(every);
  const [into, setInto] = useState(list ?? "");
  const [max, setMax] = useState(typeof options["max"] === "number" ? String(options["max"]) : "");
  const [listField, maxField] = [useId(), useId()];
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    const wanted = into.trim();
    change(
      { every: interval, list: wanted === "" ? null : wanted, ...(max === "" ? {} : { max: Number(max) }) },
      `${name} changed`,
    );
  };
  return (
    <details>
      <summary aria-label={`Change: ${name}`}>Change</summary>
      <form class="fields" onSubmit={onSubmit}>
        <Interval every={interval} onEvery={choose} />
        <div class="field">
          <label for={listField}>List that receives its papers</label>
          <NameInput id={listField} name={into} onName={setInto} />
        </div>
        <div class="field">
          <label for={maxField}>Most records of one run</label>
          <input
            id={maxField}
            type="number"
            min={1}
            placeholder="10000"
            value={max}
            onInput={(event) => setMax(event.currentTarget.value)}
          />
        </div>
        <button type="submit">Save</button>
      </form>
    </details>
  );
}
