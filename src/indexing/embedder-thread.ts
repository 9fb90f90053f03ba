/** What an embedding thread starts with: bundled into one file. Tests start `embedder.ts` itself, with a model that fails. */
export * from "./embedder.js";
