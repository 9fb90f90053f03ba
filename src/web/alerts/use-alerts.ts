/** The store of alerts, as views read it. */
import { useEffect, useState } from "preact/hooks";
import { useStore } from "../session/stores.js";
import { type Alerts, AlertStore } from "./alert-store.js";

export const useAlertStore = (): AlertStore => useStore(AlertStore);

export function useAlerts(): Alerts {
  const store = useAlertStore();
  const [shown, setShown] = useState(store.now);
  useEffect(() => {
    const listener = (): void => setShown(store.now);
    const end = store.listen(listener);
    listener();
    return end;
  }, []);
  return shown;
}
