/** Stands where something is waited for: nothing at first, then that it is slow, and a way on. */
import { useEffect, useState } from "preact/hooks";
import { announce } from "./announce.js";

/** Milliseconds after which one wonders whether anything comes. */
const PATIENCE = 5_000;
const WORDS = "The answer is slow to come: Kindred may be busy, or the network slow. It is still waited for.";

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
