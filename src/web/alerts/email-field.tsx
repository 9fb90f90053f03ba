/** The field for e-mail addresses that are sent what an alert finds. */
import { useId } from "preact/hooks";
import type { MailState } from "../../api.js";

const MEANING: Record<MailState, string> = {
  active: "At most one mail a day, when there is something new. Each mail has a link that ends it.",
  confirm: "Each address is first asked, by a mail, whether it wants this. Then at most one mail a day.",
  "no-server":
    "This server does not send e-mail yet. Whoever runs it sets KINDRED_SMTP and KINDRED_MAIL_FROM, and starts it again: docs/alerts.md says how.",
  "no-url":
    "This server cannot ask addresses whether they want mail yet. Whoever runs it sets KINDRED_URL, and starts it again: docs/alerts.md says how.",
};

interface EmailFieldProps {
  label: string;
  required?: boolean;
  text: string;
  onText: (text: string) => void;
  mail: MailState;
}

/** Only words where the server cannot send mail. */
export function EmailField({ label, required = false, text, onText, mail }: EmailFieldProps) {
  const [field, about] = [useId(), useId()];
  if (mail === "no-server" || mail === "no-url") return <p class="quiet">{MEANING[mail]}</p>;
  return (
    <div class="field">
      <label for={field}>{label}</label>
      <input
        id={field}
        type="email"
        multiple
        required={required}
        placeholder="anna@example.org, ben@example.org"
        autocomplete="email"
        value={text}
        aria-describedby={about}
        onInput={(event) => onText(event.currentTarget.value)}
      />
      <p id={about} class="quiet">
        {MEANING[mail]}
      </p>
    </div>
  );
}
