/** Papers in lists, and papers, that are there because of a caller such as a source, until it takes them away again. */
import { KindredError } from "../core/errors.js";
import type { Store } from "../store/store.js";
import type { Placement, Writer } from "./writer.js";

/** What the row of a placement says: whether the paper came into the list by it. */
const PUT = "put";
const FOUND = "found";

/** See `Writer.place`. Call inside a transaction. */
export function place(store: Store, { into, out }: Parameters<Writer["place"]>[0]): string[] {
  for (const placement of out) takeOut(store, placement);
  const remarks = new Set<string>();
  for (const { owner, key, made, list, id } of into) {
    if (store.owned.get(owner, key) !== undefined) continue;
    try {
      if (store.lists.create(list)) store.owned.put({ owner, key: made, value: list });
      store.owned.put({ owner, key, value: store.lists.add(list, id) ? PUT : FOUND });
    } catch (thrown) {
      if (!(thrown instanceof KindredError) || thrown.code !== "too-large") throw thrown;
      remarks.add(thrown.message);
    }
  }
  return [...remarks];
}

function takeOut(store: Store, { owner, key, made, list, id }: Placement): void {
  const put = store.owned.get(owner, key) === PUT;
  store.owned.put({ owner, key, value: null });
  const known = store.lists.size(list) !== undefined;
  if (put && known) store.lists.remove(list, id);
  if (store.owned.get(owner, made) === undefined || (known && store.lists.size(list) !== 0)) return;
  // A person may have deleted or renamed the list.
  if (known) store.lists.delete(list);
  store.owned.put({ owner, key: made, value: null });
}

/** See `Writer.release`. Call inside a transaction. */
export function release(store: Store, { owner, keys, ids, others, lists }: Parameters<Writer["release"]>[0]): number {
  for (const key of keys) store.owned.put({ owner, key, value: null });
  let removed = 0;
  for (const id of ids) {
    if (others.some((other) => store.owned.get(owner, other + id) !== undefined)) continue;
    const label = store.papers.find({ kind: "id", value: id });
    if (label === undefined || store.papers.namesOf(label).some((name) => store.lists.refersTo(name, lists))) continue;
    if (store.papers.removeLabel(label)) removed++;
  }
  return removed;
}
