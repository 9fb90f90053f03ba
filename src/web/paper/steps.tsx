/** From a paper back to the list it was opened from, and to the previous and next paper of that list. */
import { addressOfPaper } from "../navigation/address.js";
import { Router } from "../navigation/router.js";
import { useStore } from "../session/stores.js";
import { stepsFrom } from "../navigation/list-context.js";

export function Steps({ id }: { id: string }) {
  const { cameFromInside, listContext } = useStore(Router);
  const steps = listContext === null ? null : stepsFrom(listContext, id);
  if (!cameFromInside && steps === null) return null;
  return (
    <div class="steps">
      {cameFromInside && (
        <p class="back">
          <button type="button" class="link" onClick={() => history.back()}>
            Back
          </button>
        </p>
      )}
      {listContext !== null && steps !== null && steps.of > 1 && (
        <nav aria-label="The list you came from">
          <span class="place">
            {steps.place} of {listContext.more && "the first "}
            {steps.of}
          </span>
          <Step name="Previous" to={steps.previous} along="previous" />
          <Step name="Next" to={steps.next} along="next" />
        </nav>
      )}
    </div>
  );
}

interface StepProps {
  name: string;
  to: string | null;
  along: "previous" | "next";
}

/** At the ends of the list the word stays, without a link. */
const Step = ({ name, to, along }: StepProps) =>
  to === null ? (
    <span class="end" aria-hidden="true">
      {name}
    </span>
  ) : (
    <a href={addressOfPaper(to)} data-along={along} aria-keyshortcuts={along[0]} title={`${name} paper: ${along[0]}`}>
      {name}
    </a>
  );
