/** Asks for a key when the server requires one, and makes the browser keep it. */
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { KEY_WANTED, keepKey, type Problem } from "../api/http.js";

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
    // A key is letters, digits, _ and -; anything else may be invalid in a header.
    const key = field?.value.trim() ?? "";
    if (!/^[\w-]+$/.test(key)) return setWords("A key is “kindred_” followed by 43 letters and digits.");
    setSending(true);
    keepKey(key).then(
      // Everything that was refused is fetched again.
      () => window.location.reload(),
      (thrown: Problem) => {
        setSending(false);
        setWords(thrown.status === 401 ? "Unknown key." : thrown.message);
        field?.select();
      },
    );
  };
  return (
    <dialog ref={dialog} class="key" aria-labelledby={title}>
      <h2 id={title}>A key is required</h2>
      <p>
        The person who runs this Kindred creates one with <code>kindred key add NAME</code>. Your browser keeps it.
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
