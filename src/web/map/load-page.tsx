/** The view of the map. What draws it is fetched when somebody goes there, and not before. */
import { useCallback, useEffect, useState } from "preact/hooks";
import type { Status } from "../../api.js";
import type { MapView } from "../navigation/address.js";
import { fetchStatus, GONE, Problem } from "../api/client.js";
import { Failure } from "../ui/failure.js";
import { Slow } from "../ui/slow.js";
import type { Go } from "../navigation/router.js";

export interface MapPageProps {
  view: MapView;
  go: Go;
  edition: number;
  status: Status | null;
}

type Drawing = typeof import("./page.js");
/** Milliseconds the server may take to say that it is back. */
const PATIENCE = 5_000;
let fetched: Drawing | null = null;

export function MapPage(props: MapPageProps) {
  const [drawing, setDrawing] = useState(fetched);
  const [problem, setProblem] = useState<Problem | null>(null);
  const look = useCallback((): void => {
    import("./page.js").then(
      (module) => {
        fetched = module;
        setDrawing(module);
      },
      (thrown: unknown) => setProblem(new Problem(0, GONE, thrown)),
    );
  }, []);
  // A browser remembers that a part of the page did not come, and asks for it again only when it loads the whole page.
  const again = (): void => {
    fetchStatus(AbortSignal.timeout(PATIENCE)).then(
      () => location.reload(),
      (thrown: Problem) => setProblem(thrown),
    );
  };
  useEffect(() => {
    if (fetched === null) look();
  }, [look]);
  if (drawing !== null) return <drawing.WholeMap {...props} />;
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
