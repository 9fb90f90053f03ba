/** The page of one paper: its record, where to read it, and its related papers. */
import type { ComponentChildren, RefObject } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Aspect, PaperAnswer } from "../../api.js";
import type { Paper } from "../../core/paper.js";
import { Marked } from "../text/marked.js";
import { addressOf, browse, type ListFilter, type PaperView } from "../navigation/address.js";
import { announce } from "../ui/announce.js";
import { FollowMenu } from "../alerts/follow-menu.js";
import { Authors } from "../results/authors.js";
import { Cite } from "./cite.js";
import { CopyKey } from "./citation-key.js";
import { coinsOf, useMetadata } from "./metadata.js";
import { fetchPaper, related } from "../api/client.js";
import { Problem } from "../api/http.js";
import { Failure } from "../ui/failure.js";
import { Slow } from "../ui/slow.js";
import { Heading } from "../ui/heading.js";
import type { Range } from "../text/range.js";
import type { Go } from "../navigation/router.js";
import { LikeButtons } from "../lists/like-buttons.js";
import { outsideLinks } from "../results/links.js";
import { NoticeBadge } from "../results/notice.js";
import { useKnownPaper, useListing } from "../results/listing.js";
import { NoteField } from "./note.js";
import { Neighbourhood } from "./neighbourhood.js";
import { SentencePair } from "./pair.js";
import { Results } from "../results/results.js";
import { Sentences } from "./sentences.js";
import { Steps } from "./steps.js";
import { useTitle } from "../ui/use-title.js";
import { dateInWords, number } from "../ui/wording.js";

const only = (list: ListFilter, value: string): string => addressOf(browse({ [list]: [value] }));

interface PaperPageProps {
  view: PaperView;
  go: Go;
  edition: number;
  allEmbedded: boolean;
}

export function PaperPage({ view, go, edition, allEmbedded }: PaperPageProps) {
  const { id } = view;
  const knownPaper = useKnownPaper();
  // A paper of a recent list is shown at once, and fetched all the same: it may have changed.
  const [answer, setAnswer] = useState<PaperAnswer | null>(() => {
    const known = knownPaper(id);
    return known === null ? null : { paper: known, sentences: [], sources: [], citationKey: "" };
  });
  const paper = answer?.paper ?? null;
  /** The sentence of this paper that is similar to the related paper one points at. */
  const [highlighted, highlight] = useState<Range | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const pastDrawing = useCallback(() => heading.current?.focus(), []);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);
  useTitle(paper?.title ?? "");
  useMetadata(paper);
  useEffect(() => {
    const controller = new AbortController();
    setProblem(null);
    fetchPaper(id, controller.signal).then(setAnswer, (thrown: Problem) => {
      if (controller.signal.aborted) return;
      setProblem(thrown);
      announce(thrown.message);
    });
    return () => controller.abort();
  }, [id, edition, attempt]);

  if (problem !== null && (paper === null || problem.status === 404))
    return (
      <main id="content" class="single" tabIndex={-1}>
        <Steps id={id} />
        <Heading>{problem.status === 404 ? "Paper not found" : "The paper could not be fetched"}</Heading>
        {problem.status === 404 ? (
          <>
            <p>
              No paper in this library has the id <code>{id}</code>. It may have been removed, or be in another one.
            </p>
            <p>
              <a href={addressOf(browse())}>See all papers</a>
            </p>
          </>
        ) : (
          <Failure problem={problem} again={() => setAttempt(attempt + 1)} />
        )}
      </main>
    );
  return (
    <main id="content" class="single" tabIndex={-1}>
      <Steps id={id} />
      {answer === null ? (
        <div aria-busy="true">
          <p class="quiet">Fetching the paper…</p>
          <Slow again={() => setAttempt(attempt + 1)} />
        </div>
      ) : (
        <>
          <Whole answer={answer} highlighted={highlighted} />
          <Neighbourhood id={id} edition={edition} allEmbedded={allEmbedded} past={pastDrawing} />
          <Related
            view={view}
            go={go}
            edition={edition}
            allEmbedded={allEmbedded}
            heading={heading}
            highlight={highlight}
          />
        </>
      )}
    </main>
  );
}

interface WholeProps {
  answer: PaperAnswer;
  highlighted: Range | null;
}

function Whole({ answer: { paper, sentences, sources, citationKey }, highlighted }: WholeProps) {
  return (
    <article class="whole" data-paper={paper.id} data-whole>
      <div>
        <Heading class="title">
          <Marked text={paper.title} />
          <NoticeBadge notice={paper.notice} />
        </Heading>
        <Authors authors={paper.authors} few={30} addressOf={(author) => only("author", author)} />
        <OutsideLinks paper={paper} />
        <abbr class="unapi-id" title={paper.id} hidden />
        <span class="Z3988" title={coinsOf(paper)} hidden />
        <div class="acts">
          <LikeButtons paper={paper} />
          <Cite id={paper.id} />
          <CopyKey citationKey={citationKey} />
          <FollowMenu paper={paper} />
        </div>
        <NoteField id={paper.id} />
        {paper.abstract === null ? (
          <p class="quiet">This paper has no abstract, so searches use its title only.</p>
        ) : (
          <Sentences text={paper.abstract} sentences={sentences} highlighted={highlighted} />
        )}
      </div>
      <Facts paper={paper} sources={sources} />
    </article>
  );
}

function OutsideLinks({ paper }: { paper: Paper }) {
  const links = outsideLinks(paper);
  if (links.length === 0) return null;
  return (
    <ul class="outside" aria-label="Read it at">
      {links.map(({ label, text, href }) => (
        <li key={href}>
          <span>{label}</span>{" "}
          <a href={href} rel="noreferrer">
            {text}
          </a>
        </li>
      ))}
    </ul>
  );
}

const Day = ({ date }: { date: string }) => <time dateTime={date}>{dateInWords(date)}</time>;

function Facts({ paper, sources }: Pick<PaperAnswer, "paper" | "sources">) {
  return (
    <dl class="record">
      <Fact name="Published">{paper.published !== null && <Day date={paper.published} />}</Fact>
      <Fact name="Updated">{paper.updated !== null && <Day date={paper.updated} />}</Fact>
      <Fact name="Venue">{paper.venue !== null && <a href={only("venue", paper.venue)}>{paper.venue}</a>}</Fact>
      <Fact name="Categories">
        {paper.categories.length > 0 && (
          <Linked values={paper.categories} hrefOf={(value) => only("category", value)} />
        )}
      </Fact>
      <Fact name="Keywords">
        {paper.keywords.length > 0 && (
          <Linked values={paper.keywords} hrefOf={(value) => addressOf({ ...browse(), q: value.trim() })} />
        )}
      </Fact>
      <Fact name="Organization">{paper.organization}</Fact>
      <Fact name="Listed">{paper.listed !== null && <Day date={paper.listed} />}</Fact>
      <Fact name="Upvotes">{paper.upvotes !== null && number(paper.upvotes)}</Fact>
      <Fact name="Comments">{paper.comments !== null && number(paper.comments)}</Fact>
      <Fact name="Source">{paper.source !== null && <a href={only("source", paper.source)}>{paper.source}</a>}</Fact>
      <Fact name="Brought by">
        {sources.length > 0 && <Linked values={sources} hrefOf={() => addressOf({ view: "sources" })} />}
      </Fact>
      <Fact name="Id">
        <code>{paper.id}</code>
      </Fact>
    </dl>
  );
}

/** One line of the record; nothing when the value is unknown. */
function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  if (children === null || children === false || children === undefined) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd dir="auto">{children}</dd>
    </div>
  );
}

const Linked = ({ values, hrefOf }: { values: readonly string[]; hrefOf: (value: string) => string }) => (
  <>
    {values.map((value, index) => (
      <span key={index}>
        {index > 0 && ", "}
        <a href={hrefOf(value)}>
          <bdi>{value}</bdi>
        </a>
      </span>
    ))}
  </>
);

/** What the sentences can be about. */
const ASPECTS: readonly [aspect: Aspect | null, words: string][] = [
  [null, "Everything"],
  ["background", "What it asks"],
  ["method", "How it goes about it"],
  ["result", "What it finds"],
];

interface RelatedProps extends PaperPageProps {
  heading: RefObject<HTMLHeadingElement | null>;
  /** Highlights a sentence of this paper; null for none. */
  highlight: (here: Range | null) => void;
}

function Related({ view, go, edition, allEmbedded, heading, highlight }: RelatedProps) {
  const { id, aspect } = view;
  const key = `${edition} related ${aspect ?? ""} ${id}`;
  const listing = useListing(key, (cursor, signal) => related(id, aspect, cursor, signal), { quiet: aspect === null });
  /** Highlights the sentence that is similar to the related paper one points at, or else to the one with the focus. */
  const follow = (place: EventTarget | null): void => {
    const result = [place, document.activeElement]
      .map((element) => (element instanceof Element ? element.closest<HTMLElement>("[data-result]") : null))
      .find((element) => element !== null);
    const hit = listing.page?.hits.find(({ paper }) => paper.id === result?.dataset["paper"]);
    highlight(hit?.matched.pair?.here ?? null);
  };
  return (
    <section
      class="related"
      aria-labelledby="related"
      // Ignores a pointer that rests while the page scrolls under it.
      onPointerMove={(event) => {
        if (event.movementX !== 0 || event.movementY !== 0) follow(event.target);
      }}
      onPointerLeave={() => follow(null)}
      onFocusIn={(event) => follow(event.target)}
      onFocusOut={() => highlight(null)}
    >
      <h2 id="related" ref={heading} tabIndex={-1}>
        Related papers
      </h2>
      <fieldset class="choice row">
        <legend>Show sentences on</legend>
        {ASPECTS.map(([value, words]) => (
          <label key={words}>
            <input
              type="radio"
              name="aspect"
              checked={aspect === value}
              onChange={() => go({ view: "paper", id, aspect: value }, "stay")}
            />
            {words}
          </label>
        ))}
      </fieldset>
      <Results
        listing={listing}
        filters={{}}
        narrow={(filters) => addressOf(browse(filters))}
        allEmbedded={allEmbedded}
        level={3}
        pairing={(pair) => <SentencePair pair={pair} />}
      />
    </section>
  );
}
