/** Loads the code of a view when one first goes there. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { fetchStatus } from "../api/client.js";
import { GONE, Problem } from "../api/http.js";
import { useStore } from "../session/stores.js";

/** Milliseconds that the server may take to answer that it is back. */
const PATIENCE = 5_000;

/** @param Holder Keeps the code for the next visit. */
export function useCode<T extends object>(
  Holder: new () => { code: T | null },
  load: () => Promise<T>,
): { code: T | null; problem: Problem | null; again: () => void } {
  const loaded = useStore(Holder);
  const [code, setCode] = useState<{ code: T | null }>({ code: loaded.code });
  const [problem, setProblem] = useState<Problem | null>(null);
  // A browser remembers that a module failed to load, until the whole page is reloaded.
  const again = useCallback((): void => {
    fetchStatus(AbortSignal.timeout(PATIENCE)).then(
      () => location.reload(),
      (thrown: Problem) => setProblem(thrown),
    );
  }, []);
  useEffect(() => {
    if (loaded.code !== null) return;
    load().then(
      (module) => {
        loaded.code = module;
        setCode({ code: module });
      },
      (thrown: unknown) => setProblem(new Problem(0, GONE, thrown)),
    );
  }, []);
  return { code: code.code, problem, again };
}
