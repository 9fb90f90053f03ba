/** One alert: what it asks, what it has found, and what can be done with it. */
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Alert, AlertChanges, AlertPreview, AlertRun, FoundPaper } from "../../api.js";
import { changeAlert, fetchAlert, previewAlert, removeAlert } from "../api/client.js";
import type { Problem } from "../api/http.js";
import { addressOf, addressOfPaper } from "../navigation/address.js";
import { Marked } from "../text/marked.js";
import { announce } from "../ui/announce.js";
import { Failure } from "../ui/failure.js";
import { focusHeading } from "../ui/heading.js";
import { Remove } from "../ui/remove.js";
import { Slow } from "../ui/slow.js";
import { count, momentInWords, number } from "../ui/wording.js";
import { askInWords, viewOfAsk } from "./question.js";
import { type Schedule, ScheduleFields } from "./schedule-fields.js";
import { useAlertStore } from "./use-alerts.js";
import { scheduleInWords, stateInWords } from "./wording.js";

interface OneAlertProps {
  alert: Alert;
  /** In milliseconds since 1970. */
  now: number;
  /** Whether this page has started it, and it has not run yet. */
  running: boolean;
  /** Whether what it has found is open at first. */
  opened: boolean;
  onRenamed: (name: string) => void;
}

export function OneAlert({ alert, now, running, opened, onRenamed }: OneAlertProps) {
  const { name, paused, error, unread } = alert;
  const store = useAlertStore();
  const title = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  const [problem, setProblem] = useState("");
  const attempt = (change: Promise<unknown>, then: () => void): void => {
    setProblem("");
    change.then(then, ({ message }: Problem) => setProblem(message));
  };
  const remove = async (): Promise<void> => {
    await removeAlert(name);
    announce(`${name} removed`);
    focusHeading();
    void store.look();
  };
  const change = (changes: AlertChanges, words: string, then?: () => void): void =>
    attempt(changeAlert(name, changes), () => {
      announce(words);
      then?.();
      void store.look();
    });
  const asks = viewOfAsk(alert.ask);
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return (
    <article aria-labelledby={title}>
      <h2 ref={heading} id={title} tabIndex={-1} data-alert={name}>
        <bdi>{name}</bdi>
        {unread > 0 && (
          <>
            {" "}
            <span class="tally">
              <span aria-hidden="true">{number(unread)}</span>
              <span class="unseen">, {number(unread)} unread</span>
            </span>
          </>
        )}
      </h2>
      <p>{asks === null ? askInWords(alert.ask) : <a href={addressOf(asks)}>{askInWords(alert.ask)}</a>}</p>
      <p class="quiet">{scheduleInWords(alert, timeZone)}</p>
      <p class={error === null ? undefined : "failed"}>
        {count(alert.found, "paper")} found. {running ? "Running now." : stateInWords(alert, now)}
      </p>
      <div class="doings">
        {unread > 0 && (
          <button
            type="button"
            class="link"
            aria-label={`Mark as seen: ${name}`}
            onClick={() =>
              // The button disappears.
              change({ seen: true }, `${name}: marked as seen`, () => heading.current?.focus({ preventScroll: true }))
            }
          >
            Mark as seen
          </button>
        )}
        <button
          type="button"
          class="link"
          aria-label={`${running ? "Running" : "Run now"}: ${name}`}
          // Not `disabled`, which would lose the focus.
          aria-disabled={running}
          onClick={() => !running && attempt(store.run(alert), () => {})}
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
          question={`Remove ${name}, and what it has found? The papers stay.`}
          answers={[{ label: "Yes, remove", remove }]}
          onProblem={setProblem}
        />
      </div>
      <p role="alert">{problem}</p>
      <Found alert={alert} opened={opened} />
      <Preview alert={alert} />
      <Change
        alert={alert}
        change={(changes) =>
          change(changes, `${name} changed`, () => {
            if (changes.name !== undefined && changes.name !== name) onRenamed(changes.name);
          })
        }
      />
    </article>
  );
}

/** The runs that found something, fetched when they are wanted and when there is a new one. */
function Found({ alert, opened }: Pick<OneAlertProps, "alert" | "opened">) {
  const { name, ask, found, unread } = alert;
  const [open, setOpen] = useState(opened);
  const [runs, setRuns] = useState<readonly AlertRun[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);
  const again = (): void => setAttempt((before) => before + 1);
  useEffect(() => {
    if (!open || found === 0) return undefined;
    const asking = new AbortController();
    fetchAlert(name, asking.signal).then(
      (answer) => {
        setRuns(answer.runs);
        setProblem(null);
      },
      (thrown: Problem) => {
        if (!asking.signal.aborted) setProblem(thrown);
      },
    );
    return () => asking.abort();
  }, [open, found, attempt]);
  let left = unread;
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary aria-label={`What it has found: ${name}`}>What it has found</summary>
      {problem !== null && <Failure problem={problem} again={again} />}
      {found === 0 && <p class="quiet">Nothing yet: it reports papers that are added from now on.</p>}
      {found > 0 && runs === null && problem === null && <Slow again={again} />}
      {runs !== null && (
        <ol aria-label={`Runs of ${name}`}>
          {runs.map((run) => {
            const isNew = left > 0;
            left -= run.papers.length;
            return (
              <li key={run.number}>
                <h3>
                  <time dateTime={run.at}>{momentInWords(run.at)}</time>
                  {isNew && ", unread"}
                </h3>
                <Papers papers={run.papers} />
                <More ask={ask} run={run} />
              </li>
            );
          })}
        </ol>
      )}
    </details>
  );
}

/** What it would find now, fetched when it is opened. */
function Preview({ alert: { name, ask, ran, atMost, atLeastSimilarity } }: Pick<OneAlertProps, "alert">) {
  const [open, setOpen] = useState(false);
  const [answer, setAnswer] = useState<AlertPreview | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);
  const again = (): void => setAttempt((before) => before + 1);
  useEffect(() => {
    if (!open) return undefined;
    const asking = new AbortController();
    setAnswer(null);
    setProblem(null);
    previewAlert(name, asking.signal).then(setAnswer, (thrown: Problem) => {
      if (!asking.signal.aborted) setProblem(thrown);
    });
    return () => asking.abort();
  }, [open, ran, atMost, atLeastSimilarity, attempt]);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary aria-label={`Preview: ${name}`}>Preview</summary>
      {problem !== null && <Failure problem={problem} again={again} />}
      {open && answer === null && problem === null && <Slow again={again} />}
      {answer !== null && (
        <>
          <p class="quiet" role="status">
            {answer.papers.length === 0 ? "It would report nothing now" : "It would report these now"}
            {answer.pending > 0 && `; ${count(answer.pending, "paper")} not embedded yet`}
          </p>
          <Papers papers={answer.papers} />
          <More ask={ask} run={answer} />
        </>
      )}
    </details>
  );
}

const Papers = ({ papers }: { papers: readonly FoundPaper[] }) => (
  <ul role="list">
    {papers.map(({ id, title, sentence, like }) => (
      <li key={id} class="found" data-paper={id} data-result>
        <a href={addressOfPaper(id)} dir="auto">
          <Marked text={title} />
        </a>
        {like !== null ? (
          <p class="quiet">
            Closest to{" "}
            <bdi>
              <Marked text={like} />
            </bdi>
          </p>
        ) : (
          sentence !== null && (
            <p class="quiet" dir="auto">
              <Marked text={sentence} />
            </p>
          )
        )}
      </li>
    ))}
  </ul>
);

/** How many more there were, with a link to them where a view can show them. */
function More({ ask, run: { more, after } }: { ask: Alert["ask"]; run: Pick<AlertRun, "more" | "after"> }) {
  if (more === 0) return null;
  const all = viewOfAsk(ask, after);
  const words = `and ${number(more)} more`;
  return <p class="quiet">{all === null || all.view === "daily" ? words : <a href={addressOf(all)}>{words}</a>}</p>;
}

interface ChangeProps {
  alert: Alert;
  change: (changes: AlertChanges) => void;
}

function Change(props: ChangeProps) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary aria-label={`Change: ${props.alert.name}`}>Change</summary>
      {open && <ChangeForm {...props} />}
    </details>
  );
}

function ChangeForm({ alert, change }: ChangeProps) {
  const [schedule, setSchedule] = useState<Schedule>(alert);
  const [name, setName] = useState(alert.name);
  const [similarity, setSimilarity] = useState(String(alert.atLeastSimilarity ?? ""));
  const [nameField, similarityField, about] = [useId(), useId(), useId()];
  const { q, mode, basedOn, positive } = alert.ask;
  const compares = basedOn !== undefined || positive !== undefined || (q !== undefined && mode !== "lexical");
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    const { every, at, days, atMost } = schedule;
    change({
      every,
      at,
      days,
      atMost,
      ...(name.trim() === alert.name ? {} : { name: name.trim() }),
      ...(compares ? { atLeastSimilarity: similarity === "" ? null : Number(similarity) } : {}),
    });
  };
  return (
    <form class="fields" onSubmit={onSubmit}>
      <div class="field">
        <label for={nameField}>Name</label>
        <input
          id={nameField}
          required
          value={name}
          maxLength={100}
          autocomplete="off"
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </div>
      <ScheduleFields schedule={schedule} onSchedule={setSchedule} />
      {compares && (
        <div class="field">
          <label for={similarityField}>Least similarity</label>
          <input
            id={similarityField}
            type="number"
            min={0}
            max={1}
            step="any"
            value={similarity}
            aria-describedby={about}
            onInput={(event) => setSimilarity(event.currentTarget.value)}
          />
          <p id={about} class="quiet">
            Cosine, 0 to 1, to the {q === undefined ? "nearest paper that is liked" : "query"}. Empty:{" "}
            {q === undefined ? "all papers" : "whatever is close to the query"}.
          </p>
        </div>
      )}
      <button type="submit">Save</button>
    </form>
  );
}
