/** Why a paper is at its place: what adds to its score, as a table with bars. */
import { useEffect, useState } from "preact/hooks";
import type { Explain, Explanation } from "../../api.js";
import type { Problem } from "../api/http.js";
import { Failure } from "../ui/failure.js";
import { inWords, NAMES, ordinal, telling, widthsOf } from "./why-words.js";

/** Asks why a paper is in the list. */
export type AskWhy = (id: string, signal: AbortSignal) => Promise<Explanation>;

interface WhyButtonProps {
  title: string;
  open: boolean;
  panel: string;
  onToggle: () => void;
}

export const WhyButton = ({ title, open, panel, onToggle }: WhyButtonProps) => (
  <button
    type="button"
    class="why-button"
    aria-expanded={open}
    aria-controls={panel}
    aria-label={`Why this? ${title}`}
    onClick={onToggle}
    data-action="why"
  >
    <span>
      Why<span class="roomy"> this</span>?
    </span>
  </button>
);

interface WhyProps {
  panel: string;
  id: string;
  /** The explanation that came with the paper; undefined to ask for it. */
  told: Explain | undefined;
  ask: AskWhy | undefined;
}

export function Why({ panel, id, told, ask }: WhyProps) {
  const [explanation, setExplanation] = useState<Explanation | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (told !== undefined || ask === undefined) return undefined;
    const controller = new AbortController();
    setProblem(null);
    ask(id, controller.signal).then(setExplanation, (thrown: Problem) => {
      if (!controller.signal.aborted) setProblem(thrown);
    });
    return () => controller.abort();
    // A new answer is a new hit, and mounts this again.
  }, [attempt]);
  const explain = told ?? explanation?.hit?.explain;
  return (
    <div
      id={panel}
      class="why"
      role="group"
      aria-label="Why this paper"
      aria-busy={explain === undefined && problem === null}
    >
      {problem !== null && <Failure problem={problem} again={() => setAttempt(attempt + 1)} />}
      {(explanation !== null || explain !== undefined) && (
        <p>
          {explanation?.why} {explain !== undefined && inWords(explain)}
        </p>
      )}
      {explain !== undefined && <Signals explain={explain} />}
      {explain !== undefined && explain.words.length > 0 && <Words words={explain.words} />}
    </div>
  );
}

function Signals({ explain }: { explain: Explain }) {
  const signals = telling(explain.signals);
  const widths = widthsOf(signals.map(({ contribution }) => contribution));
  const score = explain.signals.reduce((sum, { contribution }) => sum + contribution, 0);
  return (
    <table>
      <caption class="unseen">What adds up to its score</caption>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">adds</th>
          <td />
          <th scope="col">place</th>
        </tr>
      </thead>
      <tbody>
        {signals.map(({ name, contribution, rank }, i) => (
          <tr key={name}>
            <th scope="row">{NAMES[name]}</th>
            <td class="figure">{signed(contribution)}</td>
            <Bar width={widths[i]!} against={contribution < 0} />
            <td class="place">{rank === null ? "–" : ordinal(rank)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">Score</th>
          <td class="figure">{score.toFixed(3)}</td>
          <td colSpan={2} />
        </tr>
      </tfoot>
    </table>
  );
}

/** Words shown: a long question has more than anyone reads. */
const MAX_WORDS = 12;

function Words({ words }: { words: Explain["words"] }) {
  const shown = words.slice(0, MAX_WORDS);
  const widths = widthsOf(shown.map(({ weight }) => weight));
  return (
    <table>
      <caption class="unseen">What each word adds to the weight of its words</caption>
      <thead>
        <tr>
          <th scope="col">Word</th>
          <th scope="col">weighs</th>
          <td colSpan={2} />
        </tr>
      </thead>
      <tbody>
        {shown.map(({ word, weight }, i) => (
          <tr key={word} class={weight === 0 ? "absent" : ""}>
            <th scope="row">
              <bdi>{word}</bdi>
            </th>
            {weight === 0 ? <td class="figure">not in it</td> : <td class="figure">{weight.toFixed(2)}</td>}
            <Bar width={widths[i]!} against={false} />
            <td />
          </tr>
        ))}
        {words.length > shown.length && (
          <tr>
            <td colSpan={4}>and {words.length - shown.length} more</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

/** A picture of the figure next to it. */
const Bar = ({ width, against }: { width: number; against: boolean }) => (
  <td class="bar" aria-hidden="true">
    <span class={against ? "against" : ""} style={{ width: `${(100 * width).toFixed(1)}%` }} />
  </td>
);

const signed = (value: number): string => (value < 0 ? `−${(-value).toFixed(3)}` : value.toFixed(3));
