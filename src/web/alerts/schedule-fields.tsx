/** The fields for when an alert runs, and how many papers it reports. */
import { useId } from "preact/hooks";
import type { Alert, MAX_LIMIT } from "../../api.js";
import { daysInWords } from "./wording.js";

export type Schedule = Pick<Alert, "every" | "at" | "days" | "atMost">;

export const USUAL: Schedule = { every: "day", at: "08:00", days: null, atMost: 20 };

const EVERY: readonly Schedule["every"][] = ["day", "week", "month"];
const DAYS = ["mon-fri", "mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MOST: typeof MAX_LIMIT = 500;

interface ScheduleFieldsProps {
  schedule: Schedule;
  onSchedule: (schedule: Schedule) => void;
}

export function ScheduleFields({ schedule, onSchedule }: ScheduleFieldsProps) {
  const { every, at, days, atMost } = schedule;
  const [everyField, atField, daysField, mostField, about] = [useId(), useId(), useId(), useId(), useId()];
  // Others may have been chosen on the command line.
  const offered = days === null || DAYS.includes(days) ? DAYS : [days, ...DAYS];
  return (
    <>
      <div class="field">
        <label for={everyField}>How often</label>
        <select
          id={everyField}
          value={every}
          onChange={({ currentTarget: { value } }) =>
            onSchedule({ ...schedule, every: EVERY.find((one) => one === value) ?? every })
          }
        >
          {EVERY.map((one) => (
            <option key={one} value={one}>
              every {one}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for={atField}>At</label>
        <input
          id={atField}
          type="time"
          required
          value={at}
          onInput={(event) => onSchedule({ ...schedule, at: event.currentTarget.value })}
        />
      </div>
      <div class="field">
        <label for={daysField}>Days</label>
        <select
          id={daysField}
          value={days ?? ""}
          aria-describedby={about}
          onChange={({ currentTarget: { value } }) => onSchedule({ ...schedule, days: value === "" ? null : value })}
        >
          {["", ...offered].map((one) => (
            <option key={one} value={one}>
              {daysInWords(one === "" ? null : one)}
            </option>
          ))}
        </select>
        <p id={about} class="quiet">
          {every !== "day" && `Every ${every} it runs on the first of these days.`}
        </p>
      </div>
      <div class="field">
        <label for={mostField}>At most, papers of one run</label>
        <input
          id={mostField}
          type="number"
          required
          min={1}
          max={MOST}
          value={atMost}
          onInput={(event) => onSchedule({ ...schedule, atMost: event.currentTarget.valueAsNumber })}
        />
      </div>
    </>
  );
}
