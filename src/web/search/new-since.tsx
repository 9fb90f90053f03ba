/** Says that papers have come since the last visit. */
import { useEffect, useState } from "preact/hooks";
import type { Status } from "../../api.js";
import { addressOf, browse } from "../navigation/address.js";
import { list } from "../api/client.js";
import { keyHere } from "../api/key-here.js";
import { count } from "../ui/wording.js";
import { nextVisit, parseVisit } from "./visit.js";

const KEY = keyHere("visit");

/** Notes that somebody is here and sees this status. @returns The number that papers new since the last visit come after. */
function visited(newest: number): number {
  try {
    const visit = nextVisit(parseVisit(localStorage.getItem(KEY)), Date.now(), newest);
    localStorage.setItem(KEY, JSON.stringify(visit));
    return visit.since;
  } catch {
    // A browser that keeps nothing: nothing is new.
    return newest;
  }
}

export function NewSince({ status }: { status: Status }) {
  const { newest } = status;
  const [since, setSince] = useState(newest);
  const [papers, setPapers] = useState(0);
  useEffect(() => setSince(visited(newest)), [newest]);
  useEffect(() => {
    if (since >= newest) return undefined;
    const controller = new AbortController();
    // Some may be gone again, so the difference of the numbers says nothing.
    list({ addedAfter: since }, "added", undefined, controller.signal).then(
      ({ total }) => setPapers(total ?? 0),
      () => {},
    );
    return () => controller.abort();
  }, [since, newest]);
  if (papers === 0 || since >= newest) return null;
  return (
    <p class="changed">
      <a href={addressOf(browse({ addedAfter: since }))}>
        {count(papers, "paper")} {papers === 1 ? "is" : "are"} new since your last visit
      </a>
    </p>
  );
}
