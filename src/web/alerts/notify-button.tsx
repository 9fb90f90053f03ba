/** A button that turns notifications on the desktop on or off. */
import { useState } from "preact/hooks";
import { announce } from "../ui/announce.js";
import { notify, notifying } from "./notifications.js";

export function NotifyButton() {
  const [state, setState] = useState(notifying);
  if (state === "unavailable") return null;
  if (state === "denied") return <span class="quiet">This browser does not allow notifications from Kindred.</span>;
  const turn = (): void =>
    void notify(state === "off").then((now) => {
      setState(now);
      announce(
        now === "on"
          ? "Notifications are on, while this page is open"
          : now === "off"
            ? "Notifications are off"
            : "This browser does not allow notifications from Kindred",
      );
    });
  return (
    <button type="button" class="link" onClick={turn}>
      {state === "on" ? "Turn off notifications" : "Notify me while this page is open"}
    </button>
  );
}
