/** How much of the machine indexing uses, and how it yields to other work. */
import { availableParallelism, getPriority, setPriority } from "node:os";

/**
 * Linux has a priority for each thread. Elsewhere, lowering it would slow down the whole process, including answers.
 */
const THREADS_HAVE_PRIORITIES = process.platform === "linux";

/**
 * How many steps (nice) the priority of a thread is below that of the thread that started it: the main thread for the importing
 * one, and that one for the others. Importing, embedding and writing do not delay queries, nor the map embedding.
 */
const STEPS_DOWN = { importing: 5, embedding: 1, building: 0, mapping: 2 };
/** The lowest priority (nice). */
const LOWEST = 19;

/**
 * Default number of embedding threads: one per core. With `polite`, one core stays free where threads have low
 * priority, and half of them elsewhere; at least one thread.
 */
export function defaultWorkers(polite: boolean): number {
  const cores = availableParallelism();
  if (!polite) return cores;
  return Math.max(1, THREADS_HAVE_PRIORITIES ? cores - 1 : cores >> 1);
}

/**
 * Lowers the priority of the calling thread below those that answer; with `polite`, below every other program. Linux
 * only.
 */
export function lowerPriority(work: keyof typeof STEPS_DOWN, polite: boolean): void {
  if (THREADS_HAVE_PRIORITIES) setPriority(0, polite ? LOWEST : Math.min(LOWEST, getPriority(0) + STEPS_DOWN[work]));
}
