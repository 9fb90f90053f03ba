/** The field for the address of a webhook. */
import { useId } from "preact/hooks";

interface WebhookFieldProps {
  label: string;
  required?: boolean;
  url: string;
  onUrl: (url: string) => void;
}

export function WebhookField({ label, required = false, url, onUrl }: WebhookFieldProps) {
  const [field, about] = [useId(), useId()];
  return (
    <div class="field">
      <label for={field}>{label}</label>
      <input
        id={field}
        type="url"
        required={required}
        placeholder="https://example.org/new-papers"
        autocomplete="off"
        value={url}
        aria-describedby={about}
        onInput={(event) => onUrl(event.currentTarget.value.trim())}
      />
      <p id={about} class="quiet">
        For programs: what it finds is posted to this address as signed JSON.
      </p>
    </div>
  );
}
