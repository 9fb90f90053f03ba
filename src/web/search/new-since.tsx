/** Says how many papers have been added since the last visit. */
import { useEffect, useState } from "preact/hooks";
import type { Status } from "../../api.js";
import { list } from "../api/client.js";
import { addressOf, browse } from "../navigation/address.js";
import { nameHere, readStored, store } from "../session/browser-storage.js";
import { count } from "../ui/wording.js";
import { nextVisit, parseVisit } from "./visit.js";

/** Notes the visit. @returns The number that papers new since the last visit come after. */
function visited(newest: number): number {
  const name = nameHere("visit");
  const visit = nextVisit(parseVisit(readStored(name)), Date.now(), newest);
  store(name, JSON.stringify(visit));
  return visit.since;
}

export function NewSince({ status }: { status: Status }) {
  const { newest } = status;
  const [since, setSince] = useState(newest);
  const [papers, setPapers] = useState(0);
  useEffect(() => setSince(visited(newest)), [newest]);
  useEffect(() => {
    if (since >= newest) return undefined;
    const controller = new AbortController();
    // Counted, because some may have been removed since.
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
