/** Notifications on the desktop, when alerts find something while the page is open. The browser keeps whether they are wanted. */
import type { Alert } from "../../api.js";
import { addressOf } from "../navigation/address.js";
import { visit } from "../navigation/router.js";
import { nameHere, readStored, store } from "../session/browser-storage.js";
import { count } from "../ui/wording.js";

/** `unavailable` where the browser has none, as on pages of other machines without HTTPS; `denied` if the person forbade them. */
export type Notifying = "on" | "off" | "denied" | "unavailable";

const stored = (): string => nameHere("notify");

export function notifying(): Notifying {
  if (!("Notification" in window) || !isSecureContext) return "unavailable";
  if (Notification.permission === "denied") return "denied";
  return Notification.permission === "granted" && readStored(stored()) === "on" ? "on" : "off";
}

/** Turns them on, after the browser has asked the person; or off. */
export async function notify(on: boolean): Promise<Notifying> {
  if (on && notifying() === "off") await Notification.requestPermission();
  store(stored(), on ? "on" : null);
  return notifying();
}

/** Shows what alerts have found since they were looked at before, if notifications are on. */
export function notifyOf(before: readonly Alert[], now: readonly Alert[]): void {
  if (notifying() !== "on") return;
  const found = before.flatMap(({ name, found: earlier }) => {
    const came = (now.find((one) => one.name === name)?.found ?? 0) - earlier;
    return came > 0 ? [{ name, came }] : [];
  });
  const [first, ...others] = found;
  if (first === undefined) return;
  const papers = count(
    found.reduce((sum, { came }) => sum + came, 0),
    "new paper",
  );
  // With the same tag in all tabs, it is shown once.
  const notification = new Notification(papers, {
    tag: `${location.pathname} alerts`,
    body: found.map(({ name, came }) => `${name}: ${came}`).join("\n"),
    icon: "icon.svg",
  });
  notification.addEventListener("click", () => {
    window.focus();
    visit(addressOf({ view: "alerts", alert: others.length === 0 ? first.name : null }));
  });
}
