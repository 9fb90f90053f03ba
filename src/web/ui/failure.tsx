/** A problem, and a button to try again. */
import type { Problem } from "../api/http.js";

export function Failure({ problem, again }: { problem: Problem; again: () => void }) {
  return (
    <div class="failure">
      <p>{problem.message}</p>
      <button type="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}
