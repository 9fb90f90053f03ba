import { setFlagsFromString } from "node:v8";

/**
 * By default V8 collects a thread's old objects for the first time only when there are hundreds of megabytes. Limits on growth and on
 * new objects save 40 MB more, but cost a tenth of the answers a second.
 */
const FLAG = "--initial-old-space-size=32";

/** Makes V8 collect the garbage of threads that start afterwards earlier. */
export const limitHeaps = (): void => setFlagsFromString(FLAG);
