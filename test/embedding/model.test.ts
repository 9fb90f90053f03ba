import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { embedSentences, passageOf } from "../../src/embedding/embed.js";
import { DEFAULT_MODEL, describeModel } from "../../src/embedding/description.js";
import { EmbeddingModel } from "../../src/embedding/model.js";
import { KindredError } from "../../src/core/errors.js";
import { ROOT } from "../../src/core/root.js";
import { temporaryDirectory } from "../sample.js";
import { dot } from "../vectors/random.js";

const PENGUINS = "Penguins keep their eggs warm through the Antarctic winter by huddling in turns.";
const BIRDS = "Seabirds in polar regions share the work of incubation during the coldest months.";
const ALGEBRA = "Every finite division ring is a commutative field.";

let model: EmbeddingModel;
before(async () => {
  model = await EmbeddingModel.load();
});
after(() => model.close());

const bytes = (vector: Float32Array) => createHash("sha256").update(vector).digest("hex");

test("the same text gives the same bytes, also after the model is loaded again", async () => {
  const vector = bytes(await model.embed(PENGUINS));
  await model.embed(ALGEBRA);
  assert.equal(bytes(await model.embed(PENGUINS)), vector);
  const again = await EmbeddingModel.load(DEFAULT_MODEL);
  assert.equal(bytes(await again.embed(PENGUINS)), vector);
  await again.close();
});

test("a vector has norm 1 and the model's dimensions, whatever the text", async () => {
  const { dimensions } = model.description;
  for (const text of [PENGUINS, "", " ", "a", "😀", "\0", "日本語の論文", "x".repeat(5_000), "\ud800"]) {
    const vector = await model.embed(text);
    assert.equal(vector.length, dimensions);
    assert.ok(Math.abs(dot(vector, vector) - 1) < 1e-5, JSON.stringify(text.slice(0, 20)));
  }
});

test("a text embedded in a padded batch is close to the same text embedded alone", async () => {
  const texts = [PENGUINS, ALGEBRA, "Knots.", `${PENGUINS} ${BIRDS} ${ALGEBRA}`.repeat(3)];
  const batch = await model.embedBatch(texts);
  assert.equal(batch.length, texts.length);
  for (const [i, text] of texts.entries()) {
    const cosine = dot(batch[i]!, await model.embed(text));
    assert.ok(cosine > 0.98, `${text.slice(0, 20)}: ${cosine}`);
  }
  assert.deepEqual(await model.embedBatch([]), []);
});

test("texts about the same subject are nearer than others", async () => {
  const [penguins, birds, algebra] = [
    await model.embed(PENGUINS),
    await model.embed(BIRDS),
    await model.embed(ALGEBRA),
  ];
  assert.ok(dot(penguins, birds) > dot(penguins, algebra) + 0.3);
  assert.ok(dot(penguins, birds) > dot(birds, algebra) + 0.3);
});

test("text after the 256th word piece changes nothing, and text before it does", async () => {
  // "the" is one word piece; two of the 256 are markers.
  const long = `${"the ".repeat(253)}penguin`;
  const cut = bytes(await model.embed(long));
  assert.equal(bytes(await model.embed(`${long} ${ALGEBRA.repeat(50)}`)), cut);
  assert.notEqual(bytes(await model.embed(`${"the ".repeat(253)}algebra`)), cut);
  assert.equal(bytes(await model.embed(`${"the ".repeat(254)}penguin`)), bytes(await model.embed("the ".repeat(254))));
  const [alone, short] = await model.embedBatch([`${long} ${ALGEBRA}`, PENGUINS]);
  assert.ok(dot(alone!, await model.embed(long)) > 0.98);
  assert.ok(dot(short!, await model.embed(PENGUINS)) > 0.98);
});

describe("a paper", () => {
  test("is embedded from its title and abstract, or from its title alone", () => {
    assert.equal(passageOf({ title: "Knots", abstract: "On knots." }), "Knots. On knots.");
    assert.equal(passageOf({ title: "Knots", abstract: null }), "Knots");
  });

  test("has one vector for its title and one for each sentence, in order", async () => {
    const abstract = `${PENGUINS} ${ALGEBRA} ${BIRDS}`;
    const { spans, vectors } = await embedSentences(model, { title: "A short title", abstract });
    const texts = ["A short title", ...spans.map(({ start, end }) => abstract.slice(start, end))];
    assert.deepEqual(texts, ["A short title", PENGUINS, ALGEBRA, BIRDS]);
    assert.equal(vectors.length, 4);
    for (const [i, text] of texts.entries()) assert.ok(dot(vectors[i]!, await model.embed(text)) > 0.98, text);
  });

  test("without an abstract has only its title's vector", async () => {
    const { spans, vectors } = await embedSentences(model, { title: "Knots", abstract: null });
    assert.deepEqual([spans, vectors.length], [[], 1]);
  });
});

test("an unknown model is refused, and the error lists the known ones", async () => {
  for (const name of ["nope", "", ".", "..", "../models/all-MiniLM-L6-v2", "all-MiniLM-L6-v2/", "README.md"])
    for (const open of [describeModel, (name: string) => EmbeddingModel.load(name)])
      await assert.rejects(
        open(name),
        (error) =>
          error instanceof KindredError &&
          error.code === "invalid" &&
          error.parameter === "model" &&
          error.message === `no model "${name}" (not found); models/ contains: all-MiniLM-L6-v2`,
        name,
      );
});

test("the identity in a description covers everything that vectors depend on", async () => {
  const { identity, ...rest } = await describeModel();
  assert.deepEqual(JSON.parse(identity), rest);
  assert.deepEqual(model.description, { ...rest, identity });
  assert.match(rest.sha256, /^[0-9a-f]{64}$/);
});

/** The output of test/embedding/load.ts, in the project or in a copy of it. */
const load = (root: string, name = DEFAULT_MODEL, chosen?: string) =>
  JSON.parse(
    execFileSync(
      process.execPath,
      [join(root, "dist", "test", "embedding", "load.js"), ...(chosen === undefined ? [name] : [])],
      { encoding: "utf8", env: { ...process.env, ...(chosen === undefined ? {} : { KINDRED_MODEL: chosen }) } },
    ),
  ) as { first?: number; code?: string; message?: string };

test("KINDRED_MODEL names the folder of the model; a missing folder is refused, and the error lists those next to it", () => {
  const models = join(ROOT, "test", "models");
  const { first } = load(ROOT, DEFAULT_MODEL, join(models, "tiny"));
  assert.ok(typeof first === "number" && first !== load(ROOT).first);
  const { code, message } = load(ROOT, DEFAULT_MODEL, join(models, "huge"));
  assert.deepEqual([code, message], ["invalid", `no model "huge" (there is none); under ${models} there is: tiny`]);
});

test("loading a model and embedding need no network", async () => {
  const [first] = await model.embed(PENGUINS.split(" through")[0] + ".");
  assert.equal(load(ROOT).first, first);
});

describe("in a copy of the project", () => {
  let copy: string;
  const cleaning: (() => void)[] = [];
  before(() => {
    copy = temporaryDirectory({ after: (work) => cleaning.push(work) });
    for (const folder of [join("dist", "src"), join("dist", "test", "embedding"), "models", "package.json"])
      cpSync(join(ROOT, folder), join(copy, folder), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  });
  after(() => cleaning.forEach((work) => work()));

  for (const file of ["onnx/model_quantized.onnx", "tokenizer.json"])
    test(`a changed byte in ${file} is refused, and the error says what to do`, () => {
      const path = join(copy, "models", DEFAULT_MODEL, file);
      const whole = readFileSync(path);
      const changed = Buffer.from(whole);
      changed[changed.length >> 1]! ^= 1;
      writeFileSync(path, changed);
      const { code, message } = load(copy);
      assert.equal(code, "damaged");
      assert.match(message ?? "", /is not the published file of the model \(sha256: got \w+, expected \w+\): restore/);
      assert.ok(message?.startsWith(path));
      writeFileSync(path, whole);
    });

  test("a missing file is named", () => {
    const path = join(copy, "models", DEFAULT_MODEL, "config.json");
    const whole = readFileSync(path);
    rmSync(path);
    assert.match(load(copy).message ?? "", /config\.json is not the published file .* no such file/);
    writeFileSync(path, whole);
  });

  test("a folder whose manifest is invalid or names another model is refused", () => {
    cpSync(join(copy, "models", DEFAULT_MODEL), join(copy, "models", "mine"), { recursive: true });
    assert.match(load(copy, "mine").message ?? "", /names "all-MiniLM-L6-v2", expected the name of its folder/);
    writeFileSync(join(copy, "models", "mine", "kindred.json"), "{}");
    const { code, message } = load(copy, "mine");
    assert.equal(code, "invalid");
    assert.match(message ?? "", /no model "mine" \(.*kindred\.json: /);
  });
});
