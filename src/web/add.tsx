/** Adding papers: files are dropped or picked, everything else is pasted, and told what it is before it is sent. */
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { EarlierImports } from "./earlier.js";
import { PaperForm, PasteForm } from "./paste.js";
import type { Undos } from "./use-undos.js";

/** What the dialog is opened for. */
export type Adding = "papers" | "earlier";

interface AddDialogProps extends Pick<AddFormProps, "add" | "over"> {
  /** null while it is closed. */
  adding: Adding | null;
  undos: Undos;
  edition: number;
  onClose: () => void;
}

export function AddDialog({ adding, add, over, undos, edition, onClose }: AddDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Kept here, so that Escape, pressed by mistake, loses nothing.
  const [text, setText] = useState("");
  const title = useId();
  // At once, so that what follows finds the page as it was; the browser gives the focus back to what had it before.
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

  /** What is pasted outside of a field is meant for the one that is there for it. */
  const onPaste = (event: ClipboardEvent): void => {
    const field = dialog.current?.querySelector<HTMLTextAreaElement>("textarea[name=pasted]");
    const clipboard = event.clipboardData;
    if (clipboard === null || event.target instanceof HTMLTextAreaElement) return;
    event.preventDefault();
    if (clipboard.files.length > 0) return send([...clipboard.files]);
    if (field == null) return;
    setText(text + clipboard.getData("text/plain"));
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
          <AddForm text={text} onText={setText} add={send} over={over} onLeave={close} />
          <EarlierImports open={adding === "earlier"} undos={undos} edition={edition} />
        </>
      )}
    </dialog>
  );
}

interface AddFormProps {
  text: string;
  onText: (text: string) => void;
  add: (files: Iterable<File>) => void;
  /** Whether files are being dragged over the page. */
  over: boolean;
  /** Called when a link to a paper is followed. */
  onLeave: () => void;
}

export function AddForm({ text, onText, add, over, onLeave }: AddFormProps) {
  const [paper, setPaper] = useState<{ title: string; abstract: string } | null>(null);
  const send = (content: string): void => {
    onText("");
    setPaper(null);
    add([new File([content], "pasted")]);
  };
  return (
    <>
      <div class={over ? "zone over" : "zone"}>
        <p>
          Drop files here, or <Picker add={add} />
        </p>
        <p class="quiet">BibTeX, RIS, CSV, JSON or JSON Lines, also gzipped</p>
      </div>
      {paper === null ? (
        <PasteForm text={text} onText={onText} send={send} onPaper={setPaper} onLeave={onLeave} />
      ) : (
        <PaperForm paper={paper} send={send} onBack={() => setPaper(null)} />
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
          // The same file can be chosen again.
          event.currentTarget.value = "";
          if (files.length > 0) add(files);
        }}
      />
    </label>
  );
}
