/** Stands where it matters what is kept, until that is known. */
import { Failure } from "../ui/failure.js";
import { Waiting } from "../results/results.js";
import { look, useUnknown } from "../lists/use-lists.js";

export function NotKnown() {
  const problem = useUnknown();
  const again = (): void => void look();
  return problem === null ? <Waiting again={again} /> : <Failure problem={problem} again={again} />;
}
