/** Everything that can be asked, and the shape of every answer, in one import; operations/ has a file for each topic. */
export { MAX_LIMIT, MAX_TEXT, modeSchema, sortSchema, type Mode, type Sort } from "./operations/fields.js";
export * from "./operations/add.js";
export * from "./operations/alerts.js";
export * from "./operations/answer.js";
export * from "./operations/filters.js";
export * from "./operations/imports.js";
export * from "./operations/lists.js";
export * from "./operations/map.js";
export * from "./operations/papers.js";
export * from "./operations/recommend.js";
export * from "./operations/related.js";
export * from "./operations/search.js";
export * from "./operations/sources.js";
export * from "./operations/status.js";
