/** Draws a plot as SVG: panels side by side, one line per curve. Readable on light and dark backgrounds. */
export type Plot = {
  title: string;
  /** Label of the x axis, which all panels share. */
  x: string;
  /** Linear axes from zero, lines without points. Otherwise logarithmic axes, lines with points. */
  overTime?: boolean;
  panels: { y: string; curves: { name: string; points: readonly (readonly [x: number, y: number])[] }[] }[];
};

const SIZE = { width: 420, height: 300 };
const MARGIN = { left: 56, right: 34, top: 46, bottom: 44 };
const COLOURS = ["#2563a8", "#b4541a"];

export function plot({ title, x, overTime = false, panels }: Plot): string {
  const { span, ticks, scale } = overTime ? LINEAR : LOGARITHMIC;
  const [left, right] = span(panels.flatMap(({ curves }) => curves.flatMap(({ points }) => points.map(([at]) => at))));
  const drawn = panels.map(({ y, curves }, panel) => {
    const [low, high] = span(curves.flatMap(({ points }) => points.map(([, value]) => value)));
    const across = scale(left, right, MARGIN.left, SIZE.width - MARGIN.right);
    const up = scale(low, high, SIZE.height - MARGIN.bottom, MARGIN.top);
    const grid = [
      ...ticks(low, high).map(
        (value) =>
          `<path class="grid" d="M${MARGIN.left} ${up(value)}H${SIZE.width - MARGIN.right}"/>` +
          text(MARGIN.left - 6, up(value) + 4, "end", spelled(value)),
      ),
      ...ticks(left, right).map((value) =>
        text(across(value), SIZE.height - MARGIN.bottom + 18, "middle", spelled(value)),
      ),
    ];
    const lines = curves.map(({ name, points }, i) => {
      const colour = COLOURS[i % COLOURS.length];
      const places = points.map(([at, value]) => `${across(at)} ${up(value)}`);
      return (
        `<path d="M${places.join("L")}" fill="none" stroke="${colour}" stroke-width="2"/>` +
        (overTime ? [] : places)
          .map((place) => `<circle cx="${place.replace(" ", '" cy="')}" r="3.5" fill="${colour}"/>`)
          .join("") +
        `<text x="${MARGIN.left + 8}" y="${MARGIN.top + 4 + 16 * i}" fill="${colour}">${escaped(name)}</text>`
      );
    });
    return (
      `<g transform="translate(${panel * SIZE.width} 24)">${grid.join("")}${lines.join("")}` +
      text(MARGIN.left, MARGIN.top - 18, "start", y) +
      `${text((MARGIN.left + SIZE.width) / 2, SIZE.height - 6, "middle", x)}</g>`
    );
  });
  const [width, height] = [SIZE.width * panels.length, SIZE.height + 24];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">` +
    "<style>text{font:12px system-ui,sans-serif}.label{fill:#4b5563}.grid{stroke:#9ca3af;stroke-opacity:.4}" +
    "@media(prefers-color-scheme:dark){.label{fill:#cbd5e1}}</style>" +
    `<rect width="${width}" height="${height}" fill="none"/>${text(16, 20, "start", title)}${drawn.join("")}</svg>\n`
  );
}

/** `span` gives an axis's ends for values, `ticks` the labelled values, `scale` a function from value to pixel. */
type Axis = {
  span: (values: readonly number[]) => [low: number, high: number];
  ticks: (low: number, high: number) => number[];
  scale: (low: number, high: number, from: number, to: number) => (value: number) => number;
};

/** The narrowest range that contains all values and whose ends are 1 or 3 times a power of ten. */
function around(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const floor = 10 ** Math.floor(Math.log10(low));
  const ceiling = 10 ** Math.ceil(Math.log10(high));
  return [3 * floor <= low ? 3 * floor : floor, ceiling / 3 >= high ? ceiling / 3 : ceiling];
}

const powers = (low: number, high: number): number[] =>
  Array.from({ length: 24 }, (_, i) => 10 ** (Math.floor(i / 2) - 2) * (i % 2 === 0 ? 1 : 3)).filter(
    (value) => value >= low * 0.999 && value <= high * 1.001,
  );

const rounded = (place: number): number => Math.round(place * 10) / 10;

const LOGARITHMIC: Axis = {
  span: around,
  ticks: powers,
  scale: (low, high, from, to) => (value) =>
    rounded(from + ((to - from) * Math.log(value / low)) / Math.log(high / low)),
};

/** Tick step: 1, 2 or 5 times a power of ten, chosen so that about four to ten steps reach the value. */
function step(high: number): number {
  const power = 10 ** Math.floor(Math.log10(high / 4));
  return power * ([5, 2].find((times) => high / (power * times) >= 4) ?? 1);
}

const LINEAR: Axis = {
  span: (values) => {
    const high = Math.max(...values, 1e-3);
    return [0, Math.ceil(high / step(high)) * step(high)];
  },
  ticks: (_, high) => Array.from({ length: Math.round(high / step(high)) + 1 }, (_, i) => i * step(high)),
  scale: (low, high, from, to) => (value) => rounded(from + ((to - from) * (value - low)) / (high - low)),
};

const spelled = (value: number): string => value.toLocaleString("en");
const escaped = (raw: string): string => raw.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
const text = (x: number, y: number, anchor: string, words: string): string =>
  `<text class="label" x="${x}" y="${y}" text-anchor="${anchor}">${escaped(words)}</text>`;
