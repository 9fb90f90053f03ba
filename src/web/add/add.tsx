/** Adding papers: files are dropped or chosen, everything else is pasted, and recognised before it is sent. */
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { addressOf } from "../navigation/address.js";
import { EarlierImports } from "./earlier.js";
import { PaperForm, PasteForm } from "./paste.js";
import type { Undos } from "./use-undos.js";

/** What the dialog is opened for. */
export type Adding = "papers" | "earlier";

/** The pasted text, and the paper that was made of it. */
export interface Draft {
  text: string;
  paper: { title: string; abstract: string } | null;
}
export const NO_DRAFT: Draft = { text: "", paper: null };

interface AddDialogProps extends Pick<AddFormProps, "add" | "over"> {
  /** null while it is closed. */
  adding: Adding | null;
  undos: Undos;
  edition: number;
  onClose: () => void;
}

export function AddDialog({ adding, add, over, undos, edition, onClose }: AddDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Kept here, so that pressing Escape by mistake loses nothing.
  const [draft, setDraft] = useState(NO_DRAFT);
  const title = useId();
  // At once: the browser returns the focus before anything else happens.
  const close = (): void => dialog.current?.close();
  const send = (files: Iterable<File>): void => {
    close();
    add(files);
  };
  useLayoutEffect(() => {
    if (adding === null) return close();
    if (dialog.current === null || dialog.current.open) return;
    dialog.current.showModal();
    dialog.current.querySelector<HTMLElement>(adding === "earlier" ? "summary" : "h2")?.focus();
  }, [adding]);

  /** Text that is pasted outside of a field goes into the field for it. */
  const onPaste = (event: ClipboardEvent): void => {
    const field = dialog.current?.querySelector<HTMLTextAreaElement>("textarea[name=pasted]");
    const clipboard = event.clipboardData;
    if (clipboard === null || event.target instanceof HTMLTextAreaElement) return;
    event.preventDefault();
    if (clipboard.files.length > 0) return send([...clipboard.files]);
    if (field == null) return;
    // On a line of its own.
    const before = draft.text === "" || draft.text.endsWith("\n") ? draft.text : `${draft.text}\n`;
    setDraft({ ...draft, text: before + clipboard.getData("text/plain") });
    field.focus();
  };
  return (
    <dialog ref={dialog} class="add" aria-labelledby={title} onClose={onClose} onPaste={onPaste}>
      {adding !== null && (
        <>
          <header>
            <h2 id={title} tabIndex={-1}>
              Add papers
            </h2>
            <button type="button" class="plain" aria-label="Close" title="Close" onClick={close}>
              ×
            </button>
          </header>
          <AddForm draft={draft} onDraft={setDraft} add={send} over={over} onLeave={close} />
          <p class="quiet">
            <a href={addressOf({ view: "open", text: "", title: "" })} onClick={close}>
              Add from the pages of arXiv, PubMed and publishers
            </a>
          </p>
          <EarlierImports open={adding === "earlier"} undos={undos} edition={edition} />
        </>
      )}
    </dialog>
  );
}

interface AddFormProps {
  draft: Draft;
  onDraft: (draft: Draft) => void;
  add: (files: Iterable<File>) => void;
  /** Whether files are being dragged over the page. */
  over: boolean;
  /** Called when a link to a paper is followed. */
  onLeave: () => void;
}

export function AddForm({ draft, onDraft, add, over, onLeave }: AddFormProps) {
  const { text, paper } = draft;
  const onPaper = (made: Draft["paper"]): void => onDraft({ text, paper: made });
  const send = (content: string): void => {
    onDraft(NO_DRAFT);
    add([new File([content], "pasted")]);
  };
  return (
    <>
      <div class={over ? "zone over" : "zone"}>
        <p>
          Drop files here, or <Picker add={add} />
        </p>
        <p class="quiet">
          BibTeX, RIS, CSV, JSON, XML, or exports of PubMed, EndNote, RefWorks or Web of Science; gzipped or in a ZIP
          archive, too
        </p>
      </div>
      {paper === null ? (
        <PasteForm
          text={text}
          onText={(typed) => onDraft({ text: typed, paper })}
          send={send}
          onPaper={onPaper}
          onLeave={onLeave}
        />
      ) : (
        <PaperForm paper={paper} onPaper={onPaper} send={send} />
      )}
    </>
  );
}

/** A button that opens the file picker. */
function Picker({ add }: Pick<AddFormProps, "add">) {
  return (
    <label class="picker">
      Choose files
      <input
        type="file"
        multiple
        class="unseen"
        aria-label="Choose files of papers"
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          // So that the same file can be chosen again.
          event.currentTarget.value = "";
          if (files.length > 0) add(files);
        }}
      />
    </label>
  );
}
