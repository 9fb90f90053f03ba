/** A picture of a paper and its neighbours: each is a link; lines join the most similar ones. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { NeighbourhoodAnswer } from "../../api.js";
import { Marked } from "../text/marked.js";
import { addressOfPaper } from "../navigation/address.js";
import { fetchNeighbourhood } from "../api/client.js";
import type { Problem } from "../api/http.js";
import { cardAt, layoutOf, type Place, radiusOf, type Size } from "./neighbourhood-layout.js";
import { familyName } from "../ui/wording.js";

type Papers = NeighbourhoodAnswer["papers"];

/** Shades from the oldest paper to the newest. */
const AGES = 5;
/** Characters of the longest name of a paper, and its font size in pixels, as in paper.css. */
const LONGEST_NAME = 22;
const NAME_SIZE = 12;

interface NeighbourhoodProps {
  id: string;
  edition: number;
  /** Whether every paper is embedded by now: then an earlier picture may lack some. */
  allEmbedded: boolean;
  /** Moves the focus past the picture. */
  past: () => void;
}

export function Neighbourhood({ id, edition, allEmbedded, past }: NeighbourhoodProps) {
  const [answer, setAnswer] = useState<NeighbourhoodAnswer | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);
  const lacking = allEmbedded && answer !== null && answer.pending > 0;
  useEffect(() => {
    if (lacking) setAttempt((before) => before + 1);
  }, [lacking]);
  useEffect(() => {
    const controller = new AbortController();
    fetchNeighbourhood(id, controller.signal).then(
      (fetched) => {
        setAnswer(fetched);
        setProblem(null);
      },
      (thrown: Problem) => {
        if (!controller.signal.aborted) setProblem(thrown);
      },
    );
    return () => controller.abort();
  }, [id, edition, attempt]);
  return (
    <section class="neighbourhood" aria-labelledby="neighbourhood">
      <h2 id="neighbourhood">Neighbourhood</h2>
      {answer?.notice != null && <p class="quiet">{answer.notice}</p>}
      {answer === null && problem !== null && (
        <p class="quiet">The neighbourhood could not be fetched. {problem.message}</p>
      )}
      {answer !== null && answer.papers.length > 0 && (
        <button type="button" class="link past" onClick={past}>
          Skip the drawing
        </button>
      )}
      {answer?.notice == null && (answer !== null || problem === null) && <Frame answer={answer} />}
    </section>
  );
}

/** Reserves the space of the picture while it is loading, and draws it in that size. */
function Frame({ answer }: { answer: NeighbourhoodAnswer | null }) {
  const frame = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size | null>(null);
  useLayoutEffect(() => {
    const { current } = frame;
    const measure = (): void => {
      if (current !== null) setSize({ width: current.clientWidth, height: current.clientHeight });
    };
    measure();
    const watching = new ResizeObserver(measure);
    if (current !== null) watching.observe(current);
    return () => watching.disconnect();
  }, []);
  return (
    <>
      <div class="frame" ref={frame}>
        {answer !== null && size !== null && size.width > 0 && (
          <Drawing answer={answer} width={size.width} height={size.height} />
        )}
      </div>
      <Legend papers={answer?.papers ?? []} />
    </>
  );
}

interface DrawingProps extends Size {
  answer: NeighbourhoodAnswer;
}

function Drawing({ answer: { papers, edges }, width, height }: DrawingProps) {
  const [pointed, setPointed] = useState<number | null>(null);
  const names = useMemo(() => papers.map(nameOf), [papers]);
  const { places, names: placed } = useMemo(
    () => layoutOf(widthsOf(names), edges, { width, height }),
    [names, edges, width, height],
  );
  const ages = useMemo(() => agesOf(papers), [papers]);
  const near = new Set(edges.flatMap(({ from, to }) => (from === pointed || to === pointed ? [from, to] : [])));
  const placeOf = (at: number): Place => places[at] ?? { x: 0, y: 0 };
  const shown = pointed === null ? undefined : papers[pointed];
  return (
    <>
      <svg
        class={pointed === null ? "drawing" : "drawing pointed"}
        width={width}
        height={height}
        role="group"
        aria-label="This paper and its neighbours; the list of related papers has them too"
      >
        <g aria-hidden="true">
          {edges.map(({ from, to }) => (
            <line
              key={`${from} ${to}`}
              class={from === pointed || to === pointed ? "edge near" : "edge"}
              x1={placeOf(from).x}
              y1={placeOf(from).y}
              x2={placeOf(to).x}
              y2={placeOf(to).y}
            />
          ))}
        </g>
        {papers.map((paper, at) => {
          const { x, y } = placeOf(at);
          const name = placed[at];
          return (
            <a
              key={paper.id}
              href={addressOfPaper(paper.id)}
              class={`node age-${ages[at]}${at === 0 ? " own" : ""}${near.has(at) ? " near" : ""}`}
              // Includes the visible name, for voice control.
              aria-label={`${paper.title}, ${names[at]}`}
              aria-current={at === 0 ? "page" : undefined}
              onPointerEnter={() => setPointed(at)}
              onPointerLeave={() => setPointed(null)}
              onFocus={() => setPointed(at)}
              onBlur={() => setPointed(null)}
            >
              <circle class="reach" cx={x} cy={y} r={14} />
              <circle class="dot" cx={x} cy={y} r={radiusOf(at)} />
              {name != null && (
                <text x={name.x} y={name.y} text-anchor={name.anchor} dominant-baseline="central">
                  {names[at]}
                </text>
              )}
            </a>
          );
        })}
      </svg>
      {shown !== undefined && pointed !== null && (
        <Card
          paper={shown}
          at={placeOf(pointed)}
          others={[...near].filter((at) => at !== pointed).map(placeOf)}
          frame={{ width, height }}
        />
      )}
    </>
  );
}

interface CardProps {
  paper: Papers[number];
  at: Place;
  /** The papers it is joined with, which must not be covered. */
  others: Place[];
  frame: Size;
}

/** Facts about the paper one points at. Hidden from screen readers: the label of the link has the title. */
function Card({ paper, at, others, frame }: CardProps) {
  const card = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const { current } = card;
    if (current === null) return;
    const { x, y } = cardAt(at, others, { width: current.offsetWidth, height: current.offsetHeight }, frame);
    current.style.translate = `${x}px ${y}px`;
  });
  const facts = [paper.author, paper.published?.slice(0, 4), paper.venue].filter((fact) => fact != null);
  return (
    <div ref={card} class="card" aria-hidden="true">
      <p class="title" dir="auto">
        <Marked text={paper.title} sentence={null} words={[]} />
      </p>
      {facts.length > 0 && <p dir="auto">{facts.join(" · ")}</p>}
    </div>
  );
}

function Legend({ papers }: { papers: Papers }) {
  const years = yearsOf(papers);
  if (years.length === 0) return null;
  const [first, last] = [Math.min(...years), Math.max(...years)];
  return (
    <p class="legend" aria-hidden="true">
      Lines join the most similar papers.
      {first < last && (
        <span>
          {first}
          {Array.from({ length: AGES }, (_, age) => (
            <i key={age} class={`age-${age}`} />
          ))}
          {last}
        </span>
      )}
    </p>
  );
}

const yearOf = (published: string | null): number | null => (published === null ? null : Number(published.slice(0, 4)));
const yearsOf = (papers: Papers): number[] =>
  papers.map(({ published }) => yearOf(published)).filter((year) => year !== null);

/** The shade of each paper between the oldest and the newest; "unknown" without a date. */
function agesOf(papers: Papers): (number | "unknown")[] {
  const years = yearsOf(papers);
  const [first, last] = [Math.min(...years), Math.max(...years)];
  return papers.map(({ published }) => {
    const year = yearOf(published);
    if (year === null) return "unknown";
    return first === last ? AGES - 1 : Math.min(AGES - 1, Math.floor(((year - first) / (last - first)) * AGES));
  });
}

/** The widths of names in the font of the page, in pixels. */
function widthsOf(names: readonly string[]): number[] {
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) return names.map((name) => name.length * 7);
  // Bold, as the name of this paper; the others are a little narrower.
  context.font = `600 ${NAME_SIZE}px ${getComputedStyle(document.body).fontFamily}`;
  return names.map((name) => context.measureText(name).width);
}

/** `Vaswani 2017`; the start of the title when the author is unknown. */
function nameOf({ author, title, published }: Papers[number]): string {
  const who = author === null ? title : familyName(author);
  const short = who.length > LONGEST_NAME ? `${who.slice(0, LONGEST_NAME - 1).trimEnd()}…` : who;
  return published === null ? short : `${short} ${published.slice(0, 4)}`;
}
