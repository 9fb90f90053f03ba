/** Requests to the server. Every path is relative to the page, so that it works behind any path prefix. */
import type { ImportReport } from "../../api.js";
import { nameHere, readStored, store } from "../session/browser-storage.js";

/** Why a request failed, in words for the person. */
export class Problem extends Error {
  override readonly name = "Problem";
  /** The HTTP status; 0 when no server answered. */
  readonly status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

export const GONE = "Kindred’s server does not answer. Is it still running?";

/** The problem in a reply: the detail of a problem document, or else its status. */
export function problemOf(status: number, body: string): Problem {
  if (status === 0) return new Problem(0, GONE);
  try {
    const { title, detail }: { title?: unknown; detail?: unknown } = JSON.parse(body);
    const words = [detail, title].find((text) => typeof text === "string" && text !== "");
    if (typeof words === "string") return new Problem(status, words);
  } catch {
    // Not a problem document: a proxy answered.
  }
  return new Problem(status, `The server answered with status ${status} and no explanation.`);
}

/** The event on `window` when the server asks for a key. */
export const KEY_WANTED = "keywanted";

function refusal(status: number, body: string): Problem {
  if (status === 401) window.dispatchEvent(new Event(KEY_WANTED));
  return problemOf(status, body);
}

/** Where it is noted that the browser has a key: scripts cannot read the cookie itself. */
const keyNote = (): string => nameHere("key");

/** Whether this browser sends a key. */
export const keepsKey = (): boolean => readStored(keyNote()) !== null;

/** Makes the browser send a key from now on. @throws Problem 401 when the key is invalid. */
export async function keepKey(key: string): Promise<void> {
  const headers = { authorization: `Bearer ${key}`, ...atPath() };
  const response = await fetch("api/session", { method: "POST", headers }).catch((thrown: unknown) => {
    throw new Problem(0, GONE, thrown);
  });
  if (!response.ok) throw problemOf(response.status, await response.text());
  store(keyNote(), "yes");
}

export async function forgetKey(): Promise<void> {
  const signal = new AbortController().signal;
  await reply("api/session", { method: "DELETE", signal, headers: atPath() }, async () => null);
  store(keyNote(), null);
}

/** The page's path: the browser sends the cookie to this path only. */
const atPath = (): Record<string, string> => ({ "kindred-path": new URL("./", location.href).pathname });

const HEADERS = { accept: "application/json", "content-type": "application/json" };

interface Request {
  signal: AbortSignal;
  method?: "POST" | "PUT" | "PATCH" | "DELETE";
  body?: string;
  /** Whether it continues when the page is left. */
  keepalive?: boolean;
  headers?: Record<string, string>;
}

/** Sends a request and reads the reply. @throws Problem for any failure but an abort. */
export async function reply<T>(
  path: string,
  { signal, ...init }: Request,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  try {
    const response = await fetch(path, { ...init, signal });
    if (!response.ok) throw refusal(response.status, await response.text());
    return await read(response);
  } catch (thrown) {
    if (thrown instanceof Problem || signal.aborted) throw thrown;
    throw new Problem(0, GONE, thrown);
  }
}

/** @returns null for an answer without a body. */
export const ask = <T>(path: string, request: Request): Promise<T> =>
  reply(path, { ...request, headers: HEADERS }, async (response) => {
    const answer: T = response.status === 204 ? null : await response.json();
    return answer;
  });

export const get = <T>(path: string, parameters: [string, string][], signal: AbortSignal): Promise<T> =>
  ask<T>(parameters.length === 0 ? path : `${path}?${new URLSearchParams(parameters).toString()}`, { signal });

export const post = <T>(path: string, body: object, signal: AbortSignal): Promise<T> =>
  ask<T>(path, { method: "POST", body: JSON.stringify(body), signal });

/** How long a change may take, in milliseconds: the server may be in the middle of an import. */
const PATIENCE = 60_000;
/** Characters of a body that may outlive its page: browsers allow 64 KiB, and a character takes up to three bytes. */
const MAX_OUTLIVING = 20_000;

/** Changes something that a person keeps, even if the page is left before the server has answered. */
export async function send(method: "PUT" | "PATCH" | "DELETE", path: string, body?: object): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE);
  const text = body === undefined ? undefined : JSON.stringify(body);
  const keepalive = (text?.length ?? 0) <= MAX_OUTLIVING;
  await ask<null>(path, { method, signal, keepalive, ...(text === undefined ? {} : { body: text }) });
}

/**
 * Uploads a file to be imported. With XMLHttpRequest, because fetch does not report the progress of an upload.
 *
 * @param onSent Called with the share that has been sent, 0 to 1. At 1 the server may still be reading.
 */
export function upload(file: File, onSent: (share: number) => void, signal: AbortSignal): Promise<ImportReport> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `api/papers?${new URLSearchParams({ name: file.name }).toString()}`);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.setRequestHeader("accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable && event.total > 0) onSent(event.loaded / event.total);
    });
    request.upload.addEventListener("load", () => onSent(1));
    request.addEventListener("load", () => {
      if (request.status < 200 || request.status > 299) return reject(refusal(request.status, request.responseText));
      try {
        const report: ImportReport = JSON.parse(request.responseText);
        resolve(report);
      } catch (thrown) {
        reject(new Problem(request.status, "The server’s answer to the import could not be read.", thrown));
      }
    });
    request.addEventListener("error", () =>
      reject(new Problem(0, "The file could not be read, or the connection was lost.")),
    );
    request.addEventListener("abort", () => reject(new Problem(0, "Stopped.")));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
