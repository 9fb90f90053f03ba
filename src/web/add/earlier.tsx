/** Earlier imports, by anyone, with a way to undo them. */
import { useEffect, useState } from "preact/hooks";
import type { ImportsAnswer } from "../../api.js";
import { fetchImports } from "../api/client.js";
import type { Problem } from "../api/http.js";
import { Failure } from "../ui/failure.js";
import { Undo } from "./undo.js";
import type { Undos } from "./use-undos.js";
import { momentInWords, number } from "../ui/wording.js";

type Earlier = ImportsAnswer["imports"][number];

interface EarlierImportsProps {
  /** Whether the dialog was opened for them. */
  open: boolean;
  undos: Undos;
  /** Counts the changes of the library. */
  edition: number;
}

export function EarlierImports({ open: wanted, undos, edition }: EarlierImportsProps) {
  const [open, setOpen] = useState(wanted);
  const [imports, setImports] = useState<readonly Earlier[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (!open) return undefined;
    const asking = new AbortController();
    fetchImports(asking.signal).then(
      (answer) => {
        setImports(answer.imports);
        setProblem(null);
      },
      (thrown: Problem) => {
        if (!asking.signal.aborted) setProblem(thrown);
      },
    );
    return () => asking.abort();
  }, [open, edition, attempt]);

  return (
    <details class="earlier" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Earlier imports</summary>
      {problem !== null && <Failure problem={problem} again={() => setAttempt((before) => before + 1)} />}
      {imports?.length === 0 && <p class="quiet">Nothing has been imported yet.</p>}
      {imports !== null && imports.length > 0 && (
        <ul aria-label="Earlier imports">
          {imports.map((one) => (
            <li key={one.import}>
              <EarlierImport one={one} undos={undos} />
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}

function EarlierImport({ one, undos }: { one: Earlier; undos: Undos }) {
  const { import: id, name, began, added, updated, undone } = one;
  const papers = added + updated;
  return (
    <>
      <p>
        <b>
          <bdi>{name}</bdi>
        </b>{" "}
        <span class="quiet">
          {momentInWords(began)}: {broughtInWords(one)}
        </span>
      </p>
      {undone !== null && undos.of(id) === undefined && <span class="quiet">undone</span>}
      {papers > 0 && (undone === null || undos.of(id) !== undefined) && (
        <Undo number={id} name={name} papers={papers} undos={undos} />
      )}
    </>
  );
}

function broughtInWords({ added, updated }: Earlier): string {
  if (added + updated === 0) return "nothing new";
  return [
    ...(added > 0 ? [`${number(added)} added`] : []),
    ...(updated > 0 ? [`${number(updated)} updated`] : []),
  ].join(", ");
}
