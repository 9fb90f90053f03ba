/** A placeholder until the server has said what lists there are. */
import { Failure } from "../ui/failure.js";
import { Waiting } from "../results/results.js";
import { useListStore, useUnknown } from "../lists/use-lists.js";

export function NotKnown() {
  const store = useListStore();
  const problem = useUnknown();
  const again = (): void => void store.fetch();
  return problem === null ? <Waiting again={again} /> : <Failure problem={problem} again={again} />;
}
