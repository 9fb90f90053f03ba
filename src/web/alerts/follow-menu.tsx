/** A menu that follows an author, the venue or a category of a paper with one click. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Paper } from "../../core/paper.js";
import { addAlert } from "../api/client.js";
import type { Problem } from "../api/http.js";
import { addressOf } from "../navigation/address.js";
import { announce } from "../ui/announce.js";
import { Bell } from "../ui/icons.js";
import { Menu } from "../ui/menu.js";
import { USUAL } from "./alert-fields.js";
import { type Ask, keyOfAsk, nameFor } from "./question.js";
import { useAlerts, useAlertStore } from "./use-alerts.js";

/** Authors that are offered; the others' names lead to their papers, which can be followed as well. */
const MOST_AUTHORS = 30;

interface Followable {
  kind: "author" | "venue" | "category";
  value: string;
  ask: Ask;
}

const followablesOf = ({ authors, venue, categories }: Paper): Followable[] => [
  ...[...new Set(authors)]
    .slice(0, MOST_AUTHORS)
    .map((value): Followable => ({ kind: "author", value, ask: { author: [value] } })),
  ...(venue === null ? [] : [{ kind: "venue", value: venue, ask: { venue: [venue] } } satisfies Followable]),
  ...categories.map((value): Followable => ({ kind: "category", value, ask: { category: [value] } })),
];

export function FollowMenu({ paper }: { paper: Paper }) {
  const { alerts } = useAlerts();
  const [problem, setProblem] = useState("");
  const names = new Map(alerts?.map(({ name, ask }) => [keyOfAsk(ask), name]));
  const all = followablesOf(paper).map((one) => ({ ...one, alert: names.get(keyOfAsk(one.ask)) ?? null }));
  if (all.length === 0) return null;
  const followed = all.some(({ alert }) => alert !== null);
  return (
    <Menu
      button={
        <>
          <Bell />
          {followed ? "Following" : "Follow"}
        </>
      }
      label={`${followed ? "Following" : "Follow"}: authors, venue and categories of this paper`}
      done={followed}
      action="follow"
    >
      <ul class="followables" role="list">
        {all.map((one) => (
          <li key={`${one.kind} ${one.value}`}>
            <One {...one} onProblem={setProblem} />
          </li>
        ))}
      </ul>
      <p class="quiet" role="alert">
        {problem}
      </p>
      <p class="quiet">New papers are collected in Alerts.</p>
    </Menu>
  );
}

interface OneProps extends Followable {
  /** The name of the alert that follows it; null if none does. */
  alert: string | null;
  onProblem: (words: string) => void;
}

function One({ kind, value, ask, alert, onProblem }: OneProps) {
  const store = useAlertStore();
  const { alerts } = useAlerts();
  const [adding, setAdding] = useState(false);
  const link = useRef<HTMLAnchorElement>(null);
  // The button that was pressed is replaced by the link.
  useEffect(() => {
    if (adding && alert !== null) link.current?.focus();
  }, [alert]);
  const words = (
    <>
      <bdi>{value}</bdi> <span class="quiet">{kind}</span>
    </>
  );
  if (alert !== null)
    return (
      <a ref={link} href={addressOf({ view: "alerts", alert })}>
        {words} <span>Following</span>
      </a>
    );
  const follow = (): void => {
    if (adding) return;
    setAdding(true);
    onProblem("");
    const { timeZone: zone } = new Intl.DateTimeFormat().resolvedOptions();
    const name = nameFor(ask, new Set(alerts?.map((one) => one.name)));
    addAlert({ ...USUAL, name, ask, zone }).then(
      () => {
        announce(`Following the ${kind} ${value}`);
        void store.look();
      },
      ({ message }: Problem) => {
        setAdding(false);
        onProblem(message);
      },
    );
  };
  return (
    <button type="button" aria-disabled={adding} onClick={follow}>
      <span class="unseen">Follow </span>
      {words}
    </button>
  );
}
