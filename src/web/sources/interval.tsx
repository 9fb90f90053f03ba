/** The field for how often a source runs. */
import { useId } from "preact/hooks";
import { intervalInWords } from "../ui/wording.js";

const INTERVALS = ["1h", "6h", "12h", "1d", "1w"];

export function Interval({ every, onEvery }: { every: string; onEvery: (every: string) => void }) {
  const field = useId();
  // Another may have been chosen on the command line.
  const offered = INTERVALS.includes(every) ? INTERVALS : [every, ...INTERVALS];
  return (
    <div class="field">
      <label for={field}>How often it runs</label>
      <select id={field} value={every} onChange={(event) => onEvery(event.currentTarget.value)}>
        {offered.map((one) => (
          <option key={one} value={one}>
            {intervalInWords(one)}
          </option>
        ))}
      </select>
    </div>
  );
}
