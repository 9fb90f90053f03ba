/** Where an alert sends what it finds, what became of it, and fields for more. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Alert, AlertChanges, MailState } from "../../api.js";
import { count } from "../ui/wording.js";
import { EmailField } from "./email-field.js";
import { useAlertStore } from "./use-alerts.js";
import { WebhookField } from "./webhook-field.js";
import { addressesIn, recipientInWords, webhookInWords } from "./wording.js";

interface SentToProps {
  alert: Alert;
  mail: MailState;
  /** @param words What is announced when it is done. */
  change: (changes: AlertChanges, words: string, then?: () => void) => void;
}

export function SentTo({ alert, mail, change }: SentToProps) {
  const { name, to, webhooks } = alert;
  const [text, setText] = useState("");
  const [url, setUrl] = useState("");
  const { secrets } = useAlertStore();
  const [addresses, hooks] = [to.map(({ id }) => id), webhooks.map(({ id }) => id)];
  const all = to.length + webhooks.length;
  const words = all === 0 ? "Send by e-mail" : `Sent to ${count(all, "address", "addresses")}`;
  const add = (event: Event): void => {
    event.preventDefault();
    const added = addressesIn(text);
    change({ to: [...addresses, ...added] }, `${count(added.length, "address", "addresses")} added`, () => setText(""));
  };
  const addWebhook = (event: Event): void => {
    event.preventDefault();
    change({ webhooks: [...hooks, url] }, "Webhook added", () => setUrl(""));
  };
  return (
    <details>
      <summary aria-label={`${words}: ${name}`}>{words}</summary>
      {to.length > 0 && (
        <ul class="sent-to" aria-label={`E-mail addresses of ${name}`} role="list">
          {to.map((one) => (
            <Receiver
              key={one.id}
              address={one.address}
              words={recipientInWords(one)}
              remove={(then) => change({ to: addresses.filter((id) => id !== one.id) }, `${one.address} removed`, then)}
            />
          ))}
        </ul>
      )}
      <form class="fields" onSubmit={add}>
        <EmailField label="Add addresses" required text={text} onText={setText} mail={mail} />
        {(mail === "active" || mail === "confirm") && <button type="submit">Add</button>}
      </form>
      <details open={webhooks.length > 0}>
        <summary aria-label={`More: ${name}`}>More</summary>
        {webhooks.length > 0 && (
          <ul class="sent-to" aria-label={`Webhooks of ${name}`} role="list">
            {webhooks.map((one) => (
              <Receiver
                key={one.id}
                address={one.url}
                words={webhookInWords(one)}
                remove={(then) => change({ webhooks: hooks.filter((id) => id !== one.id) }, "Webhook removed", then)}
              >
                <Secret secret={one.secret ?? secrets.get(one.id) ?? null} />
              </Receiver>
            ))}
          </ul>
        )}
        <form class="fields" onSubmit={addWebhook}>
          <WebhookField label="Add a webhook" required url={url} onUrl={setUrl} />
          <button type="submit">Add webhook</button>
        </form>
      </details>
    </details>
  );
}

interface ReceiverProps {
  address: string;
  words: string;
  remove: (then: () => void) => void;
  children?: ComponentChildren;
}

function Receiver({ address, words, remove, children }: ReceiverProps) {
  return (
    <li>
      <p>
        <bdi>{address}</bdi>{" "}
        <button
          type="button"
          class="link"
          aria-label={`Remove: ${address}`}
          onClick={({ currentTarget }) => {
            const summary = currentTarget.closest("details")?.querySelector("summary");
            // The button disappears.
            remove(() => summary?.focus());
          }}
        >
          Remove
        </button>
      </p>
      <p class="quiet">{words}</p>
      {children}
    </li>
  );
}

const Secret = ({ secret }: { secret: string | null }) =>
  secret === null ? null : (
    <details>
      <summary>Secret that it is signed with</summary>
      <code>{secret}</code>
    </details>
  );
