/** The result of looking up identifiers: the papers that are here, and those that are not. */
import type { FindAnswer } from "../../api.js";
import { addressOfPaper } from "../navigation/address.js";
import { count, number } from "../ui/wording.js";
import { Unknown } from "./unknown.js";

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
          <Unknown unknown={unknown} onFollow={onFollow} />
        </section>
      )}
      {unread.length > 0 && (
        <section aria-label="Not understood">
          <h3>No DOI, arXiv id, PMID or web address</h3>
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
