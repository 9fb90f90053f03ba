/** The places of the papers of a neighbourhood and of their names. Drawing is up to `neighbourhood.tsx`. */
import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from "d3-force";

export interface Edge {
  from: number;
  to: number;
  /** The larger, the closer the two papers are drawn. */
  similarity: number;
}
export interface Place {
  x: number;
  y: number;
}
/** A name next to, above or below its paper. The place is on the middle line of the text. */
export interface Name extends Place {
  anchor: "start" | "middle" | "end";
}
export interface Size {
  width: number;
  height: number;
}
/** In pixels from the upper left corner. */
export interface Layout {
  places: Place[];
  /** null where there is no room for a name. */
  names: (Name | null)[];
}

/** Radii of this paper and of the others; the height of a name, and the gap between it and its paper. */
const RADIUS = { own: 11, other: 8 };
const LINE = 14;
const GAP = 4;
/** Steps of the simulation, in which the forces weaken to a thousandth: half as many as d3-force would take. */
const TICKS = 150;
/** Steps in which papers that are too close push each other apart, after fitting into the frame. */
const PUSHES = 60;
/** Lengths of a line between the most and the least similar papers, before fitting into the frame. */
const SHORTEST = 40;
const LONGEST = 110;
/** Left free for names, on either side, and above and below. */
const MARGIN = { x: 44, y: 22 };

/**
 * Lays out a neighbourhood. The same input gives the same layout: d3-force starts from a fixed spiral and a fixed seed.
 *
 * @param widths The width of each paper's name in pixels. The first paper is the one whose neighbourhood it is.
 */
export function layoutOf(widths: readonly number[], edges: readonly Edge[], frame: Size): Layout {
  const places = apart(fitted(settled(widths.length, edges, frame.width / frame.height), frame), frame);
  return { places, names: named(widths, places, frame) };
}

export const radiusOf = (place: number): number => (place === 0 ? RADIUS.own : RADIUS.other);

/** Similar papers attract each other, all repel each other, and the first is drawn to the middle. */
function settled(papers: number, edges: readonly Edge[], aspect: number): Place[] {
  const nodes = Array.from({ length: papers }, (): Partial<Place> => ({}));
  const similarities = edges.map(({ similarity }) => similarity);
  const [least, most] = [Math.min(...similarities), Math.max(...similarities)];
  const lengths = edges.map(
    ({ similarity }) => SHORTEST + (LONGEST - SHORTEST) * ((most - similarity) / (most - least || 1)),
  );
  const links = edges.map(({ from, to }) => ({ source: from, target: to }));
  const gravity = 0.06;
  forceSimulation(nodes)
    .alphaDecay(1 - 0.001 ** (1 / TICKS))
    .force(
      "links",
      forceLink(links).distance((_, at) => lengths[at] ?? LONGEST),
    )
    .force("charge", forceManyBody().strength(-260))
    .force("room", forceCollide(26))
    .force(
      "x",
      forceX<object>().strength((_, at) => (at === 0 ? 0.2 : gravity / Math.sqrt(aspect))),
    )
    .force(
      "y",
      forceY<object>().strength((_, at) => (at === 0 ? 0.2 : gravity * Math.sqrt(aspect))),
    )
    .stop()
    .tick(TICKS);
  return nodes.map(({ x = 0, y = 0 }) => ({ x, y }));
}

/** Scales the places to fill the frame. */
function fitted(places: readonly Place[], { width, height }: Size): Place[] {
  const stretch = (axis: "x" | "y", size: number): ((place: Place) => number) => {
    const values = places.map((place) => place[axis]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const scale = (size - 2 * MARGIN[axis]) / (high - low || 1);
    return (place) => (high === low ? size / 2 : MARGIN[axis] + (place[axis] - low) * scale);
  };
  const [x, y] = [stretch("x", width), stretch("y", height)];
  return places.map((place) => ({ x: x(place), y: y(place) }));
}

/** Moves papers apart that are too close after fitting. */
function apart(places: readonly Place[], { width, height }: Size): Place[] {
  const nodes = places.map((place) => ({ ...place }));
  forceSimulation(nodes)
    .force(
      "room",
      forceCollide<Place>((_, at) => radiusOf(at) + GAP / 2),
    )
    .stop()
    .tick(PUSHES);
  const inside = (value: number, size: number): number => Math.max(RADIUS.own, Math.min(size - RADIUS.own, value));
  return nodes.map(({ x, y }) => ({ x: inside(x, width), y: inside(y, height) }));
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const boxAround = ({ x, y }: Place, radius: number): Box => ({
  left: x - radius,
  right: x + radius,
  top: y - radius,
  bottom: y + radius,
});

const overlap = (one: Box, other: Box): boolean =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

/** Gives each name, in order, a place next to its paper where it covers nothing. */
function named(widths: readonly number[], places: readonly Place[], frame: Size): (Name | null)[] {
  const circles = places.map((place, at) => boxAround(place, radiusOf(at) + 1));
  const taken: Box[] = [];
  return widths.map((width, at) => {
    const others = [...taken, ...circles.filter((_, other) => other !== at)];
    for (const name of candidates(places[at] ?? { x: 0, y: 0 }, radiusOf(at) + GAP)) {
      const box = boxOf(name, width);
      if (box.left < 0 || box.right > frame.width || box.top < 0 || box.bottom > frame.height) continue;
      if (others.some((other) => overlap(box, other))) continue;
      taken.push(box);
      return name;
    }
    return null;
  });
}

const candidates = ({ x, y }: Place, away: number): Name[] => [
  { x: x + away, y, anchor: "start" },
  { x: x - away, y, anchor: "end" },
  { x, y: y + away + LINE / 2, anchor: "middle" },
  { x, y: y - away - LINE / 2, anchor: "middle" },
  { x: x + away * 0.7, y: y + away * 0.7 + LINE / 2, anchor: "start" },
  { x: x - away * 0.7, y: y + away * 0.7 + LINE / 2, anchor: "end" },
  { x: x + away * 0.7, y: y - away * 0.7 - LINE / 2, anchor: "start" },
  { x: x - away * 0.7, y: y - away * 0.7 - LINE / 2, anchor: "end" },
];

function boxOf({ x, y, anchor }: Name, wide: number): Box {
  const left = anchor === "start" ? x : anchor === "end" ? x - wide : x - wide / 2;
  return { left, right: left + wide, top: y - LINE / 2, bottom: y + LINE / 2 };
}

/** The gap between a paper and its card. */
const APART = 18;

/** The place of a card next to, below or above its paper, inside the frame, where it covers the fewest of the others. */
export function cardAt(paper: Place, others: readonly Place[], card: Size, frame: Size): Place {
  const within = ({ x, y }: Place): Place => ({
    x: Math.max(0, Math.min(frame.width - card.width, x)),
    y: Math.max(0, Math.min(frame.height - card.height, y)),
  });
  const [middle, centre] = [paper.x - card.width / 2, paper.y - card.height / 2];
  const sides = [
    { x: paper.x + APART, y: centre },
    { x: paper.x - APART - card.width, y: centre },
    { x: middle, y: paper.y + APART },
    { x: middle, y: paper.y - APART - card.height },
  ].map(within);
  const covered = sides.map(({ x, y }) => {
    const box = { left: x, right: x + card.width, top: y, bottom: y + card.height };
    // Covering the paper itself is worse than covering all others.
    const own = overlap(box, boxAround(paper, APART / 2)) ? others.length + 1 : 0;
    return own + others.filter((other) => overlap(box, boxAround(other, RADIUS.other))).length;
  });
  return sides[covered.indexOf(Math.min(...covered))] ?? { x: 0, y: 0 };
}
