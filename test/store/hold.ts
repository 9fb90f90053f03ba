/** A separate process that tests kill: takes the lock at a path, or reports that it could not, and waits. */
import { tryLock } from "../../src/store/database.js";

const unlock = tryLock(process.argv[2] as string);
console.log(unlock === null ? "busy" : "locked");
process.stdin.resume();
