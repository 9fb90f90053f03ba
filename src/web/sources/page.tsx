/** The services and folders that papers come from: what each has brought, when it runs, and a form to add one. */
import { useId } from "preact/hooks";
import { Waiting } from "../results/results.js";
import { Failure } from "../ui/failure.js";
import { focusHeading, Heading } from "../ui/heading.js";
import { announce } from "../ui/announce.js";
import { useTitle } from "../ui/use-title.js";
import { AddSource } from "./add-source.js";
import { OneSource } from "./one-source.js";
import { useSources } from "./use-sources.js";

export function WholeSources({ onPapers }: { onPapers: () => void }) {
  const { sources, at, problem, look } = useSources(onPapers);
  const title = useId();
  useTitle("Sources");
  return (
    <main id="content" class="single" tabIndex={-1}>
      <div class="sources">
        <Heading class="for-you">Sources</Heading>
        <p class="quiet">
          Papers of a source arrive by themselves while Kindred is running. Only the service of the source is asked.
        </p>
        {problem !== null && <Failure problem={problem} again={look} />}
        {sources === null && problem === null && <Waiting again={look} />}
        {sources?.length === 0 && <p>There is no source yet.</p>}
        {sources !== null && sources.length > 0 && (
          <ul aria-label="Sources" role="list">
            {sources.map((source) => (
              <li key={source.name}>
                <OneSource
                  source={source}
                  now={at}
                  onChanged={look}
                  onRemoved={(words) => {
                    announce(words);
                    focusHeading();
                    look();
                    onPapers();
                  }}
                />
              </li>
            ))}
          </ul>
        )}
        <section aria-labelledby={title}>
          <h2 id={title}>Add a source</h2>
          <AddSource
            onAdded={(name) => {
              announce(`${name} added; its first papers arrive soon`);
              focusHeading();
              look();
            }}
          />
        </section>
      </div>
    </main>
  );
}
