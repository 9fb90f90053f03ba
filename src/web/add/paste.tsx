/** Pasted text: it is recognised first, and then imported, looked up, or made into one paper. */
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { FindAnswer } from "../../api.js";
import { find } from "../api/client.js";
import type { Problem } from "../api/http.js";
import { Failure } from "../ui/failure.js";
import { Found, foundInWords } from "./found.js";
import { type Pasted, recognise, paperIn } from "./pasted.js";
import { count } from "../ui/wording.js";

/** The label of the button. */
function actionOn(pasted: Pasted): string {
  if (pasted.as === "identifiers") return `Look up ${count(pasted.count, "identifier")}`;
  return pasted.as === "text" ? "Add it as one paper" : "Add";
}

function recognisedInWords(pasted: Pasted): string {
  if (pasted.as === "file") return `Looks like ${pasted.format}.`;
  if (pasted.as === "identifiers")
    return `Looks like ${pasted.count === 1 ? "the identifier of a paper" : "identifiers of papers"}.`;
  return pasted.as === "text"
    ? "Looks like plain text. It can be added as one paper: its first line as the title, the rest as the abstract."
    : "";
}

type Lookup = { at: "none" | "asking" } | { at: "found"; answer: FindAnswer } | { at: "failed"; problem: Problem };

interface PasteFormProps {
  text: string;
  onText: (text: string) => void;
  send: (content: string) => void;
  onPaper: (paper: { title: string; abstract: string }) => void;
  /** Called when a link to a paper is followed. */
  onLeave: () => void;
}

export function PasteForm({ text, onText, send, onPaper, onLeave }: PasteFormProps) {
  const [lookup, setLookup] = useState<Lookup>({ at: "none" });
  const [nothing, setNothing] = useState(false);
  const asking = useRef<AbortController | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const pasted = useMemo(() => recognise(text), [text]);
  useLayoutEffect(() => {
    // The result belongs to the previous text.
    setLookup({ at: "none" });
    setNothing(false);
    return () => asking.current?.abort();
  }, [text]);

  const look = (): void => {
    const controller = (asking.current = new AbortController());
    setLookup({ at: "asking" });
    find(text, controller.signal).then(
      (answer) => {
        if (!controller.signal.aborted) setLookup({ at: "found", answer });
      },
      (problem: Problem) => {
        if (!controller.signal.aborted) setLookup({ at: "failed", problem });
      },
    );
  };
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    if (pasted.as === "file") send(text);
    else if (pasted.as === "text") onPaper(paperIn(text));
    else if (pasted.as === "identifiers") {
      if (lookup.at !== "asking") look();
    } else {
      setNothing(true);
      field.current?.focus();
    }
  };
  return (
    <form class="paste" onSubmit={onSubmit}>
      <label for={id}>Or paste</label>
      <p id={`${id}-what`} class="quiet">
        BibTeX, RIS, PubMed, EndNote, CSV, JSON or XML; DOIs, arXiv ids or links; or a title with its abstract below
      </p>
      <textarea
        ref={field}
        id={id}
        name="pasted"
        rows={7}
        value={text}
        aria-describedby={`${id}-what`}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        onInput={(event) => onText(event.currentTarget.value)}
      />
      <div class="next">
        <button aria-disabled={lookup.at === "asking"}>{actionOn(pasted)}</button>
        <p role="status">
          {nothing ? "Nothing has been pasted yet." : null}
          {lookup.at === "none" && recognisedInWords(pasted)}
          {lookup.at === "asking" && "Looking…"}
          {lookup.at === "found" && foundInWords(lookup.answer)}
        </p>
      </div>
      {lookup.at === "failed" && (
        <div role="alert">
          <Failure problem={lookup.problem} again={look} />
        </div>
      )}
      {lookup.at === "found" && <Found answer={lookup.answer} onFollow={onLeave} />}
    </form>
  );
}

interface PaperFormProps {
  paper: { title: string; abstract: string };
  /** Called with each change; null to go back to the pasted text. */
  onPaper: (paper: { title: string; abstract: string } | null) => void;
  send: (content: string) => void;
}

/** One paper made of a text, to be corrected before it is sent. */
export function PaperForm({ paper: { title, abstract }, onPaper, send }: PaperFormProps) {
  const first = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  useEffect(() => first.current?.focus(), []);
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    if (title.trim() === "") return first.current?.focus();
    const said = abstract.trim() === "" ? {} : { abstract: abstract.trim() };
    send(JSON.stringify({ title: title.trim(), ...said }));
  };
  return (
    <form class="paste" onSubmit={onSubmit}>
      <label for={`${id}-title`}>Title</label>
      <textarea
        ref={first}
        id={`${id}-title`}
        class="prose"
        rows={2}
        required
        dir="auto"
        value={title}
        onInput={(event) => onPaper({ title: event.currentTarget.value, abstract })}
      />
      <label for={`${id}-abstract`}>Abstract</label>
      <textarea
        id={`${id}-abstract`}
        class="prose"
        rows={8}
        dir="auto"
        value={abstract}
        onInput={(event) => onPaper({ title, abstract: event.currentTarget.value })}
      />
      <div class="next">
        <button class="prominent">Add this paper</button>
        <button type="button" onClick={() => onPaper(null)}>
          Back
        </button>
      </div>
    </form>
  );
}
