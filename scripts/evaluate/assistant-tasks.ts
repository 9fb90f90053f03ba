/** Ten tasks as an assistant gets them, on the sample, with the calls that solve each. */
import type { Client } from "@modelcontextprotocol/client";
import { call, type Result } from "../common/assistant.js";

type Call = [tool: string, given: Record<string, unknown>];

export type Task = {
  asked: string;
  /** Each call sees the ids of the papers in the answers before. */
  calls: ((ids: string[][]) => Call)[];
  /** What the answers together must contain. */
  needs: RegExp[];
};

/** Calls of one task, and tokens of their answers. */
export const MOST = { calls: 3, tokens: 2_000 };

export const TASKS: readonly Task[] = [
  {
    asked: "Find papers here on how language models are trained, since 2020, and give me BibTeX.",
    calls: [
      () => ["search_papers", { query: "training of large language models", from: "2020", limit: 5 }],
      ([found = []]) => ["cite", { ids: found.slice(0, 4) }],
    ],
    needs: [/@\w+\{hoffmann-2022-chinchilla,/, /year = \{202\d\}/],
  },
  {
    asked: "What do my papers say about whether smoking causes lung cancer? Quote them.",
    calls: [
      () => ["search_papers", { query: "does smoking cause lung cancer", limit: 3 }],
      () => ["get_paper", { id: "doll-1950-smoking" }],
    ],
    needs: [/Smoking and Carcinoma of the Lung/, /abstract: /],
  },
  {
    asked: "I am reading arXiv:1706.03762. What else here works with a similar method?",
    calls: [() => ["related_papers", { id: "1706.03762", aspect: "method" }]],
    needs: [/devlin-2019-bert/],
  },
  {
    asked: "My idea: store a database's facts as tables that hide how they are stored. Who else did this?",
    calls: [
      () => [
        "related_papers",
        { text: "Facts of a database as tables, independent of how they are stored.", limit: 5 },
      ],
      () => ["search_papers", { query: "relations as a model of data", limit: 5 }],
    ],
    needs: [/codd-1970-relational/],
  },
  {
    asked: "Why is the paper on obedience not first when I search for why people follow orders?",
    calls: [
      () => ["search_papers", { query: "why do people follow orders", limit: 5 }],
      () => ["explain_result", { query: "why do people follow orders", id: "milgram-1963-obedience" }],
    ],
    needs: [/It is hit \d+ of \d+/],
  },
  {
    asked: "Recommend something like the papers on supernovae and the Hubble law, but not on planets.",
    calls: [
      () => ["search_papers", { query: "expansion of the universe supernovae", limit: 3 }],
      () => ["search_papers", { query: "planets of other stars", limit: 1 }],
      ([liked = [], disliked = []]) => ["recommend_papers", { likes: liked, dislikes: disliked, limit: 5 }],
    ],
    needs: [/why: like "/],
  },
  {
    asked: "Put the three best papers on error correction in quantum computers on my list `thesis`.",
    calls: [
      () => ["search_papers", { query: "quantum error correction", limit: 3 }],
      ([found = []]) => ["add_to_list", { list: "thesis", ids: found }],
    ],
    needs: [/acharya-2024-threshold/, /to the new list "thesis", which has 3 now/],
  },
  {
    asked: "Write the references of my list `thesis`, and note on the first paper that I have read it.",
    calls: [
      () => ["list_papers", { list: "thesis" }],
      ([found = []]) => ["cite", { ids: found, format: "text" }],
      ([found = []]) => ["add_note", { id: found[0], note: "Read." }],
    ],
    needs: [/\(2024\)\. Quantum error correction below/, /The note on \S+ is now:\nRead\./],
  },
  {
    asked: "What is new for me?",
    calls: [() => ["daily_papers", {}], () => ["recommend_papers", { lists: ["thesis"], limit: 5 }]],
    needs: [/guo-2025-deepseek/, /why: like "/],
  },
  {
    asked: "Which papers by Kahneman do I have? Give me the newest one's abstract.",
    calls: [
      () => ["search_papers", { query: "", author: "Kahneman" }],
      ([found = []]) => ["get_paper", { id: found[0] }],
    ],
    needs: [/2 papers in all/, /abstract: /],
  },
];

/** Makes the calls of a task. @throws Error when one fails, or something that is needed is missing. */
export async function solve(client: Client, { asked, calls, needs }: Task): Promise<Result[]> {
  const answers: Result[] = [];
  for (const next of calls) {
    const ids = answers.map(({ structured }) => ((structured["papers"] ?? []) as { id: string }[]).map(({ id }) => id));
    const [tool, given] = next(ids);
    const answer = await call(client, tool, given);
    if (answer.isError) throw new Error(`${asked} ${tool}: ${answer.text}`);
    answers.push(answer);
  }
  const all = answers.map(({ text }) => text).join("\n");
  for (const need of needs) if (!need.test(all)) throw new Error(`${asked} No answer matches ${String(need)}:\n${all}`);
  return answers;
}
