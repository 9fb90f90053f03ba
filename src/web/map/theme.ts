/** The map's colours, read from the style sheet, again when the colour scheme changes. */
import { useEffect, useState } from "preact/hooks";
import { colourIn, type Theme } from "./colours.js";

/** The numbers of category colours and of stops of the scale of years in map.css. */
export const NAMED = 12;
const STOPS = 4;

function read(): Theme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => colourIn(style.getPropertyValue(`--${name}`).trim());
  const numbered = (name: string, many: number) => Array.from({ length: many }, (_, i) => colour(`${name}-${i + 1}`));
  return {
    categories: numbered("category", NAMED),
    other: colour("category-other"),
    years: numbered("year", STOPS),
    accent: colour("accent"),
    ground: colour("ground"),
  };
}

export function useTheme(): Theme {
  const [theme, setTheme] = useState(read);
  useEffect(() => {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const onChange = (): void => setTheme(read());
    dark.addEventListener("change", onChange);
    return () => dark.removeEventListener("change", onChange);
  }, []);
  return theme;
}
