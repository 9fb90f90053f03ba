/** A button that follows what a view shows: it makes an alert of its question. */
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api/http.js";
import { addAlert } from "../api/client.js";
import { addressOf, type View } from "../navigation/address.js";
import { announce } from "../ui/announce.js";
import { type Ask, askInWords, askOf, keyOfAsk, nameFor } from "./question.js";
import { ScheduleFields, USUAL } from "./schedule-fields.js";
import { useAlerts, useAlertStore } from "./use-alerts.js";

interface FollowProps {
  view: View;
  /** On the button: `Follow this search`. */
  words: string;
  /** What the question finds now, in words. */
  now: string;
}

/** Nothing when the view asks nothing that new papers could answer. */
export function Follow({ view, words, now }: FollowProps) {
  const { alerts } = useAlerts();
  const dialog = useRef<HTMLDialogElement>(null);
  const link = useRef<HTMLAnchorElement>(null);
  const [open, setOpen] = useState(false);
  const title = useId();
  const ask = askOf(view);
  const key = ask === null ? null : keyOfAsk(ask);
  const alert = alerts?.find((one) => keyOfAsk(one.ask) === key);
  const followed = useRef(false);
  // The button that opened the dialog is replaced by the link.
  useEffect(() => {
    if (followed.current && alert !== undefined) link.current?.focus();
    followed.current = false;
  }, [alert]);
  if (alert !== undefined)
    return (
      <a
        ref={link}
        href={addressOf({ view: "alerts", alert: alert.name })}
        aria-label={`Following, as the alert ${alert.name}`}
      >
        Following
      </a>
    );
  if (ask === null) return null;
  return (
    <>
      <button
        type="button"
        class="link"
        aria-haspopup="dialog"
        onClick={() => {
          setOpen(true);
          dialog.current?.showModal();
        }}
      >
        {words}
      </button>
      <dialog ref={dialog} class="follow" aria-labelledby={title} onClose={() => setOpen(false)}>
        <h2 id={title}>{words}</h2>
        {open && (
          <Form
            ask={ask}
            now={now}
            taken={new Set(alerts?.map(({ name }) => name))}
            onClose={() => dialog.current?.close()}
            onFollowed={() => {
              followed.current = true;
              dialog.current?.close();
            }}
          />
        )}
      </dialog>
    </>
  );
}

interface FormProps extends Pick<FollowProps, "now"> {
  ask: Ask;
  /** Names of other alerts. */
  taken: ReadonlySet<string>;
  onClose: () => void;
  onFollowed: () => void;
}

function Form({ ask, now, taken, onClose, onFollowed }: FormProps) {
  const store = useAlertStore();
  const [name, setName] = useState(() => nameFor(ask, taken));
  const [schedule, setSchedule] = useState(USUAL);
  const [problem, setProblem] = useState("");
  const [adding, setAdding] = useState(false);
  const field = useId();
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => input.current?.select(), []);
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    if (adding) return;
    setAdding(true);
    setProblem("");
    const { timeZone: zone } = new Intl.DateTimeFormat().resolvedOptions();
    addAlert({ ...schedule, name, ask, zone }).then(
      (added) => {
        onFollowed();
        announce(`Following, as the alert ${added.name}`);
        void store.look();
      },
      ({ message }: Problem) => {
        setProblem(message);
        setAdding(false);
      },
    );
  };
  return (
    <form class="fields" onSubmit={onSubmit}>
      <p>
        New papers that answer this are collected in Alerts: <bdi>{askInWords(ask)}</bdi>. {now}
      </p>
      <div class="field">
        <label for={field}>Name</label>
        <input
          ref={input}
          id={field}
          required
          value={name}
          maxLength={100}
          autocomplete="off"
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </div>
      <ScheduleFields schedule={schedule} onSchedule={setSchedule} />
      <p role="alert">{problem}</p>
      <div class="next">
        <button aria-disabled={adding}>{adding ? "Following…" : "Follow"}</button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  );
}
