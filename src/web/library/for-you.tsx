/** Recommendations from the likes, or from any list. */
import { useState } from "preact/hooks";
import type { MAX_EXAMPLES } from "../../api.js";
import { DISLIKES, LIKES } from "../../core/list.js";
import { FeedButton } from "../alerts/feed.js";
import { Follow } from "../alerts/follow.js";
import { ActiveFilters } from "../search/active-filters.js";
import { addressOf, addressOfList, type ForYouView } from "../navigation/address.js";
import { countRecommended, recommend } from "../api/client.js";
import { FilterPanel, isBeside } from "../search/filters.js";
import { focusHeading, Heading } from "../ui/heading.js";
import type { Go } from "../navigation/router.js";
import { useListing } from "../results/listing.js";
import { idsIn, nameIn, ownLists, titleOfList } from "../lists/lists.js";
import { NotKnown } from "./not-known.js";
import { Results } from "../results/results.js";
import { type CountedList, useFacets } from "../search/use-facets.js";
import { useKnown, useLists } from "../lists/use-lists.js";
import { useTitle } from "../ui/use-title.js";
import { count } from "../ui/wording.js";

/** Likes that the server accepts; of more, the newest count. */
const MAX_LIKES: typeof MAX_EXAMPLES = 1_000;

interface ForYouProps {
  view: ForYouView;
  go: Go;
  edition: number;
  allEmbedded: boolean;
}

export function ForYou({ view, go, edition, allEmbedded }: ForYouProps) {
  const kept = useLists();
  const known = useKnown();
  const name = nameIn(kept, view.list);
  const likes = idsIn(kept, name).slice(-MAX_LIKES);
  const dislikes = idsIn(kept, DISLIKES).slice(-MAX_LIKES);
  const now = JSON.stringify([name, likes, dislikes]);
  // The recommendations stay as they are while one goes through them and likes papers: they are updated on request.
  const [asked, setAsked] = useState({ now, likes, dislikes });
  // But not those that were made before the likes had arrived, or for another list.
  const fresh = asked.now === now || asked.likes.length === 0 || !asked.now.startsWith(`[${JSON.stringify(name)},`);
  if (fresh && asked.now !== now) setAsked({ now, likes, dislikes });
  useTitle("For you");
  const [counting, setCounting] = useState(isBeside);
  const counted: CountedList = {
    keyOf: (filters) => JSON.stringify([edition, asked.now, filters]),
    count: (filters, signal) => countRecommended(asked, filters, signal),
  };
  const facets = useFacets(counted, view.filters, counting && known);
  return (
    <div class="columns">
      <FilterPanel view={view} go={go} hits={[]} facets={facets} onShow={setCounting} />
      <main id="content" tabIndex={-1}>
        <Heading class="for-you">For you</Heading>
        <BasedOn view={{ ...view, list: name }} go={go} likes={likes.length} />
        {!known ? (
          <NotKnown />
        ) : (
          <>
            {likes.length === 0 && (
              <>
                {name === LIKES && <NoLikes />}
                <h2>New and noted</h2>
              </>
            )}
            <ActiveFilters filters={view.filters} onChange={(filters) => go({ ...view, filters })} />
            {likes.length > 0 && (
              <div class="doings">
                <Follow
                  view={{ ...view, list: name }}
                  words="Follow: more like these"
                  now={`Based on ${count(likes.length, "paper")} now.`}
                />
                <FeedButton view={{ ...view, list: name }} />
              </div>
            )}
            {!fresh && (
              <p class="changed">
                What you like has changed.{" "}
                <button
                  type="button"
                  onClick={() => {
                    setAsked({ now, likes, dislikes });
                    focusHeading();
                  }}
                >
                  Update recommendations
                </button>
              </p>
            )}
            <Recommended
              view={view}
              name={name}
              edition={edition}
              allEmbedded={allEmbedded}
              asked={asked}
              level={likes.length === 0 ? 3 : 2}
            />
          </>
        )}
      </main>
    </div>
  );
}

/** The list that recommendations are made from. */
function BasedOn({ view, go, likes }: Pick<ForYouProps, "view" | "go"> & { likes: number }) {
  const lists = [LIKES, ...ownLists(useLists())];
  return (
    <p class="based">
      {lists.length > 1 && (
        <label>
          Based on{" "}
          <select value={view.list} onChange={(event) => go({ ...view, list: event.currentTarget.value })}>
            {[...new Set([...lists, view.list])].map((name) => (
              <option key={name} value={name}>
                {titleOfList(name)}
              </option>
            ))}
          </select>
        </label>
      )}{" "}
      {likes > 0 && (
        <a href={addressOfList(view.list)}>
          {view.list === LIKES ? `${count(likes, "paper")} you liked` : count(likes, "paper")}
        </a>
      )}
    </p>
  );
}

type RecommendedProps = Omit<ForYouProps, "go"> & {
  /** The stored name of the list. */
  name: string;
  asked: { now: string; likes: string[]; dislikes: string[] };
  level: 2 | 3;
};

function Recommended({ view, name, edition, allEmbedded, asked, level }: RecommendedProps) {
  const { now, likes, dislikes } = asked;
  const key = JSON.stringify([edition, addressOf(view), now]);
  const listing = useListing(key, (cursor, signal) => recommend({ likes, dislikes }, view.filters, cursor, signal));
  return (
    <Results
      listing={listing}
      filters={view.filters}
      narrow={(filters) => addressOf({ ...view, filters })}
      allEmbedded={allEmbedded}
      level={level}
      basedOn={name}
      none={<p>Like a few more papers, or remove filters.</p>}
    />
  );
}

const NoLikes = () => (
  <div class="none">
    <p>
      Mark papers with <em>Like</em> while you read, and this page recommends papers that are close to them and far from
      those you marked <em>Not for me</em>. Your likes are kept with the papers, on this machine.
    </p>
  </div>
);
