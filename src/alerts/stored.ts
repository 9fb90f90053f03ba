/** What is stored of alerts, and what they need of a `Kindred`. */
import { z } from "zod";
import type { OwnedRow, Phase, Replacement, Writer } from "../engine/writer.js";
import type { Jobs } from "../jobs/jobs.js";
import { askSchema, daysSchema, zoneSchema } from "../operations/alerts.js";
import type { Asked } from "./candidates.js";

export const OWNER = "alerts";
/** Rows read at a time. */
export const PAGE = 10_000;

/** What it needs of a `Kindred`. */
export type Library = Asked & {
  status: () => Promise<{ newest: number; pending: number; pendingPoints: number }>;
  /** The first paper after this number that is not embedded yet; null if there is none. */
  firstPending: (of: { phase: Phase; after: number }) => Promise<number | null>;
  settled: () => Promise<void>;
  mapPoints: () => Promise<{ bytes: Uint8Array }>;
  mapMatches: (request: { area: string }) => Promise<{ labels: number[] }>;
  owned: (owner: string, prefix?: string, limit?: number, after?: string) => Promise<OwnedRow[]>;
  countOwned: (owner: string, prefix?: string) => Promise<number>;
  putOwned: (rows: readonly OwnedRow[]) => Promise<void>;
  removeOwned: (owner: string, prefix?: string) => Promise<void>;
  replaceOwned: (replacement: Replacement) => Promise<boolean>;
  renameList: Writer["renameList"];
  readonly jobs: Pick<Jobs, "register" | "remove" | "run">;
};

export const storedSchema = z.object({
  /** Names its other rows: an alert may be renamed, or removed and made again. */
  id: z.string(),
  ask: askSchema,
  every: z.enum(["day", "week", "month"]),
  at: z.string(),
  // One alert with a wrong schedule must not stop the others: it runs every day, in UTC.
  zone: zoneSchema.catch("UTC"),
  days: daysSchema.nullable().catch(null),
  atMost: z.int(),
  atLeastSimilarity: z.number().nullable(),
  since: z.string().nullable(),
  paused: z.boolean(),
  evenIfNothing: z.boolean().default(false),
  created: z.string(),
  /** The number of the newest paper when it was made; 0 if it has `since`. */
  start: z.int(),
  /** Papers of the region of the map that it asks for, to notice that the map was laid out anew. */
  anchors: z.array(z.int()).optional(),
});
export type Stored = z.infer<typeof storedSchema>;

/** What a run changes. */
export const stateSchema = z.object({
  /** The number of the last run that had something to remember; 0 if none did. */
  number: z.int(),
  /** Papers up to this number have been looked at. */
  after: z.int(),
  ran: z.string().nullable(),
  error: z.string().nullable(),
  /** Papers found in all. */
  found: z.int(),
});
export type State = z.infer<typeof stateSchema>;

export type Known = { name: string; alert: Stored; state: State; seen: number };

export const row = (key: string, value: unknown): OwnedRow => ({ owner: OWNER, key, value: JSON.stringify(value) });
