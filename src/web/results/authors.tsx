/** The authors of a paper: the first few, and all of them on demand. */
import { useState } from "preact/hooks";
import { number } from "../ui/wording.js";

interface AuthorsProps {
  authors: readonly string[];
  /** How many are shown at first. A single one more is shown too, rather than a button. */
  few: number;
  /** The address of an author's papers. */
  addressOf: (author: string) => string;
}

export function Authors({ authors, few, addressOf }: AuthorsProps) {
  const [all, setAll] = useState(false);
  if (authors.length === 0) return null;
  const shown = all || authors.length <= few + 1 ? authors : authors.slice(0, few);
  return (
    <p class="authors">
      {shown.map((author, index) => (
        <span key={index}>
          {index > 0 && ", "}
          <a href={addressOf(author)}>
            <bdi>{author}</bdi>
          </a>
        </span>
      ))}
      {authors.length > few + 1 && (
        <>
          {" "}
          <button type="button" class="link" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? "fewer" : `and ${number(authors.length - few)} more`}
          </button>
        </>
      )}
    </p>
  );
}
