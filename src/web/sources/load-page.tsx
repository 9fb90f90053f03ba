/** The view of the sources. Its code is loaded when one first goes there. */
import { Failure } from "../ui/failure.js";
import { Slow } from "../ui/slow.js";
import { useCode } from "../ui/use-code.js";

class LoadedCode {
  code: typeof import("./page.js") | null = null;
}

/** @param props.onPapers Called when a source may have added or removed papers. */
export function SourcesPage(props: { onPapers: () => void }) {
  const { code, problem, again } = useCode(LoadedCode, () => import("./page.js"));
  if (code !== null) return <code.WholeSources {...props} />;
  return (
    <main id="content" class="single" tabIndex={-1}>
      <div>
        <h1 class="question">Sources</h1>
        {problem === null ? <Slow again={again} /> : <Failure problem={problem} again={again} />}
      </div>
    </main>
  );
}
