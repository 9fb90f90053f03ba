/** A process of its own, to be killed: takes the lock at a path, or says that it could not, and stays. */
import { tryLock } from "../../src/store/database.js";

const unlock = tryLock(process.argv[2] as string);
console.log(unlock === null ? "busy" : "locked");
process.stdin.resume();
