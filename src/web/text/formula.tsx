/** A formula: its LaTeX source until the code that draws it has loaded, or if it cannot be drawn. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { useStore } from "../session/stores.js";

type Draw = typeof import("./draw-formula.js").draw;

/** Loads the code that draws formulas, once per page. If that fails, formulas stay as they are until a reload. */
class Drawing {
  draw: Draw | null = null;
  #loading: Promise<void> | null = null;

  load(): Promise<void> {
    this.#loading ??= import("./draw-formula.js").then(
      (module) => {
        this.draw = module.draw;
      },
      () => {
        // The browser has reported it, and formulas can be read as LaTeX.
      },
    );
    return this.#loading;
  }
}

/** Draws formulas; null until it has loaded. */
function useDraw(): Draw | null {
  const drawing = useStore(Drawing);
  const [ready, setReady] = useState(() => drawing.draw);
  useEffect(() => {
    let isShown = true;
    void drawing.load().then(() => {
      if (isShown) setReady(() => drawing.draw);
    });
    return () => {
      isShown = false;
    };
  }, []);
  return ready;
}

/** Characters of LaTeX that fit on a line of the narrowest page; longer formulas can be scrolled. */
const SHORT = 30;

export function Formula({ source, tex, display }: { source: string; tex: string; display: boolean }) {
  const draw = useDraw();
  const drawn = useMemo(() => draw?.(tex, display) ?? null, [draw, tex, display]);
  const place = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    if (drawn === null || place.current === null) return;
    // Browsers name links and headings by their text, which does not include MathML unless it has a label.
    if (place.current.closest("a, h1, h2, h3") !== null) drawn.setAttribute("aria-label", tex.trim());
    place.current.replaceChildren(drawn);
  }, [drawn]);
  // Formulas run from left to right in any script. The keys keep Preact from comparing with the drawn element.
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
