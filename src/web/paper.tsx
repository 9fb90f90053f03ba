/** One paper at its own address: all that is known of it, where to read it, and what it is kin to. */
import type { ComponentChildren, RefObject } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Aspect, PaperAnswer } from "../api.js";
import type { Paper } from "../paper.js";
import { Marked } from "./abstract.js";
import { addressOf, browse, type ListFilter, type PaperView } from "./address.js";
import { announce } from "./announce.js";
import { Authors } from "./authors.js";
import { Cite } from "./cite.js";
import { fetchPaper, Problem, related } from "./client.js";
import { Failure } from "./failure.js";
import { Slow } from "./slow.js";
import { Heading } from "./heading.js";
import type { Range } from "./highlight.js";
import type { Go } from "./journey.js";
import { LikeButtons } from "./like-buttons.js";
import { outsideLinks } from "./links.js";
import { knownPaper, useListing } from "./listing.js";
import { NoteField } from "./note.js";
import { Neighbourhood } from "./neighbourhood.js";
import { SentencePair } from "./pair.js";
import { Results } from "./results.js";
import { Sentences } from "./sentences.js";
import { Steps } from "./steps.js";
import { useTitle } from "./use-title.js";
import { dateInWords, number } from "./wording.js";

const only = (list: ListFilter, value: string): string => addressOf(browse({ [list]: [value] }));

interface PaperPageProps {
  view: PaperView;
  go: Go;
  edition: number;
  allEmbedded: boolean;
}

export function PaperPage({ view, go, edition, allEmbedded }: PaperPageProps) {
  const { id } = view;
  // A paper that was in a list is there at once; it is fetched all the same, for it may have changed.
  const [answer, setAnswer] = useState<PaperAnswer | null>(() => known(id));
  const paper = answer?.paper ?? null;
  /** The sentence of this paper that a related one, which is pointed at, is like. */
  const [lit, light] = useState<Range | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const pastDrawing = useCallback(() => heading.current?.focus(), []);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);
  useTitle(paper?.title ?? "");
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
        <Heading>{problem.status === 404 ? "There is no such paper" : "The paper could not be fetched"}</Heading>
        {problem.status === 404 ? (
          <>
            <p>
              No paper here has the id <code>{id}</code>. It may have been imported elsewhere, or deleted.
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
          <Whole answer={answer} lit={lit} />
          <Neighbourhood id={id} edition={edition} allEmbedded={allEmbedded} past={pastDrawing} />
          <Related view={view} go={go} edition={edition} allEmbedded={allEmbedded} heading={heading} light={light} />
        </>
      )}
    </main>
  );
}

function known(id: string): PaperAnswer | null {
  const paper = knownPaper(id);
  return paper === null ? null : { paper, sentences: [] };
}

function Whole({ answer: { paper, sentences }, lit }: { answer: PaperAnswer; lit: Range | null }) {
  return (
    <article class="whole" data-paper={paper.id} data-whole>
      <div>
        <Heading class="title">
          <Marked text={paper.title} />
        </Heading>
        <Authors authors={paper.authors} few={30} addressOf={(author) => only("author", author)} />
        <OutsideLinks paper={paper} />
        <div class="acts">
          <LikeButtons paper={paper} />
          <Cite id={paper.id} />
        </div>
        <NoteField id={paper.id} />
        {paper.abstract === null ? (
          <p class="quiet">This paper came without an abstract. Its title alone stands for it in searches.</p>
        ) : (
          <Sentences text={paper.abstract} sentences={sentences} lit={lit} />
        )}
      </div>
      <Facts paper={paper} />
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

function Facts({ paper }: { paper: Paper }) {
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
      <Fact name="Id">
        <code>{paper.id}</code>
      </Fact>
    </dl>
  );
}

/** One line of the record; nothing when nothing is known. */
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

/** What the sentences that are shown can be about. */
const ASPECTS: readonly [aspect: Aspect | null, words: string][] = [
  [null, "Everything"],
  ["background", "What it asks"],
  ["method", "How it goes about it"],
  ["result", "What it finds"],
];

interface RelatedProps extends PaperPageProps {
  heading: RefObject<HTMLHeadingElement | null>;
  /** Lights a sentence of this paper; null lights none. */
  light: (here: Range | null) => void;
}

function Related({ view, go, edition, allEmbedded, heading, light }: RelatedProps) {
  const { id, aspect } = view;
  const key = `${edition} related ${aspect ?? ""} ${id}`;
  const listing = useListing(key, (cursor, signal) => related(id, aspect, cursor, signal), { quiet: aspect === null });
  /** Lights the sentence by which this paper is like the related one that is pointed at, or else has the focus. */
  const follow = (place: EventTarget | null): void => {
    const result = [place, document.activeElement]
      .map((element) => (element instanceof Element ? element.closest<HTMLElement>("[data-result]") : null))
      .find((element) => element !== null);
    const hit = listing.page?.hits.find(({ paper }) => paper.id === result?.dataset["paper"]);
    light(hit?.matched.pair?.here ?? null);
  };
  return (
    <section
      class="related"
      aria-labelledby="related"
      // A pointer that rests while the page moves under it points at nothing.
      onPointerMove={(event) => {
        if (event.movementX !== 0 || event.movementY !== 0) follow(event.target);
      }}
      onPointerLeave={() => follow(null)}
      onFocusIn={(event) => follow(event.target)}
      onFocusOut={() => light(null)}
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
