/** The fields of an alert's name, of when it runs, and of how many papers it reports. */
import { useId } from "preact/hooks";
import type { Alert, MAX_LIMIT } from "../../api.js";
import { daysInWords } from "./wording.js";

type Schedule = Pick<Alert, "every" | "at" | "days" | "atMost">;

/** What the fields hold. */
export interface AlertDraft extends Schedule {
  name: string;
  /** A number, or empty. */
  similarity: string;
}

export const USUAL: Schedule = { every: "day", at: "08:00", days: null, atMost: 20 };

const EVERY: readonly Schedule["every"][] = ["day", "week", "month"];
const DAYS = ["mon-fri", "mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MOST: typeof MAX_LIMIT = 500;

/** Whether a question compares papers with something, so that a least similarity means something. */
export const compares = ({ q, mode, basedOn, positive }: Alert["ask"]): boolean =>
  basedOn !== undefined || positive !== undefined || (q !== undefined && mode !== "lexical");

/** What the fields say, as the server takes it. */
export function draftedAlert({ name, similarity, every, at, days, atMost }: AlertDraft, ask: Alert["ask"]) {
  const least = similarity === "" ? null : Number(similarity);
  return { name: name.trim(), every, at, days, atMost, ...(compares(ask) ? { atLeastSimilarity: least } : {}) };
}

interface AlertFieldsProps {
  ask: Alert["ask"];
  draft: AlertDraft;
  onDraft: (draft: AlertDraft) => void;
}

export function AlertFields({ ask, draft, onDraft }: AlertFieldsProps) {
  const { name, every, at, days, atMost, similarity } = draft;
  const [nameField, everyField, atField, daysField, mostField] = [useId(), useId(), useId(), useId(), useId()];
  const [similarityField, aboutDays, aboutSimilarity] = [useId(), useId(), useId()];
  // Others may have been chosen on the command line.
  const offered = days === null || DAYS.includes(days) ? DAYS : [days, ...DAYS];
  return (
    <>
      <div class="field">
        <label for={nameField}>Name</label>
        <input
          id={nameField}
          required
          value={name}
          maxLength={100}
          autocomplete="off"
          onInput={(event) => onDraft({ ...draft, name: event.currentTarget.value })}
        />
      </div>
      <div class="pairs">
        <div class="field">
          <label for={everyField}>How often</label>
          <select
            id={everyField}
            value={every}
            onChange={({ currentTarget: { value } }) =>
              onDraft({ ...draft, every: EVERY.find((one) => one === value) ?? every })
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
            onInput={(event) => onDraft({ ...draft, at: event.currentTarget.value })}
          />
        </div>
        <div class="field">
          <label for={daysField}>Days</label>
          <select
            id={daysField}
            value={days ?? ""}
            aria-describedby={aboutDays}
            onChange={({ currentTarget: { value } }) => onDraft({ ...draft, days: value === "" ? null : value })}
          >
            {["", ...offered].map((one) => (
              <option key={one} value={one}>
                {daysInWords(one === "" ? null : one)}
              </option>
            ))}
          </select>
          <p id={aboutDays} class="quiet">
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
            value={Number.isNaN(atMost) ? "" : atMost}
            onInput={(event) => onDraft({ ...draft, atMost: event.currentTarget.valueAsNumber })}
          />
        </div>
      </div>
      {compares(ask) && (
        <div class="field">
          <label for={similarityField}>Least similarity</label>
          <input
            id={similarityField}
            type="number"
            min={0}
            max={1}
            step="any"
            value={similarity}
            aria-describedby={aboutSimilarity}
            onInput={(event) => onDraft({ ...draft, similarity: event.currentTarget.value })}
          />
          <p id={aboutSimilarity} class="quiet">
            From 0 to 1, to the {ask["q"] === undefined ? "nearest paper that is liked" : "query"}. Empty:{" "}
            {ask["q"] === undefined ? "all papers" : "whatever is close to the query"}.
          </p>
        </div>
      )}
    </>
  );
}
