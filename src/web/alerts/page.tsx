/** The alerts: what each has found, when it runs, and what can be done with it. */
import { useEffect, useState } from "preact/hooks";
import { seeAlerts } from "../api/client.js";
import type { Problem } from "../api/http.js";
import { addressOf, type AlertsView, browse } from "../navigation/address.js";
import type { Go } from "../navigation/router.js";
import { Waiting } from "../results/results.js";
import { announce } from "../ui/announce.js";
import { Failure } from "../ui/failure.js";
import { focusHeading, Heading } from "../ui/heading.js";
import { useTitle } from "../ui/use-title.js";
import { count } from "../ui/wording.js";
import { NotifyButton } from "./notify-button.js";
import { OneAlert } from "./one-alert.js";
import { useAlerts, useAlertStore } from "./use-alerts.js";

/** Alerts with unread papers that are open at first. */
const OPEN = 10;

export function WholeAlerts({ view, go }: { view: AlertsView; go: Go }) {
  const store = useAlertStore();
  const { alerts, unread, mail, at, problem, running } = useAlerts();
  const [refused, setRefused] = useState("");
  useTitle("Alerts");
  const known = alerts !== null;
  // They may have been fetched long ago, in another view.
  useEffect(() => void (known && store.look()), []);
  const shown = alerts?.some(({ name }) => name === view.alert) === true;
  useEffect(() => {
    if (!shown) return;
    const all = [...document.querySelectorAll<HTMLElement>("[data-alert]")];
    const title = all.find((one) => one.dataset["alert"] === view.alert);
    title?.focus({ preventScroll: true });
    title?.scrollIntoView();
  }, [shown, view]);
  const see = (): void => {
    setRefused("");
    seeAlerts().then(
      () => {
        announce("All marked as seen");
        // The button disappears.
        focusHeading();
        void store.look();
      },
      ({ message }: Problem) => setRefused(message),
    );
  };
  return (
    <main id="content" class="single" tabIndex={-1}>
      <div class="alerts">
        <Heading class="for-you">Alerts</Heading>
        {problem !== null && <Failure problem={problem} again={() => void store.look()} />}
        {!known && problem === null && <Waiting again={() => void store.look()} />}
        {alerts?.length === 0 && (
          <p>
            An alert keeps a question and collects the new papers that answer it:{" "}
            <a href={addressOf(browse())}>search</a> for something and choose “Follow this search”.
          </p>
        )}
        {known && alerts.length > 0 && (
          <>
            <div class="doings">
              <span>{unread === 0 ? "Nothing unread" : count(unread, "unread paper")}</span>
              {unread > 0 && (
                <button type="button" class="link" onClick={see}>
                  Mark all as seen
                </button>
              )}
            </div>
            <div class="doings">
              <NotifyButton />
              <a href="feeds/opml" download="kindred.opml">
                All feeds (OPML)
              </a>
            </div>
            <p role="alert">{refused}</p>
            <ul aria-label="Alerts" role="list">
              {alerts.map((alert, index) => (
                <li key={alert.name}>
                  <OneAlert
                    alert={alert}
                    now={at}
                    running={running.has(alert.name) || alert.running}
                    mail={mail ?? "no-server"}
                    opened={view.alert === null ? alert.unread > 0 && index < OPEN : alert.name === view.alert}
                    onRenamed={(name) => go({ view: "alerts", alert: name }, "stay")}
                  />
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </main>
  );
}
