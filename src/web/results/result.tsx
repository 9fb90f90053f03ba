/** One paper in a list. */
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import type { Pair } from "../../api.js";
import { DISLIKES, LIKES } from "../../core/list.js";
import type { Paper } from "../../core/paper.js";
import { Abstract, Marked } from "../text/marked.js";
import { addressOfPaper, type PageFilters, withValue } from "../navigation/address.js";
import { Authors } from "./authors.js";
import type { PageHit } from "../api/client.js";
import { excerptOf } from "../text/highlight.js";
import { LikeButtons } from "../lists/like-buttons.js";
import { outsideLinks } from "./links.js";
import { NoticeBadge } from "./notice.js";
import { holds, noteOn, titleOfList } from "../lists/lists.js";
import { useLists } from "../lists/use-lists.js";
import { type AskWhy, Why, WhyButton } from "./why.js";
import { count, dateInWords } from "../ui/wording.js";

interface ResultProps {
  hit: PageHit;
  filters: PageFilters;
  narrow: (filters: PageFilters) => string;
  level: 2 | 3;
  /** Shows the sentences by which a paper is related, instead of an excerpt. */
  pairing?: ((pair: Pair) => ComponentChildren) | undefined;
  explain?: AskWhy | undefined;
  /** The list that the paper is recommended from. */
  basedOn?: string | undefined;
}

export function Result({ hit, filters, narrow, level, pairing, explain, basedOn }: ResultProps) {
  const { paper } = hit;
  const { pair } = hit.matched;
  const sentence =
    pair === undefined || pair === null ? hit.matched.sentence : { ...pair.there, similarity: pair.similarity };
  const matched = { ...hit.matched, sentence };
  const [whole, setWhole] = useState(false);
  /** The hit that is explained; in another answer the same paper has another explanation. */
  const [explained, setExplained] = useState<PageHit | null>(null);
  const why = useId();
  const text = paper.abstract ?? "";
  const excerpt = excerptOf(text, matched.sentence);
  const kept = useLists();
  const note = noteOn(kept, paper.id);
  const paired = pair === undefined || pair === null ? null : (pairing?.(pair) ?? null);
  const isCut = paired !== null || excerpt.start > 0 || excerpt.end < text.length;
  const Title = `h${level}` as const;
  const { for: [liked] = [], reason = null } = hit.because ?? {};
  const likedId = liked !== undefined && "id" in liked.example ? liked.example.id : undefined;
  return (
    <article class={holds(kept, DISLIKES, paper.id) ? "result disliked" : "result"} data-paper={paper.id} data-result>
      <Title class="title" dir="auto">
        <a href={addressOfPaper(paper.id)}>
          <Marked text={paper.title} words={matched.words} />
        </a>
        <NoticeBadge notice={paper.notice} />
      </Title>
      <abbr class="unapi-id" title={paper.id} hidden />
      <Authors authors={paper.authors} few={3} addressOf={(author) => narrow(withValue(filters, "author", author))} />
      <Facts paper={paper} filters={filters} narrow={narrow} />
      {paired}
      {paper.abstract === null ? (
        <p class="quiet">No abstract.</p>
      ) : (
        (paired === null || whole) && (
          <Abstract text={text} range={whole ? { start: 0, end: text.length } : excerpt} matched={matched} />
        )
      )}
      {hit.versions.length > 0 && <Versions versions={hit.versions} />}
      {likedId !== undefined && (
        <p class="because">
          Closest to{" "}
          <a href={addressOfPaper(likedId)}>
            <bdi>
              <Marked text={liked?.title ?? likedId} />
            </bdi>
          </a>
          ,{" "}
          {basedOn === undefined || basedOn === LIKES ? (
            "which you liked"
          ) : (
            <>
              in <bdi>{titleOfList(basedOn)}</bdi>
            </>
          )}
        </p>
      )}
      {reason !== null && <p class="because">{reason}</p>}
      {note !== "" && (
        <p class="because own" dir="auto">
          <span class="unseen">Your note: </span>
          {note}
        </p>
      )}
      <footer class="actions">
        <LikeButtons paper={paper} />
        {(explain !== undefined || hit.explain !== undefined) && (
          <WhyButton
            title={paper.title}
            open={explained === hit}
            panel={why}
            onToggle={() => setExplained(explained === hit ? null : hit)}
          />
        )}
        {isCut && (
          <button
            type="button"
            class="expand"
            aria-expanded={whole}
            onClick={() => setWhole(!whole)}
            data-action="expand"
          >
            {whole ? "Less" : "Whole abstract"}
          </button>
        )}
      </footer>
      {explained === hit && <Why panel={why} id={paper.id} told={hit.explain} ask={explain} />}
    </article>
  );
}

/** Copies of the paper in the library. */
function Versions({ versions }: { versions: PageHit["versions"] }) {
  return (
    <p class="versions">
      Also here:{" "}
      {versions.map(({ id, venue, source, published, notice }, index) => (
        <span key={id}>
          {index > 0 && ", "}
          <a href={addressOfPaper(id)}>
            <bdi>{venue ?? source ?? id}</bdi>
          </a>
          {published !== null && ` (${published.slice(0, 4)})`}
          <NoticeBadge notice={notice} />
        </span>
      ))}
    </p>
  );
}

interface FactsProps {
  paper: Paper;
  filters: PageFilters;
  narrow: (filters: PageFilters) => string;
}

/** Date, venue, categories, votes and links, on one line. */
function Facts({ paper, filters, narrow }: FactsProps) {
  const date = paper.published ?? paper.listed;
  const links = outsideLinks(paper);
  const votes = paper.upvotes ?? 0;
  const comments = paper.comments ?? 0;
  const known = [date, paper.venue, ...paper.categories].some((one) => one !== null);
  if (!known && votes === 0 && comments === 0 && links.length === 0) return null;
  return (
    <ul class="facts">
      {date !== null && (
        <li>
          <time dateTime={date}>{dateInWords(date)}</time>
        </li>
      )}
      {paper.venue !== null && (
        <li>
          <a href={narrow(withValue(filters, "venue", paper.venue))}>
            <bdi>{paper.venue}</bdi>
          </a>
        </li>
      )}
      {paper.categories.slice(0, 4).map((category, index) => (
        <li key={index}>
          <a class="category" href={narrow(withValue(filters, "category", category))}>
            <bdi>{category}</bdi>
          </a>
        </li>
      ))}
      {paper.categories.length > 4 && <li>and {paper.categories.length - 4} more</li>}
      {votes > 0 && <li>{count(votes, "upvote")}</li>}
      {comments > 0 && <li>{count(comments, "comment")}</li>}
      {links.map(({ label, text, href }) => (
        <li key={href}>
          <a class="out" href={href} rel="noreferrer" title={href}>
            {label === "Web" ? text : label}
          </a>
        </li>
      ))}
    </ul>
  );
}
