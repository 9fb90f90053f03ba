/** The frame of every view: header, running imports, the view, the dialogs. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { LIKES } from "../../core/list.js";
import { AddDialog, type Adding } from "../add/add.js";
import { OpenPage } from "../add/open.js";
import { AlertsPage } from "../alerts/load-page.js";
import { useFeedLink } from "../alerts/feed.js";
import { useAlerts } from "../alerts/use-alerts.js";
import { addressOf, addressOfList, addressOfPaper, browse, type View, wholeMap } from "../navigation/address.js";
import { keepsKey } from "../api/http.js";
import { Daily } from "../daily/daily.js";
import { Help } from "./help.js";
import { Mark } from "../ui/icons.js";
import { ImportPanel } from "../add/import-panel.js";
import { useRouter } from "../navigation/router.js";
import { KeyDialog } from "./key-dialog.js";
import { useKeyboard } from "./keyboard.js";
import { Library } from "../library/library.js";
import { idsIn } from "../lists/lists.js";
import { MapPage } from "../map/load-page.js";
import { PaperPage } from "../paper/paper.js";
import { ForYou } from "../library/for-you.js";
import { SearchBox, SearchPage } from "../search/search.js";
import { SourcesPage } from "../sources/load-page.js";
import { StatusLine } from "./status-line.js";
import { useLists } from "../lists/use-lists.js";
import { useDrop } from "../add/use-drop.js";
import { useImports } from "../add/use-imports.js";
import { useStatus } from "./use-status.js";
import { useUndos } from "../add/use-undos.js";
import { count, number } from "../ui/wording.js";

/** Only moves the focus: the address holds the view. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

/** The map, with the matches of the current search highlighted. */
const mapOf = (view: View): string =>
  addressOf(view.view === "search" || view.view === "map" ? wholeMap(view.q, view.filters) : wholeMap("", {}));

function Views({ view }: { view: View }) {
  const liked = idsIn(useLists(), LIKES).length;
  const { unread } = useAlerts();
  const searching = view.view === "search" || view.view === "paper";
  return (
    <nav class="views" aria-label="Kindred">
      <a href={addressOf(browse())} aria-current={searching ? "true" : undefined}>
        Papers
      </a>
      <a
        href={addressOf({ view: "daily", by: "day", period: null })}
        aria-current={view.view === "daily" ? "page" : undefined}
      >
        Daily
      </a>
      <a
        href={addressOf({ view: "for-you", list: LIKES, filters: {} })}
        aria-current={view.view === "for-you" ? "page" : undefined}
      >
        For you
        {liked > 0 && (
          <span class="tally">
            <span aria-hidden="true">{liked}</span>
            <span class="unseen">, from {liked} you liked</span>
          </span>
        )}
      </a>
      <a href={mapOf(view)} aria-current={view.view === "map" ? "page" : undefined}>
        Map
      </a>
      <a href={addressOfList(LIKES)} aria-current={view.view === "library" ? "page" : undefined}>
        Library
      </a>
      <a href={addressOf({ view: "alerts", alert: null })} aria-current={view.view === "alerts" ? "page" : undefined}>
        Alerts
        {unread > 0 && (
          <span class="tally">
            <span aria-hidden="true">{number(unread)}</span>
            <span class="unseen">, {count(unread, "unread paper")}</span>
          </span>
        )}
      </a>
      <a href={addressOf({ view: "sources" })} aria-current={view.view === "sources" ? "page" : undefined}>
        Sources
      </a>
    </nav>
  );
}

export function App() {
  const { view, go } = useRouter();
  /** Counts the changes of the library: lists from before a change are fetched again. */
  const [edition, setEdition] = useState(0);
  const renew = useCallback(() => setEdition((before) => before + 1), []);
  const imports = useImports(renew);
  const undos = useUndos(renew);
  const { status, progress } = useStatus(imports.underWay, edition);
  const [adding, setAdding] = useState<Adding | null>(null);
  const stopAdding = useCallback(() => setAdding(null), []);
  const { add } = imports;
  const over = useDrop(
    useCallback(
      (files: Iterable<File>) => {
        setAdding(null);
        add(files);
      },
      [add],
    ),
  );
  useFeedLink(view);
  const help = useRef<HTMLDialogElement>(null);
  const showHelp = useCallback(() => help.current?.showModal(), []);
  useKeyboard(showHelp);

  // Something else imported the first papers while the page was waiting for them.
  const wasEmpty = useRef(false);
  const papers = status?.papers;
  useEffect(() => {
    if (wasEmpty.current && papers !== undefined && papers > 0) setEdition((before) => before + 1);
    wasEmpty.current = papers === 0;
  }, [papers]);

  return (
    <>
      <a class="skip" href="#content" onClick={skip}>
        Skip to the papers
      </a>
      <header class="top">
        <a class="name" href={addressOf(browse())}>
          <Mark />
          Kindred
        </a>
        <SearchBox view={view} go={go} />
        <div class="tools">
          <button type="button" aria-label="Add papers" aria-haspopup="dialog" onClick={() => setAdding("papers")}>
            Add
          </button>
          <button
            type="button"
            class="plain"
            onClick={showHelp}
            aria-label="Keyboard shortcuts"
            title="Keyboard shortcuts"
          >
            ?
          </button>
        </div>
        <Views view={view} />
      </header>
      <StatusLine status={status} progress={progress} />
      <ImportPanel
        imports={imports}
        over={over}
        undos={undos}
        importing={status?.importing ?? []}
        onEarlier={() => setAdding("earlier")}
      />
      {view.view === "search" && (
        <SearchPage view={view} go={go} edition={edition} status={status} add={add} over={over} />
      )}
      {view.view === "for-you" && <ForYou view={view} go={go} edition={edition} allEmbedded={status?.pending === 0} />}
      {view.view === "daily" && <Daily view={view} edition={edition} allEmbedded={status?.pending === 0} />}
      {view.view === "library" && <Library view={view} go={go} edition={edition} allEmbedded={status?.pending === 0} />}
      {view.view === "alerts" && <AlertsPage view={view} go={go} />}
      {view.view === "sources" && <SourcesPage onPapers={renew} />}
      {view.view === "open" && <OpenPage view={view} go={go} edition={edition} allEmbedded={status?.pending === 0} />}
      {view.view === "map" && <MapPage view={view} go={go} edition={edition} status={status} />}
      {view.view === "paper" && (
        <PaperPage
          key={addressOfPaper(view.id)}
          view={view}
          go={go}
          edition={edition}
          allEmbedded={status?.pending === 0}
        />
      )}
      <AddDialog adding={adding} add={add} over={over} undos={undos} edition={edition} onClose={stopAdding} />
      <Help dialog={help} kept={keepsKey()} />
      <KeyDialog />
    </>
  );
}
