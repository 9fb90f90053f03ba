/** Papers per year as bars: drag over them, or move the two handles, to choose years. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Bin, papersIn, type Span, yearsInWords } from "./bins.js";
import { count, number } from "../ui/wording.js";

/** Milliseconds after the last key until a moved handle takes effect. */
const REST = 350;

const isSame = (one: Span | null, other: Span | null): boolean => one?.[0] === other?.[0] && one?.[1] === other?.[1];

interface HistogramProps {
  bins: readonly Bin[];
  /** The bars that are chosen; null for all. */
  chosen: Span | null;
  onChoose: (span: Span | null) => void;
}

export function Histogram({ bins, chosen, onChoose }: HistogramProps) {
  /** The span that is being chosen, and has no effect yet. */
  const [draft, setDraft] = useState<Span | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  /** The bars that are being dragged over, and the first of them. */
  const drag = useRef<{ anchor: number; span: Span } | null>(null);
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(rest.current), []);
  const last = bins.length - 1;
  const span = (draft !== null && draft[1] <= last ? draft : null) ?? chosen;
  const latest = useRef({ chosen, onChoose });
  latest.current = { chosen, onChoose };
  // The bars have changed: a choice among the previous ones is meaningless.
  useLayoutEffect(() => {
    clearTimeout(rest.current);
    drag.current = null;
    setDraft(null);
    setPointed(null);
  }, [bins[0]!.first, bins[last]!.last, bins.length]);
  const [from, to] = span ?? [0, last];

  const settle = (next: Span | null): void => {
    clearTimeout(rest.current);
    setDraft(null);
    const { chosen: before, onChoose: choose } = latest.current;
    if (!isSame(next, before)) choose(next);
  };
  const barAt = (event: PointerEvent & { currentTarget: HTMLElement }): number => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.max(0, Math.min(last, Math.floor(((event.clientX - left) / width) * bins.length)));
  };
  const onDown = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const bar = barAt(event);
    drag.current = { anchor: bar, span: [bar, bar] };
    setDraft(drag.current.span);
  };
  const onMove = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    const bar = barAt(event);
    setPointed(bar);
    if (drag.current === null) return;
    const { anchor } = drag.current;
    drag.current.span = [Math.min(anchor, bar), Math.max(anchor, bar)];
    setDraft(drag.current.span);
  };
  const onUp = (): void => {
    if (drag.current === null) return;
    const { span: drawn } = drag.current;
    drag.current = null;
    // A click on the only chosen bar removes the choice.
    settle(drawn[0] === drawn[1] && isSame(drawn, chosen) ? null : drawn);
  };
  const giveUp = (): void => {
    if (drag.current === null) return;
    drag.current = null;
    setDraft(null);
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape") giveUp();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  /** The handles are at the left of the first bar and at the right of the last. */
  const move = (next: Span): void => {
    setDraft(next);
    clearTimeout(rest.current);
    rest.current = setTimeout(() => settle(next), REST);
  };

  const described = pointed !== null && pointed <= last && drag.current === null ? ([pointed, pointed] as const) : span;
  const most = bins.reduce((a, b) => (b.papers > a.papers ? b : a));
  return (
    <div class={span === null ? "histogram" : "histogram narrowed"}>
      <p class="told" aria-hidden="true">
        {described !== null && (
          <>
            {yearsInWords(bins[described[0]]!.first, bins[described[1]]!.last).replace(" to ", "–")}{" "}
            <span>{number(papersIn(bins, described))}</span>
          </>
        )}
      </p>
      <div
        class="bars"
        onPointerDown={onDown}
        onPointerMove={onMove}
        onPointerUp={onUp}
        onPointerCancel={giveUp}
        onPointerLeave={() => setPointed(null)}
      >
        <svg
          role="img"
          aria-label={`Papers of the years ${yearsInWords(bins[0]!.first, bins[last]!.last)}, the most in ${yearsInWords(most.first, most.last)}: ${number(most.papers)}`}
          viewBox={`0 0 ${bins.length} 100`}
          preserveAspectRatio="none"
        >
          {span !== null && <rect class="ground" x={from} y={0} width={to - from + 1} height={100} />}
          {bins.map((bin, i) => {
            // A year of few papers is visible next to one of thousands.
            const height = bin.papers === 0 ? 0 : 4 + (96 * bin.papers) / most.papers;
            const taken = span !== null && i >= from && i <= to;
            return (
              <rect
                key={bin.first}
                class={`${taken ? "taken" : ""}${i === pointed ? " pointed" : ""}`}
                data-year={bin.first}
                x={i + 0.1}
                width={0.8}
                y={100 - height}
                height={height}
              />
            );
          })}
        </svg>
      </div>
      <div class="handles">
        <input
          type="range"
          aria-label="First year"
          min={0}
          max={bins.length}
          value={from}
          aria-valuetext={`${bins[from]!.first}, ${count(papersIn(bins, [from, to]), "paper")}`}
          onInput={(event) => move([Math.min(to, event.currentTarget.valueAsNumber), to])}
        />
        <input
          type="range"
          aria-label="Last year"
          min={0}
          max={bins.length}
          value={to + 1}
          aria-valuetext={`${bins[to]!.last}, ${count(papersIn(bins, [from, to]), "paper")}`}
          onInput={(event) => move([from, Math.max(from, event.currentTarget.valueAsNumber - 1)])}
        />
      </div>
      <p class="ends" aria-hidden="true">
        <span>{bins[0]!.first}</span>
        <span>{bins[last]!.last}</span>
      </p>
    </div>
  );
}
