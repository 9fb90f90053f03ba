import { setImmediate } from "node:timers/promises";
import type { Block, Engine, Likeness, Want } from "../../src/engine/engine.js";
import { remoteWriter, type Writer } from "../../src/engine/writer.js";

/**
 * An engine that behaves as if in another process: each round trip yields, and blocks hold only the requested values.
 *
 * @param trips Receives the name of each method called.
 */
export function strict(engine: Engine, trips: string[] = []): Engine {
  return new Proxy(engine, {
    get(target, name) {
      // An async function can return it: it is no promise.
      if (typeof name === "symbol" || name === "then") return Reflect.get(target, name);
      if (name === "compared") return target.compared;
      const method = target[name as Exclude<keyof Engine, "compared">] as (...given: unknown[]) => Promise<unknown>;
      return async (...given: unknown[]) => {
        trips.push(name);
        await setImmediate();
        const answer = await method.apply(target, given);
        if (name === "alike") {
          const { found, likeness } = answer as Awaited<ReturnType<Engine["alike"]>>;
          const counted: Likeness = (labels) => (trips.push("likeness"), likeness(labels));
          return { found, likeness: counted };
        }
        if (name !== "inspect") return answer;
        const [labels, want] = given as [ArrayLike<number>, Want];
        return limited(answer as Block, new Set(Array.from(labels)), want);
      };
    },
  });
}

/** A writer that behaves as if in another process: what it is given and what it answers is copied. */
export const strictWriter = (writer: Writer): Writer =>
  remoteWriter(async (method, argument) => {
    const given = structuredClone(argument);
    await setImmediate();
    return structuredClone(await writer[method](given));
  });

function limited(block: Block, known: ReadonlySet<number>, want: Want): Block {
  const check = (labels: ArrayLike<number>, ...asked: (keyof Want)[]) => {
    for (const each of asked)
      if (want[each] === undefined) throw new Error(`a block without ${each} was asked for them`);
    for (let i = 0; i < labels.length; i++)
      if (!known.has(labels[i]!)) throw new Error(`a block without paper ${labels[i]} was asked for it`);
  };
  return {
    similarities: (query, labels) => (check(labels, "vectors"), block.similarities(query, labels)),
    cosines: (queries, labels) => (check(labels, "vectors"), block.cosines(queries, labels)),
    allCosines: (labels) => (check(labels, "vectors"), block.allCosines(labels)),
    vector: (label) => (check([label], "vectors"), block.vector(label)),
    bestSentences: (query, labels) => (check(labels, "sketches"), block.bestSentences(query, labels)),
    sentences: (query, label) => (check([label], "sketches"), block.sentences(query, label)),
    sketches: (label) => (check([label], "sketches"), block.sketches(label)),
    title: (label) => (check([label], "sketches"), block.title(label)),
    likelyNearest: (labels, among, k) => (
      check([...labels, ...among], "vectors"),
      block.likelyNearest(labels, among, k)
    ),
    maybeCopies: (labels, among) => (
      check([...labels, ...among], "vectors", "titles"),
      block.maybeCopies(labels, among)
    ),
  };
}
