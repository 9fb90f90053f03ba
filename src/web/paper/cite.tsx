/** A reference to the paper in a choice of formats, to be copied. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ExportFormat } from "../../api.js";
import { fetchCitation } from "../api/client.js";
import type { Problem } from "../api/http.js";
import { useStore } from "../session/stores.js";
import { Copy } from "../ui/copy.js";
import { Quote } from "../ui/icons.js";
import { KeyForms } from "./citation-key.js";

const FORMATS: readonly [format: ExportFormat, name: string][] = [
  ["bibtex", "BibTeX"],
  ["biblatex", "BibLaTeX"],
  ["ris", "RIS"],
  ["csl-json", "CSL-JSON"],
  ["markdown", "Markdown"],
  ["text", "Plain text"],
];

/** The format chosen last is used for the next paper too. */
class Choice {
  format: ExportFormat = "bibtex";
}

export function Cite({ id }: { id: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        onClick={() => {
          setOpen(true);
          dialog.current?.showModal();
        }}
        data-action="cite"
      >
        <Quote />
        Cite
      </button>
      <dialog ref={dialog} class="cite" aria-labelledby="cite" onClose={() => setOpen(false)}>
        <h2 id="cite">Cite</h2>
        {open && <Citation id={id} />}
        {open && <KeyForms />}
        <form method="dialog">
          <button>Close</button>
        </form>
      </dialog>
    </>
  );
}

function Citation({ id }: { id: string }) {
  const choice = useStore(Choice);
  const [format, setFormat] = useState(choice.format);
  const [text, setText] = useState<string | null>(null);
  const [problem, setProblem] = useState("");
  const shown = useRef<HTMLPreElement>(null);
  useEffect(() => {
    const controller = new AbortController();
    setText(null);
    setProblem("");
    fetchCitation(id, format, controller.signal).then(setText, ({ message }: Problem) => {
      if (!controller.signal.aborted) setProblem(message);
    });
    return () => controller.abort();
  }, [id, format]);
  return (
    <>
      <fieldset class="choice row">
        <legend class="unseen">Format</legend>
        {FORMATS.map(([one, name]) => (
          <label key={one}>
            <input
              type="radio"
              name="format"
              checked={format === one}
              onChange={() => {
                choice.format = one;
                setFormat(one);
              }}
            />
            {name}
          </label>
        ))}
      </fieldset>
      <pre ref={shown} tabIndex={0} role="region" aria-label="The reference" aria-busy={text === null}>
        {text}
      </pre>
      <Copy text={text} shown={shown} words={problem} />
    </>
  );
}
