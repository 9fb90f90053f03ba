import type { EngineModule, EngineOption } from "./module.js";

/** The module of an engine. A thread loads only the half of the embedded engine that it opens. */
export const engineModule = async (engine: EngineOption | undefined): Promise<EngineModule> =>
  engine === undefined ? import("./embedded-module.js") : ((await import(engine.module)) as EngineModule);
