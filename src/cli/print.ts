/** Papers as text on a terminal. */
import type { Answer, Hit } from "../api.js";

const AUTHORS = 4;

/** Control characters of a title from elsewhere could move the cursor or change colours. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
export const plain = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, " ");

export function printAnswer(answer: Answer, json: boolean): void {
  if (json) {
    console.log(JSON.stringify(answer, null, 2));
    return;
  }
  for (const [i, hit] of answer.hits.entries()) console.log(describe(hit, i + 1));
  if (answer.notice !== null) console.log(plain(answer.notice));
  if (answer.pending > 0)
    console.log(`(${answer.pending} papers have no vector yet and were found by their words only)`);
  if (answer.next !== null) console.log(`More: --cursor ${answer.next}`);
}

function describe({ paper, similarity, matched, closest, explain }: Hit, place: number): string {
  const { authors } = paper;
  const names =
    authors.slice(0, AUTHORS).join(", ") + (authors.length > AUTHORS ? ` and ${authors.length - AUTHORS} more` : "");
  const lines = [
    `${String(place).padStart(3)}. ${plain(paper.title)}`,
    [names, paper.venue, paper.published].filter((part) => part !== null && part !== "").join(" · "),
    `${paper.id}${paper.url === null ? "" : `  ${paper.url}`}`,
    matched.sentence === null ? "" : `"${matched.sentence.text}"`,
    closest === undefined
      ? ""
      : `closest to ${"id" in closest.positive ? closest.positive.id : `"${closest.positive.text}"`}, cosine ${closest.similarity.toFixed(2)}`,
    explain === undefined
      ? ""
      : Object.entries(explain)
          .map(([name, { rank, value, weight }]) =>
            rank === null || value === null ? `${name} -` : `${name} #${rank} ${value.toFixed(2)} (weight ${weight})`,
          )
          .join(", "),
    similarity !== null && explain !== undefined ? `cosine ${similarity.toFixed(3)}` : "",
  ];
  return (
    lines
      .filter((line) => line !== "")
      .map((line, i) => (i === 0 ? line : `     ${plain(line)}`))
      .join("\n") + "\n"
  );
}
