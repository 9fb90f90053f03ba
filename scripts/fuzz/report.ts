/** Options and results of a run of the fuzzer. */
import type { ServerState } from "../common/server-child.js";

export type FuzzOptions = {
  /** A Kindred folder; its papers are changed. */
  directory: string;
  seed: number;
  /** Number of requests, one in eight of them an import. */
  requests: number;
  files: number;
  /** A folder of real files, or a single one. */
  samples: string;
  /** Runs only the case with this name, as findings print it: `request 12`, `file 7`. */
  only?: string;
  log?: (line: string) => void;
};

/** A fault: the case's name, what was sent, and what was wrong with the answer. */
export type Finding = { name: string; what: string; why: string };

export type FuzzReport = {
  /** Counts by request and status: `GET /search` -> `200` -> 17. */
  answers: Map<string, Map<string, number>>;
  /** Counts by detected format. */
  read: Map<string, { files: number; papers: number; problems: number }>;
  requests: number;
  /** Number of requests to a server that requires keys. */
  keyed: number;
  records: number;
  findings: Finding[];
  /** The server's state, about once a second. */
  watched: ServerState[];
  seconds: number;
};
