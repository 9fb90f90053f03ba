/**
 * What assistants need for ten tasks (`assistant-tasks.ts`) on the sample, by `kindred mcp`: calls, and tokens of the answers,
 * as text and as structured content; a client shows its model one of the two. Also what the list of tools takes.
 *
 * Tokens are the word pieces of Kindred's own model. Models with larger vocabularies usually need fewer.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeModel } from "../../src/embedding/description.js";
import { EmbeddingModel } from "../../src/embedding/model.js";
import { ROOT } from "../../src/core/root.js";
import { openKindred } from "../../src/kindred.js";
import { overStdio } from "../common/assistant.js";
import { MACHINE, readCommand } from "../common/command.js";
import { MOST, solve, TASKS } from "./assistant-tasks.js";

/** Characters that are counted at once: the model cuts longer texts. */
const PIECE = 200;

readCommand("npm run evaluate -- assistant", 0, {});
const model = await EmbeddingModel.load((await describeModel()).name);
const directory = mkdtempSync(join(tmpdir(), "kindred-assistant-"));
try {
  const kindred = await openKindred({ directory });
  await kindred.import(join(ROOT, "src", "sample", "papers.jsonl"));
  await kindred.index();
  await kindred.close();
  const { client } = await overStdio(directory, "--write", "--add");
  const { tools } = await client.listTools();
  console.log(`${MACHINE}; limits: ${MOST.calls} calls, ${MOST.tokens} tokens`);
  const listed = tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  console.log(
    `the list of ${tools.length} tools: ${tokensIn(JSON.stringify(listed))} tokens without schemas of answers, ` +
      `${tokensIn(JSON.stringify(tools))} with them\n`,
  );
  console.log("| task | calls | tokens, text | tokens, structured |\n|---|---|---|---|");
  for (const task of TASKS) {
    const answers = await solve(client, task);
    const sum = (of: (answer: (typeof answers)[number]) => string) =>
      answers.reduce((total, answer) => total + tokensIn(of(answer)), 0);
    const [text, structured] = [sum((answer) => answer.text), sum((answer) => JSON.stringify(answer.structured))];
    console.log(`| ${task.asked} | ${answers.length} | ${text} | ${structured} |`);
    if (answers.length > MOST.calls || text > MOST.tokens || structured > MOST.tokens) process.exitCode = 1;
  }
  await client.close();
} finally {
  await model.close();
  rmSync(directory, { recursive: true, force: true });
}

function tokensIn(text: string): number {
  let tokens = 0;
  for (let start = 0; start < text.length; start += PIECE) {
    // Without the two marks around each piece.
    tokens += model.tokenize([text.slice(start, start + PIECE)]).input_ids.data.length - 2;
  }
  return tokens;
}
