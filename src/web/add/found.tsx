/** The result of looking up identifiers: the papers that are here, and where to get the records of the others. */
import type { FindAnswer } from "../../api.js";
import { addressOfPaper } from "../navigation/address.js";
import { doiAddress } from "../../core/identifiers.js";
import { webAddress } from "../results/links.js";
import { count, number } from "../ui/wording.js";

/** The most that are shown of each kind. */
const SHOWN = 100;

export function foundInWords({ found, unknown, unread }: FindAnswer): string {
  const parts = [`${number(found.length)} of ${count(found.length + unknown.length, "paper")} found here`];
  if (unread.length > 0) parts.push(`${count(unread.length, "line holds", "lines hold")} no identifier`);
  return parts.join("; ");
}

export function Found({ answer, onFollow }: { answer: FindAnswer; onFollow: () => void }) {
  const { found, unknown, unread } = answer;
  return (
    <>
      {found.length > 0 && (
        <section aria-label="Found here">
          <h3>Here already</h3>
          <ul>
            {found.slice(0, SHOWN).map(({ given, paper }) => (
              <li key={given}>
                <a href={addressOfPaper(paper.id)} onClick={onFollow} dir="auto">
                  {paper.title}
                </a>{" "}
                <bdi class="quiet">{given}</bdi>
              </li>
            ))}
          </ul>
          <More than={found.length} />
        </section>
      )}
      {unknown.length > 0 && (
        <section aria-label="Not here">
          <h3>Not here yet</h3>
          <p>
            Kindred fetches nothing from the network. Each link leads to a page with the paper’s BibTeX: copy it, and
            paste it above.
          </p>
          <ul>
            {unknown.slice(0, SHOWN).map((one) => (
              <li key={one.given}>
                <Outside {...one} />
              </li>
            ))}
          </ul>
          <More than={unknown.length} />
        </section>
      )}
      {unread.length > 0 && (
        <section aria-label="Not understood">
          <h3>No DOI, arXiv id or web address</h3>
          <ul>
            {unread.slice(0, SHOWN).map((line) => (
              <li key={line} class="unread" dir="auto">
                {line}
              </li>
            ))}
          </ul>
          <More than={unread.length} />
        </section>
      )}
    </>
  );
}

const More = ({ than }: { than: number }) =>
  than > SHOWN ? <p class="quiet">and {number(than - SHOWN)} more</p> : null;

/** arXiv serves a paper's BibTeX; a DOI leads to the publisher's page. */
function Outside({ given, kind, value }: FindAnswer["unknown"][number]) {
  const href =
    kind === "arxiv"
      ? `https://arxiv.org/bibtex/${value}`
      : kind === "doi"
        ? doiAddress(value)
        : (webAddress(given) ?? `https://${value}`);
  const from = { arxiv: "BibTeX at arXiv", doi: "at its publisher", url: "its page" }[kind];
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
