/** Says what has come since the last visit: papers, and what alerts have found. */
import { useEffect, useState } from "preact/hooks";
import type { Status } from "../../api.js";
import { LIKES } from "../../core/list.js";
import { useAlerts } from "../alerts/use-alerts.js";
import { list } from "../api/client.js";
import { idsIn } from "../lists/lists.js";
import { useLists } from "../lists/use-lists.js";
import { addressOf, browse } from "../navigation/address.js";
import { nameHere, readStored, store } from "../session/browser-storage.js";
import { count, dayInWords } from "../ui/wording.js";
import { nextVisit, parseVisit, type Visit } from "./visit.js";

/** Notes the visit. */
function visited(newest: number): Visit {
  const name = nameHere("visit");
  const visit = nextVisit(parseVisit(readStored(name)), Date.now(), newest);
  store(name, JSON.stringify(visit));
  return visit;
}

export function NewSince({ status }: { status: Status }) {
  const { newest } = status;
  const { unread } = useAlerts();
  const likes = idsIn(useLists(), LIKES).length;
  const [visit, setVisit] = useState<Visit | null>(null);
  const [added, setAdded] = useState(0);
  const since = visit?.since ?? newest;
  useEffect(() => setVisit(visited(newest)), [newest]);
  useEffect(() => {
    if (since >= newest) return undefined;
    const controller = new AbortController();
    // Counted, because some may have been removed since.
    list({ addedAfter: since }, "added", undefined, controller.signal).then(
      ({ total }) => setAdded(total ?? 0),
      () => {},
    );
    return () => controller.abort();
  }, [since, newest]);
  const papers = since >= newest ? 0 : added;
  if (papers === 0 && unread === 0) return null;
  const when = visit?.last === undefined ? "" : ` ${dayInWords(visit.last, visit.at)}`;
  return (
    <p class="changed">
      {papers > 0 && (
        <a href={addressOf(browse({ addedAfter: since }))}>
          {count(papers, "paper")} {papers === 1 ? "is" : "are"} new since your last visit{when}
        </a>
      )}
      {papers > 0 && likes > 0 && (
        <a href={addressOf({ view: "for-you", list: LIKES, filters: { addedAfter: since } })}>Those for you first</a>
      )}
      {unread > 0 && <a href={addressOf({ view: "alerts", alert: null })}>{count(unread, "unread paper")} in Alerts</a>}
    </p>
  );
}
