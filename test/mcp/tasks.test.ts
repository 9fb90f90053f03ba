/** Ten tasks are solved in a few calls with short answers. `npm run evaluate -- assistant` counts their tokens. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { overStdio } from "../../scripts/common/assistant.js";
import { MOST, solve, TASKS } from "../../scripts/evaluate/assistant-tasks.js";
import { sampleDirectory } from "../sample.js";

/** Fewer characters than any model reads as a token, on average over such answers. */
const CHARACTERS = 3;

test("ten tasks", async (t) => {
  const { client } = await overStdio(await sampleDirectory(t), "--write");
  assert.equal(TASKS.length, 10);
  for (const task of TASKS) {
    const answers = await solve(client, task);
    assert.ok(answers.length <= MOST.calls, task.asked);
    const characters = (of: (answer: (typeof answers)[number]) => string) =>
      answers.reduce((sum, answer) => sum + of(answer).length, 0);
    for (const shown of [characters(({ text }) => text), characters(({ structured }) => JSON.stringify(structured))])
      assert.ok(shown <= MOST.tokens * CHARACTERS, `${task.asked}: ${shown} characters`);
  }
  await client.close();
});
