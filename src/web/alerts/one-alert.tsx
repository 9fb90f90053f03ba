/** One alert: what it asks, what it has found, and what can be done with it. */
import { useId, useRef, useState } from "preact/hooks";
import type { Alert, AlertChanges, MailState } from "../../api.js";
import { changeAlert, previewAlert, removeAlert } from "../api/client.js";
import type { Problem } from "../api/http.js";
import { addressOf } from "../navigation/address.js";
import { announce } from "../ui/announce.js";
import { focusHeading } from "../ui/heading.js";
import { Remove } from "../ui/remove.js";
import { count, number } from "../ui/wording.js";
import { type AlertDraft, AlertFields, draftedAlert } from "./alert-fields.js";
import { FeedButton } from "./feed.js";
import { Found, Preview } from "./found.js";
import { askInWords, viewOfAsk } from "./question.js";
import { SentTo } from "./sent-to.js";
import { useAlertStore } from "./use-alerts.js";
import { scheduleInWords, stateInWords } from "./wording.js";

interface OneAlertProps {
  alert: Alert;
  /** In milliseconds since 1970. */
  now: number;
  /** Whether it is being run, or is about to be. */
  running: boolean;
  mail: MailState;
  /** Whether what it has found is open at first. */
  opened: boolean;
  onRenamed: (name: string) => void;
}

export function OneAlert({ alert, now, running, mail, opened, onRenamed }: OneAlertProps) {
  const { name, paused, error, unread } = alert;
  const store = useAlertStore();
  const title = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  const [problem, setProblem] = useState("");
  const attempt = <T,>(change: Promise<T>, then: (answer: T) => void): void => {
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
    attempt(changeAlert(name, changes), (answer) => {
      announce(words);
      then?.();
      store.changed(answer.alert);
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
        <FeedButton view={{ view: "alerts", alert: name }} of={name} />
        <Remove
          name={name}
          question={`Remove ${name}, and what it has found? The papers stay.`}
          answers={[{ label: "Yes, remove", remove }]}
          onProblem={setProblem}
        />
      </div>
      <p role="alert">{problem}</p>
      <Found alert={alert} opened={opened} />
      <Preview
        name={name}
        question={alert.ask}
        of={JSON.stringify([alert.ran, alert.atMost, alert.atLeastSimilarity])}
        ask={(signal) => previewAlert(name, signal)}
        words="It would report these now"
      />
      <SentTo alert={alert} mail={mail} change={change} />
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
  const [draft, setDraft] = useState<AlertDraft>({ ...alert, similarity: String(alert.atLeastSimilarity ?? "") });
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    const { name, ...others } = draftedAlert(draft, alert.ask);
    change({ ...others, ...(name === alert.name ? {} : { name }) });
  };
  return (
    <form class="fields" onSubmit={onSubmit}>
      <AlertFields ask={alert.ask} draft={draft} onDraft={setDraft} />
      <button type="submit">Save</button>
    </form>
  );
}
