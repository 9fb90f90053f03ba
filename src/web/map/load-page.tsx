/** The view of the map. The code that draws it is loaded when one first goes there. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { fetchStatus } from "../api/client.js";
import { GONE, Problem } from "../api/http.js";
import { useStore } from "../session/stores.js";
import { Failure } from "../ui/failure.js";
import { Slow } from "../ui/slow.js";
import type { MapPageProps } from "./props.js";

/** Milliseconds that the server may take to answer that it is back. */
const PATIENCE = 5_000;

type Code = typeof import("./page.js");

class LoadedCode {
  code: Code | null = null;
}

export function MapPage(props: MapPageProps) {
  const loaded = useStore(LoadedCode);
  const [code, setCode] = useState(loaded.code);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = useCallback((): void => {
    import("./page.js").then(
      (module) => {
        loaded.code = module;
        setCode(module);
      },
      (thrown: unknown) => setProblem(new Problem(0, GONE, thrown)),
    );
  }, []);
  // A browser remembers that a module failed to load, until the whole page is reloaded.
  const again = (): void => {
    fetchStatus(AbortSignal.timeout(PATIENCE)).then(
      () => location.reload(),
      (thrown: Problem) => setProblem(thrown),
    );
  };
  useEffect(() => {
    if (loaded.code === null) load();
  }, [load]);
  if (code !== null) return <code.WholeMap {...props} />;
  return (
    <main id="content" class="single" tabIndex={-1}>
      <div class="whole">
        <h1 class="question">Map of papers</h1>
        {problem === null ? (
          <>
            <p class="quiet">Fetching the map…</p>
            <Slow again={again} />
          </>
        ) : (
          <Failure problem={problem} again={again} />
        )}
      </div>
    </main>
  );
}
