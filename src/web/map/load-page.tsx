/** The view of the map. The code that draws it is loaded when one first goes there. */
import { Failure } from "../ui/failure.js";
import { Slow } from "../ui/slow.js";
import { useCode } from "../ui/use-code.js";
import type { MapPageProps } from "./props.js";

class LoadedCode {
  code: typeof import("./page.js") | null = null;
}

export function MapPage(props: MapPageProps) {
  const { code, problem, again } = useCode(LoadedCode, () => import("./page.js"));
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
