/**
 * Import this first in a test that is not about relevance. The test and the processes it starts then embed with
 * test/models/tiny, which takes hardly any time. Its vectors only reflect which words texts share.
 */
import { join } from "node:path";
import { ROOT } from "../src/core/root.js";

process.env["KINDRED_MODEL"] = join(ROOT, "test", "models", "tiny");
