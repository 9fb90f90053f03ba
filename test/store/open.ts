/** A thread that opens the database of a directory, waits if necessary, adds to it, and reports its content. */
import { openDatabase } from "../../src/store/database.js";

console.log("opening");
const [directory = "", identity] = process.argv.slice(2);
const database = openDatabase(directory);
database.prepare("INSERT INTO models (identity) VALUES (?)").run(identity);
console.log(database.prepare<[], string>("SELECT identity FROM models").pluck().all().join(", "));
database.close();
