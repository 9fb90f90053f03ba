/** A placeholder while something loads: empty at first, then a notice and a button to try again. */
import { useEffect, useState } from "preact/hooks";
import { announce } from "./announce.js";

/** Milliseconds until the notice appears. */
const PATIENCE = 5_000;
const WORDS = "This is taking a while: Kindred may be busy, or the network slow. Still waiting.";

export function Slow({ again }: { again: () => void }) {
  const [late, setLate] = useState(false);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => {
      setLate(true);
      announce(WORDS);
    }, PATIENCE);
    return () => clearTimeout(timer);
  }, [attempt]);
  if (!late) return null;
  return (
    <div class="failure">
      <p>{WORDS}</p>
      <button
        type="button"
        onClick={() => {
          setLate(false);
          setAttempt(attempt + 1);
          again();
        }}
      >
        Ask again
      </button>
    </div>
  );
}
