/** What one's likes lead to. */
import { useState } from "preact/hooks";
import type { MAX_EXAMPLES } from "../api.js";
import { ActiveFilters } from "./active-filters.js";
import { addressOf, addressOfPaper, type ForYouView } from "./address.js";
import { countRecommended, recommend } from "./client.js";
import { FilterPanel, isBeside } from "./filters.js";
import { focusHeading, Heading } from "./heading.js";
import type { Go } from "./journey.js";
import type { Opinion, Verdict } from "./likes.js";
import { useListing } from "./listing.js";
import { Results } from "./results.js";
import { type CountedList, useFacets } from "./use-facets.js";
import { toggleVerdict, useOpinions } from "./use-likes.js";
import { useTitle } from "./use-title.js";
import { count } from "./wording.js";

/** Of more likes than the server takes, the newest count. */
const MOST: typeof MAX_EXAMPLES = 1_000;

const idsOf = (opinions: readonly Opinion[], verdict: Verdict): string[] =>
  opinions
    .filter((opinion) => opinion.verdict === verdict)
    .slice(-MOST)
    .map((opinion) => opinion.id);

interface ForYouProps {
  view: ForYouView;
  go: Go;
  edition: number;
  allEmbedded: boolean;
}

export function ForYou({ view, go, edition, allEmbedded }: ForYouProps) {
  const opinions = useOpinions();
  // The list stays as it is while one goes through it, saying what one thinks: it is made anew when asked for.
  const [asked, setAsked] = useState(opinions);
  useTitle("For you");
  const hasLikes = opinions.some((opinion) => opinion.verdict === "like");
  const liked = idsOf(asked, "like");
  const [counting, setCounting] = useState(isBeside);
  const from = hasLikes ? asked : opinions;
  const examples = { likes: idsOf(from, "like"), dislikes: idsOf(from, "dislike") };
  const counted: CountedList = {
    keyOf: (filters) => JSON.stringify([edition, examples, filters]),
    count: (filters, signal) => countRecommended(examples, filters, signal),
  };
  const facets = useFacets(counted, view.filters, counting);
  return (
    <div class="columns">
      <FilterPanel view={view} go={go} hits={[]} facets={facets} onShow={setCounting} />
      <main id="content" tabIndex={-1}>
        <Heading class="for-you">For you</Heading>
        {opinions.length > 0 && <Opinions opinions={opinions} />}
        {!hasLikes && (
          <>
            <NoLikes />
            <h2>New and noted</h2>
            <Recommended view={view} edition={edition} allEmbedded={allEmbedded} asked={opinions} level={3} />
          </>
        )}
        {hasLikes && (
          <>
            <ActiveFilters filters={view.filters} onChange={(filters) => go({ ...view, filters })} />
            {asked !== opinions && (
              <p class="changed">
                What you like has changed.{" "}
                <button
                  type="button"
                  onClick={() => {
                    setAsked(opinions);
                    focusHeading();
                  }}
                >
                  Recommend anew
                </button>
              </p>
            )}
            {liked.length > 0 && <Recommended view={view} edition={edition} allEmbedded={allEmbedded} asked={asked} />}
          </>
        )}
      </main>
    </div>
  );
}

type RecommendedProps = Omit<ForYouProps, "go"> & { asked: readonly Opinion[]; level?: 2 | 3 };

function Recommended({ view, edition, allEmbedded, asked, level = 2 }: RecommendedProps) {
  const likes = idsOf(asked, "like");
  const dislikes = idsOf(asked, "dislike");
  const key = JSON.stringify([edition, addressOf(view), likes, dislikes]);
  const listing = useListing(key, (cursor, signal) => recommend({ likes, dislikes }, view.filters, cursor, signal));
  return (
    <Results
      listing={listing}
      filters={view.filters}
      narrow={(filters) => addressOf({ ...view, filters })}
      allEmbedded={allEmbedded}
      level={level}
      none={<p>Like a few more papers, or remove filters.</p>}
    />
  );
}

const NoLikes = () => (
  <div class="none">
    <p>
      Mark papers with <em>Like</em> while you read, and this page recommends what is close to them, and away from what
      you marked <em>Not for me</em>. Your likes are kept in this browser.
    </p>
  </div>
);

function Opinions({ opinions }: { opinions: readonly Opinion[] }) {
  const likes = opinions.filter((opinion) => opinion.verdict === "like").toReversed();
  const dislikes = opinions.filter((opinion) => opinion.verdict === "dislike").toReversed();
  return (
    <details class="opinions">
      <summary>
        {[
          likes.length > 0 && `${count(likes.length, "paper")} you liked`,
          dislikes.length > 0 && `${count(dislikes.length, "paper")} not for you`,
        ]
          .filter(Boolean)
          .join(", ")}
      </summary>
      <OpinionList name="Liked" opinions={likes} />
      <OpinionList name="Not for me" opinions={dislikes} />
    </details>
  );
}

function OpinionList({ name, opinions }: { name: string; opinions: readonly Opinion[] }) {
  if (opinions.length === 0) return null;
  return (
    <>
      <h2>{name}</h2>
      <ul>
        {opinions.map((opinion) => (
          <li key={opinion.id}>
            <a href={addressOfPaper(opinion.id)} dir="auto">
              {opinion.title}
            </a>{" "}
            <button
              type="button"
              class="link"
              onClick={() => toggleVerdict(opinion, opinion.verdict)}
              aria-label={`Remove: ${opinion.title}`}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
