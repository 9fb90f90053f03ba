/** Identifiers of papers that are not here: services can be asked for them, or a person gets them from their pages. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { AddReport, FindAnswer } from "../../api.js";
import { doiAddress } from "../../core/identifiers.js";
import { addByIdentifier } from "../api/client.js";
import type { Problem } from "../api/http.js";
import { addressOfPaper } from "../navigation/address.js";
import { webAddress } from "../results/links.js";
import { Failure } from "../ui/failure.js";
import { count, number } from "../ui/wording.js";

/** The most that are shown, and that the server takes at once. */
const AT_ONCE = 100;

type One = FindAnswer["unknown"][number];
type Added = AddReport["identifiers"][number];
type State = { at: "ready" | "asking" } | { at: "failed"; problem: Problem };

interface UnknownProps {
  unknown: readonly One[];
  /** Called when a link to a paper is followed. */
  onFollow: () => void;
}

export function Unknown({ unknown, onFollow }: UnknownProps) {
  const [results, setResults] = useState<ReadonlyMap<string, Added>>(new Map());
  const [state, setState] = useState<State>({ at: "ready" });
  const asking = useRef<AbortController | null>(null);
  const said = useRef<HTMLParagraphElement>(null);
  useEffect(() => () => asking.current?.abort(), []);
  // A service that failed may be asked again.
  const left = unknown.filter(({ given, kind }) => kind !== "url" && isOpen(results.get(given)));
  const next = left.slice(0, AT_ONCE);
  useLayoutEffect(() => {
    // The button that had the focus may be gone.
    if (results.size > 0 && document.activeElement === document.body) said.current?.focus();
  }, [results]);

  const ask = (): void => {
    if (state.at === "asking") return;
    const { signal } = (asking.current = new AbortController());
    setState({ at: "asking" });
    addByIdentifier(
      next.map(({ given }) => given),
      signal,
    ).then(
      ({ identifiers }) => {
        if (signal.aborted) return;
        setResults((before) => new Map([...before, ...identifiers.map((one) => [one.given, one] as const)]));
        setState({ at: "ready" });
      },
      (problem: Problem) => {
        if (!signal.aborted) setState({ at: "failed", problem });
      },
    );
  };
  const stop = (): void => {
    asking.current?.abort();
    setState({ at: "ready" });
    said.current?.focus();
  };
  return (
    <>
      {next.length > 0 && (
        <p>
          Kindred can ask for {next.length === 1 ? "it" : "them"} on the network. arXiv, Crossref, DataCite or PubMed
          are sent the identifiers, and for missing abstracts also OpenAlex and Semantic Scholar.
        </p>
      )}
      <div class="next">
        {next.length > 0 && (
          <button type="button" aria-disabled={state.at === "asking"} onClick={ask}>
            {next.length < left.length ? `Get the first ${AT_ONCE} papers` : `Get ${count(next.length, "paper")}`}
          </button>
        )}
        {state.at === "asking" && (
          <button type="button" onClick={stop}>
            Stop
          </button>
        )}
        <p ref={said} role="status" tabIndex={-1}>
          {state.at === "asking" ? "Asking…" : resultInWords([...results.values()])}
        </p>
      </div>
      {state.at === "failed" && (
        <div role="alert">
          <Failure problem={state.problem} again={ask} />
        </div>
      )}
      <ul>
        {unknown.slice(0, AT_ONCE).map((one) => (
          <li key={one.given}>
            <Result one={one} added={results.get(one.given)} onFollow={onFollow} />
          </li>
        ))}
      </ul>
      {unknown.length > AT_ONCE && <p class="quiet">and {number(unknown.length - AT_ONCE)} more</p>}
    </>
  );
}

const isOpen = (added: Added | undefined): boolean => added === undefined || added.outcome === "failed";

function resultInWords(results: readonly Added[]): string {
  const of = (...outcomes: Added["outcome"][]) => results.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const [added, updated, unknown, failed] = [of("added"), of("updated", "here"), of("not-found"), of("failed")];
  return [
    ...(added > 0 ? [`${count(added, "paper")} added`] : []),
    ...(updated > 0 ? [`${number(updated)} here already`] : []),
    ...(unknown > 0 ? [`${number(unknown)} not found`] : []),
    ...(failed > 0 ? [`${number(failed)} could not be asked for`] : []),
  ].join(", ");
}

function Result({ one, added, onFollow }: { one: One; added: Added | undefined } & Pick<UnknownProps, "onFollow">) {
  if (added?.paper != null)
    return (
      <>
        <a href={addressOfPaper(added.paper.id)} onClick={onFollow} dir="auto">
          {added.paper.title}
        </a>{" "}
        <bdi class="quiet">{one.given}</bdi>
      </>
    );
  return (
    <>
      <Outside {...one} /> {added?.reason != null && <span class="quiet">({added.reason})</span>}
    </>
  );
}

/** The page of a paper outside: arXiv's has its BibTeX, a DOI leads to the publisher's. */
function Outside({ given, kind, value }: One) {
  const { href, from } = {
    arxiv: { href: `https://arxiv.org/bibtex/${value}`, from: "BibTeX at arXiv" },
    doi: { href: doiAddress(value), from: "at its publisher" },
    pmid: { href: `https://pubmed.ncbi.nlm.nih.gov/${value}/`, from: "at PubMed" },
    url: { href: webAddress(given) ?? `https://${value}`, from: "its page" },
  }[kind];
  return (
    <>
      <a href={href} target="_blank" rel="noreferrer">
        <bdi>{given}</bdi>
        <span class="unseen"> in a new tab</span>
      </a>{" "}
      <span class="quiet">{from}</span>
    </>
  );
}
