/**
 * Import this first in a test that is not about relevance: it, and the processes it starts, embed with test/models/tiny,
 * which takes hardly any time. Its vectors know which words two texts share, and nothing else.
 */
import { join } from "node:path";
import { ROOT } from "../src/core/root.js";

process.env["KINDRED_MODEL"] = join(ROOT, "test", "models", "tiny");
