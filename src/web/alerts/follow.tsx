/** A button that follows what a view shows: it makes an alert of its question. */
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api/http.js";
import { addAlert, previewNewAlert } from "../api/client.js";
import { addressOf, isDate, type View } from "../navigation/address.js";
import { announce } from "../ui/announce.js";
import { type AlertDraft, AlertFields, draftedAlert, USUAL } from "./alert-fields.js";
import { EmailField } from "./email-field.js";
import { Preview } from "./found.js";
import { type Ask, askInWords, askOf, keyOfAsk, nameFor } from "./question.js";
import { useAlerts, useAlertStore } from "./use-alerts.js";
import { WebhookField } from "./webhook-field.js";
import { addressesIn } from "./wording.js";

interface FollowProps {
  view: View;
  /** On the button: `Follow this search`. */
  words: string;
  /** What the question finds now, in words. */
  now: string;
  /** A name for it, where the question has none in words. */
  called?: string | undefined;
}

/** Nothing when the view asks nothing that new papers could answer. */
export function Follow({ view, words, now, called }: FollowProps) {
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
            called={called}
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

interface FormProps extends Pick<FollowProps, "now" | "called"> {
  ask: Ask;
  onClose: () => void;
  onFollowed: () => void;
}

function Form({ ask, now, called, onClose, onFollowed }: FormProps) {
  const store = useAlertStore();
  const { alerts, mail } = useAlerts();
  const [draft, setDraft] = useState<AlertDraft>(() => ({
    ...USUAL,
    name: nameFor(ask, new Set(alerts?.map(({ name }) => name)), called),
    similarity: "",
  }));
  const [to, setTo] = useState("");
  const [since, setSince] = useState("");
  const [webhook, setWebhook] = useState("");
  const [problem, setProblem] = useState("");
  const [adding, setAdding] = useState(false);
  const [sinceField, aboutSince] = [useId(), useId()];
  const form = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => form.current?.querySelector("input")?.select(), []);
  const { name, atMost, ...asked } = draftedAlert(draft, ask);
  const previewed = {
    ask,
    // What cannot be sent is left out: saving says what is wrong.
    ...(Number.isInteger(atMost) && atMost > 0 ? { atMost } : {}),
    ...(asked.atLeastSimilarity == null ? {} : { atLeastSimilarity: asked.atLeastSimilarity }),
    ...(isDate(since) ? { since } : {}),
  };
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    if (adding) return;
    setAdding(true);
    setProblem("");
    const { timeZone: zone } = new Intl.DateTimeFormat().resolvedOptions();
    const more = { ...(since === "" ? {} : { since }), ...(webhook === "" ? {} : { webhooks: [webhook] }) };
    addAlert({ ...asked, ...more, name, atMost, ask, zone, to: addressesIn(to) }).then(
      (added) => {
        onFollowed();
        announce(`Following, as the alert ${added.name}`);
        store.changed(added);
      },
      ({ message }: Problem) => {
        setProblem(message);
        setAdding(false);
      },
    );
  };
  return (
    <form ref={form} class="fields" onSubmit={onSubmit}>
      <p>
        New papers that answer this are collected in Alerts: <bdi>{askInWords(ask)}</bdi>. {now}
      </p>
      <AlertFields ask={ask} draft={draft} onDraft={setDraft} />
      {mail !== null && <EmailField label="E-mail, if you like" text={to} onText={setTo} mail={mail} />}
      <details>
        <summary>More</summary>
        <div class="field">
          <label for={sinceField}>Also papers that are here, published since</label>
          <input
            id={sinceField}
            value={since}
            pattern="\d{4}(-\d{2}){0,2}"
            title="A year, a month or a day, such as 2024, 2024-06 or 2024-06-30"
            placeholder="2024-06-30"
            autocomplete="off"
            aria-describedby={aboutSince}
            onInput={(event) => setSince(event.currentTarget.value.trim())}
          />
          <p id={aboutSince} class="quiet">
            Then papers that were published earlier are not reported. Empty: only papers that are added from now on.
          </p>
        </div>
        <WebhookField label="Webhook" url={webhook} onUrl={setWebhook} />
      </details>
      <Preview
        name={null}
        question={ask}
        of={JSON.stringify(previewed)}
        ask={(signal) => previewNewAlert(previewed, signal)}
        words={
          since === ""
            ? "It reports what is added from now on. Of the papers here, it would have reported these"
            : "It would report these now"
        }
      />
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
