/** Papers as text on a terminal. */
import type { Answer, Because, Explain, Explanation, Hit } from "../api.js";
import { NOTICE_WORDS } from "../core/notice.js";
import type { Paper } from "../core/paper.js";

const AUTHORS = 4;

/** Replaces control characters, which could move the cursor or change colours. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
export const plain = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, " ");

export function printAnswer(answer: Answer, json: boolean): void {
  if (json) {
    console.log(JSON.stringify(answer, null, 2));
    return;
  }
  if (answer.understood !== null) console.log(`Understood as: ${plain(answer.understood)}\n`);
  for (const [i, hit] of answer.hits.entries()) console.log(describe(hit, i + 1));
  if (answer.suggestion !== null) console.log(`Did you mean: ${plain(answer.suggestion)}`);
  if (answer.notice !== null) console.log(plain(answer.notice));
  if (answer.pending > 0)
    console.log(`(${answer.pending} papers have no vector yet: they are found by their words only)`);
  if (answer.next !== null) console.log(`More: --cursor ${answer.next}`);
}

export function printExplanation({ paper, why, hit }: Explanation): void {
  const lines = [why, ...(hit === null ? [] : evidence(hit))];
  console.log([titleOf(paper), ...lines.map((line) => `  ${plain(line)}`)].join("\n"));
}

const titleOf = ({ title, notice }: Pick<Paper, "title" | "notice">): string =>
  notice === null ? plain(title) : `${plain(title)} [${NOTICE_WORDS[notice]}]`;

/** A line for each signal, one for the words, one for the sentence. */
function evidence({ matched, explain }: Pick<Hit, "matched"> & { explain: Explain }): string[] {
  const words = explain.words.filter(({ weight }) => weight > 0);
  return [
    ...explain.signals.map(signalLine),
    words.length === 0
      ? ""
      : `matched words: ${words.map(({ word, weight }) => `${word} ${weight.toFixed(2)}`).join(", ")}`,
    matched.sentence === null ? "" : `nearest sentence: "${matched.sentence.text}"`,
  ].filter((line) => line !== "");
}

const signalLine = ({ name, rank, value, weight, contribution }: Explain["signals"][number]): string =>
  rank === null || value === null
    ? `${name}: none`
    : `${name}: #${rank}, ${value.toFixed(3)}, adds ${contribution.toFixed(3)} (weight ${weight.toFixed(2)})`;

function reasons({ for: likes, against, reason }: Because): string[] {
  const line = (said: string, examples: Because["for"]) =>
    examples.length === 0
      ? []
      : [
          `${said} ${examples
            .map(
              ({ example, share }) =>
                `${"id" in example ? example.id : `"${example.text}"`} (${Math.round(100 * share)}%)`,
            )
            .join(", ")}`,
        ];
  return [
    ...line("because you like", likes),
    ...line("although you dislike", against),
    ...(reason === null ? [] : [reason]),
  ];
}

function matchedLines({ sentence, pair }: Hit["matched"]): string[] {
  if (pair !== undefined && pair !== null) return [`here:  "${pair.here.text}"`, `there: "${pair.there.text}"`];
  return sentence === null ? [] : [`"${sentence.text}"`];
}

const MOST_VERSIONS = 5;

function describe({ paper, versions, similarity, matched, because, explain }: Hit, place: number): string {
  const { authors } = paper;
  const names =
    authors.slice(0, AUTHORS).join(", ") + (authors.length > AUTHORS ? ` and ${authors.length - AUTHORS} more` : "");
  const lines = [
    `${String(place).padStart(3)}. ${titleOf(paper)}`,
    [names, paper.venue, paper.published].filter((part) => part !== null && part !== "").join(" · "),
    `${paper.id}${paper.url === null ? "" : `  ${paper.url}`}`,
    versions.length === 0
      ? ""
      : `also: ${versions
          .slice(0, MOST_VERSIONS)
          .map(({ id, venue, published, notice }) =>
            [id, venue, published, notice === null ? null : NOTICE_WORDS[notice]]
              .filter((part) => part !== null)
              .join(", "),
          )
          .join("; ")}${versions.length > MOST_VERSIONS ? ` and ${versions.length - MOST_VERSIONS} more` : ""}`,
    ...matchedLines(matched),
    ...(because === undefined ? [] : reasons(because)),
    ...(explain === undefined ? [] : evidence({ matched: { sentence: null, words: [] }, explain })),
    similarity !== null && explain !== undefined ? `cosine ${similarity.toFixed(3)}` : "",
  ];
  return (
    lines
      .filter((line) => line !== "")
      .map((line, i) => (i === 0 ? line : `     ${plain(line)}`))
      .join("\n") + "\n"
  );
}
