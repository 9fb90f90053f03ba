/** What the map asks of the server. */
import type { MapMatchesAnswer, MapAnswer, MapPapersAnswer, MAX_LABELS } from "../../api.js";
import type { Paper } from "../../paper.js";
import { filterParameters, type MapView } from "../address.js";
import { get, getBytes } from "../client.js";
import { type Points, readPoints } from "./points.js";

/**
 * Hits that a search lights up, at most: by their meaning all papers are hits, and where all light up none does. Of few
 * papers as many as a page of results has, of very many such as can still be told apart.
 */
export const mostLit = (points: number): number => Math.min(Math.max(Math.round(points / 50), 20), 200);
/** Papers that can be asked for by their labels at once. */
export const MOST_LABELS: typeof MAX_LABELS = 50;

export const fetchMap = (signal: AbortSignal): Promise<MapAnswer> => get("api/map", [], signal);

export const fetchPoints = async (signal: AbortSignal): Promise<Points> =>
  readPoints(await getBytes("api/map/points", signal));

/** The labels of the papers that a search finds, best first; without a query of all that pass its filters. */
export function fetchLit({ q, filters }: MapView, most: number, signal: AbortSignal): Promise<number[]> {
  const asked: [string, string][] = [
    ["q", q],
    ["limit", String(most)],
  ];
  return labels([...(q === "" ? [] : asked), ...filterParameters(filters)], signal);
}

/** The labels of the papers of a list. */
export const fetchListed = (list: string, signal: AbortSignal): Promise<number[]> => labels([["list", list]], signal);

const labels = async (parameters: [string, string][], signal: AbortSignal): Promise<number[]> =>
  (await get<MapMatchesAnswer>("api/map/matches", parameters, signal)).labels;

export async function fetchPapers(wanted: readonly number[], signal: AbortSignal): Promise<Map<number, Paper>> {
  const parameters = wanted.map((label): [string, string] => ["label", String(label)]);
  const { papers } = await get<MapPapersAnswer>("api/map/papers", parameters, signal);
  return new Map(papers.map(({ label, paper }) => [label, paper]));
}
