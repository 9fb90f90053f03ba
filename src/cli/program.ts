/** The command line, with one file a command. */
import { Command } from "commander";
import { KindredError, messageOf } from "../errors.js";
import { isTooManyFiles, TOO_MANY_FILES } from "../files.js";
import { VERSION } from "../version.js";
import { EXIT, tell } from "./exit.js";
import { backupCommand, restoreCommand } from "./backup.js";
import { explainCommand } from "./explain.js";
import { exportCommand } from "./export.js";
import { importCommand } from "./import.js";
import { indexCommand } from "./index.js";
import { keyCommand } from "./key.js";
import { recommendCommand } from "./recommend.js";
import { relatedCommand } from "./related.js";
import { searchCommand } from "./search.js";
import { serveCommand } from "./serve.js";
import { statusCommand } from "./status.js";
import { verifyCommand } from "./verify.js";

export const program = new Command("kindred")
  .description("Semantic search over scientific papers, entirely on your own machine.")
  .version(VERSION)
  .showHelpAfterError("(--help lists commands and options)")
  .exitOverride((error) => {
    // Commander exits with 1 after a usage error; help and version are not errors.
    throw new Ending(error.exitCode === 0 ? EXIT.ok : EXIT.usage);
  })
  .addHelpText(
    "after",
    `
Exit codes: 0 success; 1 failure; 2 usage error; 3 no such paper or file; 4 another process is
doing this work; 130 stopped with Ctrl-C.

To begin:
  kindred import papers.bib            your own papers, from BibTeX, RIS, CSV, JSON or JSON Lines
  kindred search "how do birds navigate"
  kindred related SOME-ID
  kindred serve                        the page, on http://127.0.0.1:3000/`,
  );

/** Thrown after commander has printed its message. */
class Ending extends Error {
  constructor(readonly exitCode: number) {
    super("");
  }
}

for (const command of [
  importCommand(),
  indexCommand(),
  searchCommand(),
  relatedCommand(),
  recommendCommand(),
  explainCommand(),
  serveCommand(),
  statusCommand(),
  exportCommand(),
  verifyCommand(),
  backupCommand(),
  restoreCommand(),
  keyCommand(),
])
  program.addCommand(command.copyInheritedSettings(program));

// A reader that closes the pipe, as head does, ends the output and nothing else.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

export async function run(): Promise<void> {
  try {
    await program.parseAsync();
  } catch (thrown) {
    process.exitCode = end(thrown);
  }
}

function end(thrown: unknown): number {
  if (thrown instanceof Ending) return thrown.exitCode;
  if ((thrown as NodeJS.ErrnoException).code === "EPIPE") return EXIT.ok;
  if (isTooManyFiles(thrown)) return tell(new KindredError("storage", TOO_MANY_FILES, { cause: thrown }));
  if (!(thrown instanceof KindredError)) {
    console.error(`kindred: a defect: ${thrown instanceof Error ? thrown.stack : messageOf(thrown)}`);
    return EXIT.failed;
  }
  return tell(thrown);
}
