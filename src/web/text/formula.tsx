/** A formula: its source until the code that draws it is here, and for good when it cannot be drawn. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

type Draw = typeof import("./draw-formula.js").draw;

let draw: Draw | null = null;
let fetching: Promise<void> | null = null;

/** Fetches what draws formulas, once for all of them. What did not come does not come until the page is loaded again. */
function fetchDraw(): Promise<void> {
  fetching ??= import("./draw-formula.js").then(
    (module) => {
      draw = module.draw;
    },
    () => {
      // The browser has told of it, and formulas can be read as they are.
    },
  );
  return fetching;
}

/** What draws formulas; null until it is here. */
function useDraw(): Draw | null {
  const [ready, setReady] = useState(() => draw);
  useEffect(() => {
    let isShown = true;
    void fetchDraw().then(() => {
      if (isShown) setReady(() => draw);
    });
    return () => {
      isShown = false;
    };
  }, []);
  return ready;
}

/** Characters of LaTeX that fit on a line of the narrowest page; the drawing of more may have to be scrolled. */
const SHORT = 30;

export function Formula({ source, tex, display }: { source: string; tex: string; display: boolean }) {
  const draw = useDraw();
  const drawn = useMemo(() => draw?.(tex, display) ?? null, [draw, tex, display]);
  const place = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    if (drawn === null || place.current === null) return;
    // Browsers name links and headings by the text in them, and that without MathML but with what it is called.
    if (place.current.closest("a, h1, h2, h3") !== null) drawn.setAttribute("aria-label", tex.trim());
    place.current.replaceChildren(drawn);
  }, [drawn]);
  // Mathematics runs from left to right in a text of any script. What was drawn is not Preact's to compare.
  return drawn === null ? (
    <span key="source" dir="ltr">
      {source}
    </span>
  ) : (
    <span key="drawn" class={classOf(tex, display)} dir="ltr" ref={place} />
  );
}

const classOf = (tex: string, display: boolean): string =>
  display ? "formula display" : tex.length > SHORT ? "formula long" : "formula";
