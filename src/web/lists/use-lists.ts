/** The list store, as views read it. */
import { useEffect, useMemo, useState } from "preact/hooks";
import type { ListsAnswer } from "../../api.js";
import type { Problem } from "../api/http.js";
import type { View } from "../navigation/address.js";
import { useStore } from "../session/stores.js";
import { ListStore } from "./list-store.js";

export const useListStore = (): ListStore => useStore(ListStore);

function useRead<T extends object | string | boolean | null>(read: (store: ListStore) => T): T {
  const store = useListStore();
  const [shown, setShown] = useState(() => read(store));
  useEffect(() => {
    const listener = (): void => setShown(read(store));
    const end = store.listen(listener);
    listener();
    return end;
  }, []);
  return shown;
}

export const useLists = (): ListsAnswer => useRead(({ kept }) => kept);

/** Whether the server has said what lists there are. */
export const useKnown = (): boolean => useRead(({ known }) => known);

/** Why the server has not. */
export const useUnknown = (): Problem | null => useRead(({ problem }) => problem);

/** Why the last change was refused, in words; null when there is nothing to say. */
export const useRefused = (): string | null => useRead(({ refused }) => refused);

/**
 * A key that changes with the papers of these lists, so that they are fetched again. It is fixed when one comes to a view:
 * papers that are added or removed while one reads stay in their places.
 */
export function useRevision(lists: readonly string[], view: View): string {
  const store = useListStore();
  return useMemo(() => store.revisionOf(lists), [view]);
}
