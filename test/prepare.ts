import { makeSampleIndex } from "./sample.js";

await makeSampleIndex();
