/** What alerts have found, and what they would find. */
import { useEffect, useState } from "preact/hooks";
import type { Alert, AlertPreview, AlertRun, FoundPaper } from "../../api.js";
import { fetchAlert } from "../api/client.js";
import type { Problem } from "../api/http.js";
import { addressOf, addressOfPaper } from "../navigation/address.js";
import { Marked } from "../text/marked.js";
import { Failure } from "../ui/failure.js";
import { Slow } from "../ui/slow.js";
import { count, momentInWords, number } from "../ui/wording.js";
import { viewOfAsk } from "./question.js";

interface Answered<T> {
  answer: T | null;
  problem: Problem | null;
  again: () => void;
}

/** Asks the server while `open`, and again when `key` changes. */
function useAnswer<T>(open: boolean, key: string, ask: (signal: AbortSignal) => Promise<T>): Answered<T> {
  const [answer, setAnswer] = useState<T | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (!open) return undefined;
    const asking = new AbortController();
    setProblem(null);
    ask(asking.signal).then(
      (answered) => {
        if (!asking.signal.aborted) setAnswer(answered);
      },
      (thrown: Problem) => {
        if (!asking.signal.aborted) setProblem(thrown);
      },
    );
    return () => asking.abort();
  }, [open, key, attempt]);
  return { answer, problem, again: () => setAttempt((before) => before + 1) };
}

interface FoundProps {
  alert: Alert;
  /** Whether it is open at first. */
  opened: boolean;
}

/** The runs that found something, fetched when they are wanted and when there is a new one. */
export function Found({ alert, opened }: FoundProps) {
  const { name, ask, found, unread } = alert;
  const [open, setOpen] = useState(opened);
  const { answer, problem, again } = useAnswer(open && found > 0, String(found), (signal) => fetchAlert(name, signal));
  let left = unread;
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary aria-label={`What it has found: ${name}`}>What it has found</summary>
      {problem !== null && <Failure problem={problem} again={again} />}
      {found === 0 && <p class="quiet">Nothing yet: it reports papers that are added from now on.</p>}
      {found > 0 && answer === null && problem === null && <Slow again={again} />}
      {answer !== null && (
        <ol aria-label={`Runs of ${name}`}>
          {answer.runs.map((run) => {
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

interface PreviewProps {
  /** What is previewed: the name of an alert, or null for one that is not saved. */
  name: string | null;
  question: Alert["ask"];
  /** A change of this makes another preview. */
  of: string;
  ask: (signal: AbortSignal) => Promise<AlertPreview>;
  /** What the papers are, in words. */
  words: string;
}

/** What an alert would find now, fetched when it is opened. */
export function Preview({ name, question, of, ask, words }: PreviewProps) {
  const [open, setOpen] = useState(false);
  const { answer, problem, again } = useAnswer(open, of, ask);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary aria-label={name === null ? undefined : `Preview: ${name}`}>Preview</summary>
      {problem !== null && <Failure problem={problem} again={again} />}
      {open && answer === null && problem === null && <Slow again={again} />}
      {open && answer !== null && problem === null && (
        <>
          <p class="quiet" role="status">
            {answer.papers.length === 0 ? "It would report nothing now" : words}
            {answer.pending > 0 && `; ${count(answer.pending, "paper")} not embedded yet`}
          </p>
          <Papers papers={answer.papers} />
          <More ask={question} run={answer} />
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
