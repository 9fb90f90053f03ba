/** A paper's citation key, to be copied as LaTeX, Markdown or Typst cite by it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { inLatex, inPandoc, inTypst } from "../../formats/citing.js";
import { readStored, store } from "../session/browser-storage.js";
import { useStore } from "../session/stores.js";
import { copyText } from "../ui/copy.js";
import { Quote } from "../ui/icons.js";

const FORMS: readonly [form: string, name: string, write: (key: string) => string][] = [
  ["latex", "\\cite{key}", inLatex],
  ["markdown", "[@key]", inPandoc],
  ["typst", "@key", inTypst],
];
const STORED = "kindred.citation-key";

/** The form chosen last is used for every paper. */
class Choice {
  form = readStored(STORED) ?? "latex";
}

export function KeyForms() {
  const choice = useStore(Choice);
  const [form, setForm] = useState(choice.form);
  return (
    <fieldset class="choice row">
      <legend>“Copy key” copies</legend>
      {FORMS.map(([one, name]) => (
        <label key={one}>
          <input
            type="radio"
            name="key-form"
            checked={form === one}
            onChange={() => {
              choice.form = one;
              store(STORED, one);
              setForm(one);
            }}
          />
          {name}
        </label>
      ))}
    </fieldset>
  );
}

/** @param citationKey Empty while it is being fetched. */
export function CopyKey({ citationKey }: { citationKey: string }) {
  const choice = useStore(Choice);
  const [said, say] = useState<{ copied: boolean; text: string } | null>(null);
  const shown = useRef<HTMLElement>(null);
  useEffect(() => {
    if (said?.copied === false && shown.current !== null) getSelection()?.selectAllChildren(shown.current);
  }, [said]);
  const copy = async (): Promise<void> => {
    if (citationKey === "") return;
    const [, , write] = FORMS.find(([form]) => form === choice.form) ?? FORMS[0]!;
    const text = write(citationKey);
    say({ copied: await copyText(text), text });
  };
  return (
    <>
      <button
        type="button"
        aria-disabled={citationKey === ""}
        aria-keyshortcuts="y"
        title="Copy the citation key: y"
        onClick={() => void copy()}
        data-action="key"
      >
        <Quote />
        Copy key
      </button>
      <span class="said quiet" role="status">
        {said !== null && (
          <>
            {said.copied ? "Copied" : "The browser does not let this page copy. Press Ctrl+C or ⌘C:"}{" "}
            <code ref={shown}>{said.text}</code>
          </>
        )}
      </span>
    </>
  );
}
