/**
 * What a bookmarklet or a share opens: is the paper of another page here, which papers here are related to it, and shall it be
 * added? Opening only looks in the library. Services are asked when a person presses the button.
 */
import { useEffect, useState } from "preact/hooks";
import type { FindAnswer } from "../../api.js";
import { find, relatedToTitle } from "../api/client.js";
import type { Problem } from "../api/http.js";
import { addressOf, browse, type OpenView } from "../navigation/address.js";
import type { Go } from "../navigation/router.js";
import { useListing } from "../results/listing.js";
import { Results } from "../results/results.js";
import { Failure } from "../ui/failure.js";
import { Heading } from "../ui/heading.js";
import { useTitle } from "../ui/use-title.js";
import { bookmarkletOf } from "./bookmarklet.js";
import { Unknown } from "./unknown.js";

interface OpenPageProps {
  view: OpenView;
  go: Go;
  edition: number;
  allEmbedded: boolean;
}

export function OpenPage(props: OpenPageProps) {
  const { text, title } = props.view;
  return text === "" && title === "" ? <Setup /> : <Opened key={`${text}\n${title}`} {...props} />;
}

function Opened({ view: { text, title }, go, edition, allEmbedded }: OpenPageProps) {
  const [answer, setAnswer] = useState<FindAnswer | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);
  useTitle("From another page");
  useEffect(() => {
    const { signal, abort } = controlled();
    setProblem(null);
    find(text === "" ? title : text, signal).then(
      (found) => {
        const [here] = found.found;
        if (here === undefined) setAnswer(found);
        else go({ view: "paper", id: here.paper.id, aspect: null }, "stay");
      },
      (thrown: Problem) => {
        if (!signal.aborted) setProblem(thrown);
      },
    );
    return abort;
  }, [attempt]);
  // One page may name its paper by arXiv id, DOI and address: the first is asked for.
  const wanted = answer?.unknown.find(({ kind }) => kind !== "url");
  return (
    <main id="content" class="single opened" tabIndex={-1}>
      <Heading class="title">{title === "" ? "From another page" : title}</Heading>
      {problem !== null && <Failure problem={problem} again={() => setAttempt(attempt + 1)} />}
      {answer === null && problem === null && <p class="quiet">Looking…</p>}
      {answer !== null && (
        <section aria-label="Not here">
          <p>This paper is not in your library.</p>
          {wanted === undefined ? (
            <p class="quiet">
              The page names no DOI, arXiv id or PMID, so Kindred cannot get the paper. “Add” takes its BibTeX, or its
              title and abstract.
            </p>
          ) : (
            <Unknown unknown={[wanted]} onFollow={() => {}} />
          )}
        </section>
      )}
      {answer !== null && title !== "" && <Similar title={title} edition={edition} allEmbedded={allEmbedded} />}
    </main>
  );
}

function controlled(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

function Similar({ title, edition, allEmbedded }: { title: string; edition: number; allEmbedded: boolean }) {
  const listing = useListing(`${edition} opened ${title}`, (cursor, signal) => relatedToTitle(title, cursor, signal), {
    quiet: true,
  });
  return (
    <section class="related" aria-labelledby="related">
      <h2 id="related">Related papers here</h2>
      <Results
        listing={listing}
        filters={{}}
        narrow={(filters) => addressOf(browse(filters))}
        allEmbedded={allEmbedded}
        level={3}
      />
    </section>
  );
}

/** How to come here from other pages. */
function Setup() {
  const [clicked, setClicked] = useState(false);
  useTitle("Add from other pages");
  const home = new URL("./", location.href).href;
  return (
    <main id="content" class="single opened" tabIndex={-1}>
      <Heading class="question">Add from other pages</Heading>
      <p>
        On the page of a paper, at arXiv, PubMed or a publisher, you can ask with one click whether it is here, which
        papers here are related to it, and add it.
      </p>
      <h2>Bookmarklet</h2>
      <p>
        Drag this link to your bookmarks:{" "}
        <a
          class="bookmarklet"
          href={bookmarkletOf(home)}
          onClick={(event) => {
            event.preventDefault();
            setClicked(true);
          }}
        >
          In Kindred?
        </a>
      </p>
      <p role="status">
        {clicked && "It works on the pages of papers, not here: drag it to the bookmarks bar, or add it as a bookmark."}
      </p>
      <h2>Sharing</h2>
      <p>
        Install this page as an app, in the browser’s menu. Then “Share” on a phone, and in some browsers on a computer,
        offers Kindred. Browsers install pages only from this machine or over HTTPS.
      </p>
      <h2>Address bar</h2>
      <p>
        Browsers can add Kindred to their search engines from this page. A search engine of your own has the address{" "}
        <code>{`${home}?q=%s`}</code>
      </p>
    </main>
  );
}
