/** The view of the alerts. Its code is loaded when one first goes there. */
import type { AlertsView } from "../navigation/address.js";
import type { Go } from "../navigation/router.js";
import { Failure } from "../ui/failure.js";
import { Slow } from "../ui/slow.js";
import { useCode } from "../ui/use-code.js";

class LoadedCode {
  code: typeof import("./page.js") | null = null;
}

export function AlertsPage(props: { view: AlertsView; go: Go }) {
  const { code, problem, again } = useCode(LoadedCode, () => import("./page.js"));
  if (code !== null) return <code.WholeAlerts {...props} />;
  return (
    <main id="content" class="single" tabIndex={-1}>
      <div>
        <h1 class="question">Alerts</h1>
        {problem === null ? <Slow again={again} /> : <Failure problem={problem} again={again} />}
      </div>
    </main>
  );
}
