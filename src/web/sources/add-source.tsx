/** Adds a source: a form with the fields of its kind, and a preview of its first papers. */
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import type { PreviewAnswer, SourceKindsAnswer } from "../../api.js";
import { addSource, fetchSourceKinds, type NewSource, previewSource } from "../api/client.js";
import type { Problem } from "../api/http.js";
import { NameInput } from "../lists/name-input.js";
import { Failure } from "../ui/failure.js";
import { Slow } from "../ui/slow.js";
import { count } from "../ui/wording.js";
import { fieldsOf, optionsOf, type Field } from "./fields.js";
import { Interval } from "./interval.js";

type Kinds = SourceKindsAnswer["kinds"];

export function AddSource({ onAdded }: { onAdded: (name: string) => void }) {
  const [kinds, setKinds] = useState<Kinds | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const asking = new AbortController();
    setProblem(null);
    fetchSourceKinds(asking.signal).then(
      (answer) => setKinds(answer.kinds),
      (thrown: Problem) => {
        if (!asking.signal.aborted) setProblem(thrown);
      },
    );
    return () => asking.abort();
  }, [attempt]);
  const again = (): void => setAttempt((before) => before + 1);
  if (kinds !== null) return <Form kinds={kinds} onAdded={onAdded} />;
  return problem === null ? <Slow again={again} /> : <Failure problem={problem} again={again} />;
}

/** What the service answered about the first papers. */
type Preview = { at: "none" } | { at: "asking" } | { at: "shown"; answer: PreviewAnswer };
const NO_PREVIEW: Preview = { at: "none" };

function Form({ kinds, onAdded }: { kinds: Kinds; onAdded: (name: string) => void }) {
  const [kind, setKind] = useState(kinds[0]?.name ?? "");
  const [values, setValues] = useState<Record<string, string>>({});
  const [name, setName] = useState("");
  const [every, setEvery] = useState("1d");
  const [list, setList] = useState("");
  const [problem, setProblem] = useState("");
  const [adding, setAdding] = useState(false);
  const [preview, setPreview] = useState(NO_PREVIEW);
  const previewing = useRef(new AbortController());
  const [kindField, nameField, listField] = [useId(), useId(), useId()];
  const fields = useMemo(() => fieldsOf(kinds.find((one) => one.name === kind)?.options ?? {}), [kinds, kind]);
  useEffect(() => () => previewing.current.abort(), []);

  /** What was previewed is not what the form says any more. */
  const forget = (): void => {
    previewing.current.abort();
    setPreview(NO_PREVIEW);
    setProblem("");
  };
  const source = (): NewSource => ({
    kind,
    options: optionsOf(fields, values),
    every,
    ...(name.trim() === "" ? {} : { name: name.trim() }),
    ...(list.trim() === "" ? {} : { list: list.trim() }),
  });
  const show = (form: HTMLFormElement | null): void => {
    if (preview.at === "asking" || form?.reportValidity() !== true) return;
    forget();
    const asking = (previewing.current = new AbortController());
    setPreview({ at: "asking" });
    previewSource(source(), asking.signal).then(
      (answer) => {
        if (!asking.signal.aborted) setPreview({ at: "shown", answer });
      },
      ({ message }: Problem) => {
        if (asking.signal.aborted) return;
        setPreview(NO_PREVIEW);
        setProblem(message);
      },
    );
  };
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    if (adding) return;
    setAdding(true);
    setProblem("");
    addSource(source())
      .then(
        ({ source: added }) => {
          forget();
          setValues({});
          setName("");
          setList("");
          onAdded(added.name);
        },
        ({ message }: Problem) => setProblem(message),
      )
      .finally(() => setAdding(false));
  };
  const change = (field: string, value: string): void => {
    forget();
    setValues((before) => ({ ...before, [field]: value }));
  };
  const input = (field: Field) => (
    <OneField
      key={`${kind} ${field.name}`}
      field={field}
      value={values[field.name] ?? ""}
      onValue={(value) => change(field.name, value)}
    />
  );
  return (
    <form class="fields" onSubmit={onSubmit}>
      <div class="field">
        <label for={kindField}>Kind</label>
        <select
          id={kindField}
          value={kind}
          onChange={(event) => {
            forget();
            setValues({});
            setKind(event.currentTarget.value);
          }}
        >
          {kinds.map(({ name, summary }) => (
            <option key={name} value={name}>
              {name}: {summary}
            </option>
          ))}
        </select>
      </div>
      {fields.filter(({ common }) => !common).map(input)}
      <Interval every={every} onEvery={setEvery} />
      <details>
        <summary>More options</summary>
        <div class="fields">
          <div class="field">
            <label for={nameField}>Name</label>
            <input
              id={nameField}
              value={name}
              maxLength={100}
              autocomplete="off"
              placeholder={kind}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </div>
          <div class="field">
            <label for={listField}>List that receives its papers</label>
            <NameInput id={listField} name={list} onName={setList} />
          </div>
          {fields.filter(({ common }) => common).map(input)}
        </div>
      </details>
      <p role="alert">{problem}</p>
      <div class="next">
        <button aria-disabled={adding}>{adding ? "Adding…" : "Add"}</button>
        <button
          type="button"
          aria-disabled={preview.at === "asking"}
          onClick={(event) => show(event.currentTarget.form)}
        >
          Preview
        </button>
        <span role="status">
          {preview.at === "asking" && "Asking for its first papers…"}
          {preview.at === "shown" &&
            (preview.answer.papers.length === 0
              ? "It has no papers now"
              : `Its first ${count(preview.answer.papers.length, "paper")}; nothing is stored yet`)}
        </span>
      </div>
      {preview.at === "shown" && <Previewed {...preview.answer} />}
    </form>
  );
}

/** What the browser checks, and the keyboard that a phone shows. */
const INPUTS = {
  text: { type: "text" },
  several: { type: "text" },
  date: { type: "date" },
  number: { type: "number" },
} as const;

interface OneFieldProps {
  field: Field;
  value: string;
  onValue: (value: string) => void;
}

function OneField({ field: { label, hint, type, required, choices, usual }, value, onValue }: OneFieldProps) {
  const [id, about] = [useId(), useId()];
  const common = { id, required, "aria-describedby": about };
  const words = `${hint}${type === "several" ? " Several are separated by commas." : ""}`;
  if (type === "checkbox")
    return (
      <div class="field">
        <label>
          <input
            type="checkbox"
            aria-describedby={about}
            checked={value !== ""}
            onChange={(event) => onValue(event.currentTarget.checked ? "yes" : "")}
          />{" "}
          {label}
        </label>
        <p id={about} class="quiet">
          {words}
        </p>
      </div>
    );
  return (
    <div class="field">
      <label for={id}>
        {label}
        {required && " (required)"}
      </label>
      {type === "choice" ? (
        <select {...common} value={value || usual} onChange={(event) => onValue(event.currentTarget.value)}>
          {usual === "" && <option value="" />}
          {choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <input
          {...common}
          {...INPUTS[type]}
          value={value}
          placeholder={usual}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
      <p id={about} class="quiet">
        {words}
      </p>
    </div>
  );
}

function Previewed({ papers, remarks }: PreviewAnswer) {
  return (
    <>
      <ol class="previewed" aria-label="Its first papers">
        {papers.map(({ title, authors, published, venue }, index) => (
          <li key={index}>
            <span dir="auto">{title}</span>
            <span class="quiet">
              {[
                ...(authors.length === 0 ? [] : [`${authors[0]}${authors.length > 1 ? " and others" : ""}`]),
                ...[venue, published].filter((one) => one !== null),
              ].join(", ")}
            </span>
          </li>
        ))}
      </ol>
      {remarks.map((remark) => (
        <p key={remark} class="quiet">
          {remark}
        </p>
      ))}
    </>
  );
}
