/** Which papers a person has imported. Sources never take them away. */
import type { Own } from "../engine/writer.js";

/** The owner of all rows of sources. */
export const OWNER = "sources";
/** What the keys of such papers start with. */
export const MINE = "mine/";
/** What is stored with the papers of an import by a person. */
export const BY_PERSON: Own = { each: { owner: OWNER, key: MINE } };
