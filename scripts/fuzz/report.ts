/** What a run of the fuzzer is given, and what it found. */
import type { ServerState } from "../common/server-child.js";

export type FuzzOptions = {
  /** A folder of papers, which are changed. */
  directory: string;
  seed: number;
  /** Requests, and files that are read without a server; one in eight requests is an import. */
  requests: number;
  files: number;
  /** Real files: a folder of them, or one. */
  samples: string;
  /** Only the case of this name, as a finding has it: `request 12`, `file 7`. */
  only?: string;
  log?: (line: string) => void;
};

/** Something that should not have been. */
export type Finding = { name: string; what: string; why: string };

export type FuzzReport = {
  /** How often what was sent, and how it was answered: `GET /search` -> `200` -> 17. */
  answers: Map<string, Map<string, number>>;
  /** What was read of files, by format: files, papers, problems. */
  read: Map<string, { files: number; papers: number; problems: number }>;
  requests: number;
  /** Requests to a server that asks for keys. */
  keyed: number;
  records: number;
  findings: Finding[];
  /** What the server was like, over time. */
  watched: ServerState[];
  seconds: number;
};
