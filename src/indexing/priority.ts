/** How much of the machine embedding takes, and what it leaves to others. */
import { availableParallelism, getPriority, setPriority } from "node:os";

/** Linux gives each thread a priority of its own; elsewhere a lower one would hold up the whole process, answers too. */
const THREADS_HAVE_PRIORITIES = process.platform === "linux";

/**
 * Steps behind the threads that answer: a question is not held up by what is embedded or written meanwhile, nor is
 * embedding by the map.
 */
const BEHIND_ANSWERS = { embedding: 5, building: 5, mapping: 6 };
/** The last of all. */
const LOWEST = 19;

/**
 * Threads that embed when nobody says how many: one a core. When polite, one core stays free where the threads' priority
 * is low as well, half of them elsewhere; but there is always one thread.
 */
export function defaultWorkers(polite: boolean): number {
  const cores = availableParallelism();
  if (!polite) return cores;
  return Math.max(1, THREADS_HAVE_PRIORITIES ? cores - 1 : cores >> 1);
}

/** Puts the calling thread behind those that answer; when polite, behind every other program. Linux only. */
export function stepBack(work: keyof typeof BEHIND_ANSWERS, polite: boolean): void {
  if (THREADS_HAVE_PRIORITIES)
    setPriority(0, polite ? LOWEST : Math.min(LOWEST, getPriority(0) + BEHIND_ANSWERS[work]));
}
