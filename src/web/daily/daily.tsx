/** Papers of the daily lists by day, week or month, most upvoted first; and those that are trending. */
import { useEffect, useState } from "preact/hooks";
import type { Facets } from "../../api.js";
import { daysOf, weekOf } from "../../core/period.js";
import { addressOf, browse, type DailyView, STRETCHES, type Stretch } from "../navigation/address.js";
import { visit } from "../navigation/router.js";
import { FeedButton } from "../alerts/feed.js";
import { Follow } from "../alerts/follow.js";
import { fetchDays, list } from "../api/client.js";
import { Problem } from "../api/http.js";
import { Failure } from "../ui/failure.js";
import { useStore } from "../session/stores.js";
import { focusHeading, Heading } from "../ui/heading.js";
import { type Listing, useListing } from "../results/listing.js";
import { Results } from "../results/results.js";
import { useTitle } from "../ui/use-title.js";
import { count, periodInWords } from "../ui/wording.js";

type Days = Facets["days"];

/** The days fetched last, so that going back shows them at once. */
class LastDays {
  days: Days | null = null;
}

const NAMES: Record<Stretch, string> = { day: "Day", week: "Week", month: "Month", trending: "Trending" };

/** The day itself, its week or its month. */
const periodOf = (by: Exclude<Stretch, "trending">, day: string): string =>
  by === "day" ? day : by === "week" ? weekOf(day) : day.slice(0, 7);

interface DailyProps {
  view: DailyView;
  edition: number;
  allEmbedded: boolean;
}

export function Daily({ view, edition, allEmbedded }: DailyProps) {
  const last = useStore(LastDays);
  const [days, setDays] = useState(last.days);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);
  useTitle("Daily");
  useEffect(() => {
    const controller = new AbortController();
    setProblem(null);
    fetchDays(controller.signal).then(
      (all) => {
        // Some dates are only a month or a year.
        last.days = all.filter(({ value }) => value.length === 10);
        setDays(last.days);
      },
      (thrown: Problem) => void (controller.signal.aborted || setProblem(thrown)),
    );
    return () => controller.abort();
  }, [edition, attempt]);
  return (
    <main id="content" class="single daily" tabIndex={-1}>
      <Heading class="for-you">{view.by === "trending" ? "Trending" : "Daily papers"}</Heading>
      <nav class="stretches" aria-label="Period">
        {STRETCHES.map((by) => (
          <a
            key={by}
            href={addressOf({ view: "daily", by, period: null })}
            aria-current={by === view.by ? "page" : undefined}
          >
            {NAMES[by]}
          </a>
        ))}
      </nav>
      {problem !== null && <Failure problem={problem} again={() => setAttempt(attempt + 1)} />}
      {view.by === "trending" ? (
        <Trending edition={edition} allEmbedded={allEmbedded} />
      ) : days === null ? null : days.length === 0 ? (
        <NoDays />
      ) : (
        <Period by={view.by} asked={view.period} days={days} edition={edition} allEmbedded={allEmbedded} />
      )}
    </main>
  );
}

type ListProps = Omit<DailyProps, "view">;

interface PeriodProps extends ListProps {
  by: Exclude<Stretch, "trending">;
  /** null for the newest. */
  asked: string | null;
  days: Days;
}

function Period({ by, asked, days, edition, allEmbedded }: PeriodProps) {
  // Newest first, like the days.
  const periods = [...new Set(days.map(({ value }) => periodOf(by, value)))];
  const period = asked !== null && periods.includes(asked) ? asked : (asked ?? periods[0] ?? "");
  const { first, last } = daysOf(period);
  const papers = days
    .filter(({ value }) => value >= first && value <= `${last}~`)
    .reduce((sum, day) => sum + day.papers, 0);
  // The period in the address may have no papers: these are the nearest ones that have.
  const older = periods.find((other) => other < period);
  const newer = periods.findLast((other) => other > period);
  const to = (other: string): string => addressOf({ view: "daily", by, period: other });
  const listing = useListing(`${edition} daily ${period}`, (cursor, signal) =>
    list({ listed: period }, "upvotes", cursor, signal),
  );
  return (
    <>
      <div class="period">
        <h2>{periodInWords(period)}</h2>
        <p class="quiet">{papers === 0 ? "No papers were listed" : count(papers, "paper")}</p>
        <p class="turn">
          {older !== undefined && (
            // At the end this link, which has the focus, disappears.
            <a href={to(older)} rel="prev" onClick={older === periods.at(-1) ? focusHeading : undefined}>
              <span class="unseen">Previous: </span>
              {periodInWords(older)}
            </a>
          )}
          {newer !== undefined && (
            <a href={to(newer)} rel="next" onClick={newer === periods[0] ? focusHeading : undefined}>
              <span class="unseen">Next: </span>
              {periodInWords(newer)}
            </a>
          )}
        </p>
        <label class="jump">
          <span>Go to</span>
          <select value={period} onChange={(event) => visit(to(event.currentTarget.value))}>
            {periods.includes(period) ? null : <option value={period}>{periodInWords(period)}</option>}
            {periods.map((one) => (
              <option key={one} value={one}>
                {periodInWords(one)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <div class="doings">
        <Follow
          view={{ view: "daily", by, period }}
          words="Follow the daily papers"
          now={`${count(papers, "paper")} in this period.`}
        />
        <FeedButton view={{ view: "daily", by, period }} />
      </div>
      <Papers listing={listing} allEmbedded={allEmbedded} level={3} />
    </>
  );
}

function Trending({ edition, allEmbedded }: ListProps) {
  const listing = useListing(`${edition} trending`, (cursor, signal) => list({}, "trending", cursor, signal));
  return (
    <>
      <p class="quiet">Ten times as many votes and comments count as much as being 30 days newer.</p>
      <div class="doings">
        <Follow
          view={{ view: "daily", by: "trending", period: null }}
          words="Follow what is trending"
          now={trendingNow(listing)}
        />
        <FeedButton view={{ view: "daily", by: "trending", period: null }} />
      </div>
      <Papers listing={listing} allEmbedded={allEmbedded} level={2} />
    </>
  );
}

function trendingNow({ page }: Listing): string {
  const [first] = page?.hits ?? [];
  return first === undefined ? "" : `The first now is “${first.paper.title}”.`;
}

interface PapersProps {
  listing: Listing;
  allEmbedded: boolean;
  level: 2 | 3;
}

const Papers = ({ listing, allEmbedded, level }: PapersProps) => (
  <Results
    listing={listing}
    filters={{}}
    narrow={(filters) => addressOf(browse(filters))}
    allEmbedded={allEmbedded}
    level={level}
    none={
      <p>
        <a href={addressOf(browse())}>See all papers</a>
      </p>
    }
  />
);

const NoDays = () => (
  <div class="none">
    <p>
      None of the papers here has the date of a daily list (the field <code>listed</code>, or Hugging Face’s files of
      daily papers).
    </p>
    <ul class="advice">
      <li>
        <a href={addressOf(browse())}>Browse the most recently published papers</a>
      </li>
      <li>
        <a href={addressOf({ view: "daily", by: "trending", period: null })}>See what is trending</a>
      </li>
    </ul>
  </div>
);
