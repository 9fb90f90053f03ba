/** A button that copies a text, or selects it where the browser does not let the page copy. */
import type { RefObject } from "preact";
import { useState } from "preact/hooks";

/** Copies a text. @returns False where it is not allowed, or missing: browsers offer it on this machine and over HTTPS only. */
export const copyText = (text: string): Promise<boolean> =>
  Promise.resolve()
    .then(() => navigator.clipboard.writeText(text))
    .then(
      () => true,
      () => false,
    );

interface CopyProps {
  /** null while it is being fetched. */
  text: string | null;
  /** The element that shows the text. */
  shown: RefObject<HTMLElement | null>;
  /** A problem, or anything else to say before it is copied. */
  words?: string;
}

export function Copy({ text, shown, words = "" }: CopyProps) {
  /** Said inside the dialog: screen readers ignore what is outside of an open one. */
  const [said, say] = useState({ of: text, words: "" });
  const copy = async (): Promise<void> => {
    if (text === null) return;
    if (await copyText(text)) return say({ of: text, words: "Copied." });
    if (shown.current !== null) getSelection()?.selectAllChildren(shown.current);
    say({
      of: text,
      words: "The browser does not let this page copy. The text is selected: copy it with Ctrl+C or ⌘C.",
    });
  };
  return (
    <p class="copying">
      <button type="button" class="copy" aria-disabled={text === null} onClick={() => void copy()}>
        Copy
      </button>
      <span role="status">{said.of === text && said.words !== "" ? said.words : words}</span>
    </p>
  );
}
