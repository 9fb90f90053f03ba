/** Asks for a key when the server does, and has the browser keep it. */
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { KEY_WANTED, keepKey, type Problem } from "../api/client.js";

export function KeyDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [words, setWords] = useState("");
  const [sending, setSending] = useState(false);
  const title = useId();
  useEffect(() => {
    const open = (): void => {
      if (dialog.current?.open === false) dialog.current.showModal();
    };
    window.addEventListener(KEY_WANTED, open);
    return () => window.removeEventListener(KEY_WANTED, open);
  }, []);
  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    const field = dialog.current?.querySelector("input");
    // A key is letters, digits, _ and -; nothing else can be sent in a header.
    const key = field?.value.trim() ?? "";
    if (!/^[\w-]+$/.test(key)) return setWords("A key is letters and digits: kindred_ and 43 of them.");
    setSending(true);
    keepKey(key).then(
      // What was refused is asked for again.
      () => window.location.reload(),
      (thrown: Problem) => {
        setSending(false);
        setWords(thrown.status === 401 ? "That key is not known here." : thrown.message);
        field?.select();
      },
    );
  };
  return (
    <dialog ref={dialog} class="key" aria-labelledby={title}>
      <h2 id={title}>This needs a key</h2>
      <p>
        Whoever runs this Kindred makes one with <code>kindred key add NAME</code>. Your browser keeps it.
      </p>
      <form onSubmit={send}>
        <label>
          Key
          <input type="password" name="key" autocomplete="current-password" required />
        </label>
        <p role="alert">{words}</p>
        <button disabled={sending}>Use this key</button>
        <button type="button" onClick={() => dialog.current?.close()}>
          Not now
        </button>
      </form>
    </dialog>
  );
}
