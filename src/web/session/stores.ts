/** State that outlives a view. A page has one store of each kind, all below the provider in main.tsx. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";

type Kind<T> = new () => T;

export const Stores = createContext<Map<Kind<unknown>, unknown> | null>(null);

/** The page's only instance of a class; the first caller creates it. */
export function useStore<T>(kind: Kind<T>): T {
  const stores = useContext(Stores);
  if (stores === null) throw new Error(`${kind.name} was used outside of <Stores.Provider>`);
  const store = (stores.get(kind) as T | undefined) ?? new kind();
  stores.set(kind, store);
  return store;
}
