/** What the map asks of the server. */
import type { Paper } from "../../paper.js";
import { filterParameters, type MapView } from "../address.js";
import { get, getBytes } from "../client.js";
import type { Box } from "./camera.js";
import { type Points, readPoints } from "./points.js";

export interface Region {
  name: string;
  x: number;
  y: number;
  papers: number;
  /** 0 for the largest regions, 2 for the smallest. */
  level: 0 | 1 | 2;
}
export interface MapInfo {
  /** Another one when the map was made anew. */
  version: string;
  /** 0 when there is no map yet. */
  points: number;
  /** Papers that have no place on it yet. */
  pending: number;
  bounds: Box;
  /** Most frequent first. */
  categories: string[];
  years: { from: number; to: number } | null;
  regions: Region[];
}

/** Papers that light up, at most. */
export const MOST_LIT = 500;
/** Papers that can be asked for by their labels at once. */
export const MOST_LABELS = 50;

export const fetchMap = (signal: AbortSignal): Promise<MapInfo> => get("api/map", [], signal);

export const fetchPoints = async (signal: AbortSignal): Promise<Points> =>
  readPoints(await getBytes("api/map/points", signal));

/** The labels of the papers that a search finds, best first. */
export async function fetchLit({ q, filters }: MapView, signal: AbortSignal): Promise<number[]> {
  const asked: [string, string][] = q === "" ? [] : [["q", q]];
  return labels([...asked, ...filterParameters(filters)], signal);
}

/** The labels of the papers of a list. */
export const fetchListed = (list: string, signal: AbortSignal): Promise<number[]> => labels([["list", list]], signal);

const labels = async (parameters: [string, string][], signal: AbortSignal): Promise<number[]> =>
  (await get<{ labels: number[] }>("api/map/lit", [...parameters, ["limit", String(MOST_LIT)]], signal)).labels;

export async function fetchPapers(wanted: readonly number[], signal: AbortSignal): Promise<Map<number, Paper>> {
  const parameters = wanted.map((label): [string, string] => ["label", String(label)]);
  const { papers } = await get<{ papers: { label: number; paper: Paper }[] }>("api/map/papers", parameters, signal);
  return new Map(papers.map(({ label, paper }) => [label, paper]));
}
