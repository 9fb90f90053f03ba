/** Simulated readers of daily papers: what each has liked, and when, and which papers each wants. */
import type { Paper } from "../../src/core/paper.js";
import type { Entry } from "../../src/engine/engine.js";

export type Reader = {
  kind: string;
  name: string;
  /** Oldest first. */
  likes: Entry[];
  wants: (paper: Paper) => boolean;
};

/** Subjects, by words in a title or twice in an abstract. */
const TOPICS: Record<string, RegExp> = {
  "video generation": /video (?:generation|diffusion|synthesis|editing)|text-to-video/gi,
  mathematics: /\bmath|theorem|\bproofs?\b/gi,
  robots: /robot|vision-language-action/gi,
  retrieval: /retriev|\brag\b/gi,
  speech: /speech|\baudio\b|\bmusic\b/gi,
  "long contexts": /long[- ]context|kv[- ]cache|sparse attention/gi,
  "3D scenes": /\b3d\b|gaussian splatting/gi,
  code: /\bcode\b|coding agent|software engineering/gi,
  medicine: /medical|clinical|healthcare|patholog|radiolog/gi,
  "graphical interfaces": /\bgui\b|computer[- ]use|web agent/gi,
  "policy optimization": /policy optimization|\bgrpo\b|verifiable reward/gi,
  safety: /\bsafety\b|jailbreak|red[- ]team|\battacks?\b/gi,
  "text diffusion": /diffusion (?:large )?language|discrete diffusion|masked diffusion/gi,
  compression: /quantiz|pruning|low-bit|mixture[- ]of[- ]experts/gi,
  "world models": /world model/gi,
  images: /text-to-image|image (?:generation|synthesis|editing)/gi,
  memory: /\bmemory\b/gi,
  languages: /multilingual|cross-lingual|low-resource|machine translation/gi,
  documents: /document|\bocr\b/gi,
  science: /molecul|protein|chemi|materials science/gi,
  "video understanding": /video (?:understanding|reasoning|question|llm|large)/gi,
  "time series": /time[- ]series|forecast|tabular/gi,
  research: /deep research|scientific discovery|ai scientist/gi,
  space: /spatial (?:reasoning|intelligence|understanding)/gi,
};
const MONTH = 30 * 86_400_000;
/** Likes are of this many months, and this many in each. */
const MONTHS = 12;
const EACH = 2;
/** Two people who have written this many papers together are a group, with those who wrote this share of these with them. */
const TOGETHER = 8;
const MEMBER = 0.3;
/** Papers with more authors say little about who works with whom. */
const AUTHORS = 30;
const GROUPS = 60;
const MOST_LIKES = MONTHS * EACH;

/** @param start The first day that is measured: likes are of papers listed before. */
export function readersOf(papers: readonly Paper[], start: string): Reader[] {
  const before = papers.filter(({ listed }) => listed !== null && listed < start);
  return [...byTopic(before, Date.parse(start)), ...byAuthors(before)];
}

/** Each month a reader likes the most upvoted papers on a subject; over the months the subject may change. */
function* byTopic(before: readonly Paper[], start: number): Generator<Reader> {
  const names = Object.keys(TOPICS);
  const on = new Map(names.map((name) => [name, before.filter((paper) => isAbout(paper, name))]));
  const liked = (months: (month: number) => string[]): Entry[] => {
    const taken = new Set<string>();
    for (let month = MONTHS - 1; month >= 0; month--)
      for (const topic of months(month)) {
        const inMonth = on.get(topic)!.filter(({ id, listed }) => {
          const age = start - Date.parse(listed!);
          return age > month * MONTH && age <= (month + 1) * MONTH && !taken.has(id);
        });
        const [best] = inMonth.toSorted((a, b) => (b.upvotes ?? 0) - (a.upvotes ?? 0) || (a.id < b.id ? -1 : 1));
        if (best !== undefined) taken.add(best.id);
      }
    return entriesOf(before.filter(({ id }) => taken.has(id)));
  };
  for (const [i, one] of names.entries()) {
    const other = names[(i + 9) % names.length]!;
    const wantsOne = (paper: Paper) => isAbout(paper, one);
    const wantsBoth = (paper: Paper) => isAbout(paper, one) || isAbout(paper, other);
    const both = `${other}, ${one}`;
    yield { kind: "steady", name: one, likes: liked(() => [one, one]), wants: wantsOne };
    yield { kind: "two interests", name: both, likes: liked(() => [other, one]), wants: wantsBoth };
    yield {
      kind: "moved on",
      name: both,
      likes: liked((month) => (month >= 8 ? [other, other] : month >= 4 ? [other, one] : [one, one])),
      wants: wantsOne,
    };
    yield {
      kind: "an old interest and a new one",
      name: both,
      likes: liked((month) => (month >= 6 ? [other, other] : [one, one])),
      wants: wantsBoth,
    };
  }
}

function isAbout({ title, abstract }: Paper, topic: string): boolean {
  const words = TOPICS[topic]!;
  return title.search(words) >= 0 || (abstract?.match(words)?.length ?? 0) >= 2;
}

/** Readers who like what a group of authors has written, and want what two of them write. */
function* byAuthors(before: readonly Paper[]): Generator<Reader> {
  const authored = before.filter(({ authors }) => authors.length <= AUTHORS);
  const together = new Map<string, Paper[]>();
  for (const paper of authored) {
    const authors = [...new Set(paper.authors)].toSorted();
    for (const [i, one] of authors.entries())
      for (const other of authors.slice(i + 1)) {
        const pair = `${one} and ${other}`;
        together.set(pair, [...(together.get(pair) ?? []), paper]);
      }
  }
  const pairs = [...together].filter(([, written]) => written.length >= TOGETHER);
  const taken = new Set<string>();
  let groups = 0;
  for (const [name, written] of pairs.toSorted(
    ([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1),
  )) {
    const counts = new Map<string, number>();
    for (const author of written.flatMap(({ authors }) => [...new Set(authors)]))
      counts.set(author, (counts.get(author) ?? 0) + 1);
    const members = new Set(
      [...counts].filter(([, count]) => count >= MEMBER * written.length).map(([author]) => author),
    );
    if (groups === GROUPS || [...members].some((member) => taken.has(member))) continue;
    groups++;
    for (const member of members) taken.add(member);
    const wants = ({ authors }: Paper) =>
      authors.length <= AUTHORS && new Set(authors.filter((author) => members.has(author))).size >= 2;
    yield { kind: "a group's papers", name, likes: entriesOf(authored.filter(wants)).slice(-MOST_LIKES), wants };
  }
}

/** Papers that are liked on the day they were listed, oldest first. */
const entriesOf = (papers: readonly Paper[]): Entry[] =>
  papers
    .map(({ id, listed }) => ({ id, added: `${listed!}T12:00:00.000Z` }))
    .toSorted((a, b) => (a.added === b.added ? (a.id < b.id ? -1 : 1) : a.added < b.added ? -1 : 1));
