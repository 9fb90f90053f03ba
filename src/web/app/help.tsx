/** The dialog that lists the keys. */
import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import { forgetKey, type Problem } from "../api/client.js";
import { shortcutsAreOn, turnShortcuts } from "./keyboard.js";

const KEYS: [string[], string][] = [
  [["/"], "Go to the search field"],
  [["j"], "Next paper"],
  [["k"], "Paper before"],
  [["Enter", "o"], "Open the paper"],
  [["e"], "Whole abstract, or less"],
  [["w"], "Why this paper"],
  [["l"], "Like"],
  [["x"], "Not for me"],
  [["n"], "On a paper: next in its list"],
  [["p"], "On a paper: previous in its list"],
  [["c"], "On a paper: cite"],
  [["+", "-", "0"], "On the map: nearer, farther, all of it"],
  [["?"], "This list"],
  [["Esc"], "Close it"],
];

/** @param kept Whether the browser keeps a key. */
export function Help({ dialog, kept }: { dialog: RefObject<HTMLDialogElement | null>; kept: boolean }) {
  const [on, setOn] = useState(shortcutsAreOn);
  const [words, setWords] = useState("");
  const forget = (): void => {
    setWords("");
    forgetKey().then(
      () => window.location.reload(),
      ({ message }: Problem) => setWords(`It is kept still. ${message}`),
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
          Single keys do this
        </label>
      </p>
      {kept && (
        <p>
          This browser keeps a key.{" "}
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
