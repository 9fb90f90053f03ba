/** The dialog that lists the keyboard shortcuts. */
import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import { forgetKey, type Problem } from "../api/http.js";
import { shortcutsAreOn, turnShortcuts } from "./keyboard.js";

const KEYS: [string[], string][] = [
  [["/"], "Go to the search field"],
  [["j"], "Next paper"],
  [["k"], "Previous paper"],
  [["Enter", "o"], "Open the paper"],
  [["e"], "Whole abstract, or less"],
  [["w"], "Why this paper"],
  [["l"], "Like"],
  [["x"], "Not for me"],
  [["n"], "On a paper: next in its list"],
  [["p"], "On a paper: previous in its list"],
  [["c"], "On a paper: cite"],
  [["y"], "On a paper: copy its citation key"],
  [["+", "-", "0"], "On the map: zoom in, zoom out, show all"],
  [["f"], "Show the feed of this view"],
  [["?"], "Show this list"],
  [["Esc"], "Close this list"],
];

/** @param kept Whether the browser has a key. */
export function Help({ dialog, kept }: { dialog: RefObject<HTMLDialogElement | null>; kept: boolean }) {
  const [on, setOn] = useState(shortcutsAreOn);
  const [words, setWords] = useState("");
  const forget = (): void => {
    setWords("");
    forgetKey().then(
      () => window.location.reload(),
      ({ message }: Problem) => setWords(`The key could not be removed. ${message}`),
    );
  };
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help">
      <h2 id="help">Keyboard</h2>
      <dl>
        {KEYS.map(([keys, meaning]) => (
          <div key={meaning}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <p>
        <label>
          <input
            type="checkbox"
            checked={on}
            onChange={(event) => {
              turnShortcuts(event.currentTarget.checked);
              setOn(event.currentTarget.checked);
            }}
          />{" "}
          Enable single-key shortcuts
        </label>
      </p>
      {kept && (
        <p>
          This browser has a key.{" "}
          <button type="button" class="link" onClick={forget}>
            Forget it
          </button>{" "}
          <span role="alert">{words}</span>
        </p>
      )}
      <form method="dialog">
        <button>Close</button>
      </form>
    </dialog>
  );
}
