/** The command line, with one file a command. */
import { Command, type OutputConfiguration } from "commander";
import { KindredError, messageOf } from "../core/errors.js";
import { TOO_MANY_FILES } from "../core/files.js";
import { VERSION } from "../core/version.js";
import { withEngines } from "./engine.js";
import { EXIT, needsMoreFiles, tell } from "./exit.js";
import { addCommand } from "./add.js";
import { alertCommand } from "./alert.js";
import { copyCommand } from "./copy.js";
import { backupCommand, restoreCommand } from "./backup.js";
import { completionCommand } from "./completion.js";
import { doctorCommand } from "./doctor.js";
import { enrichCommand } from "./enrich.js";
import { explainCommand } from "./explain.js";
import { exportCommand } from "./export.js";
import { importCommand } from "./import.js";
import { indexCommand } from "./index.js";
import { keyCommand } from "./key.js";
import { mcpCommand } from "./mcp.js";
import { recommendCommand } from "./recommend.js";
import { relatedCommand } from "./related.js";
import { searchCommand } from "./search.js";
import { serveCommand } from "./serve.js";
import { sourceCommand, updateCommand } from "./source.js";
import { statusCommand } from "./status.js";
import { migrateCommand } from "./migrate.js";
import { verifyCommand } from "./verify.js";

/** Thrown after commander has printed its message. */
export class Ending extends Error {
  constructor(readonly exitCode: number) {
    super("");
  }
}

/**
 * The program with all its commands.
 *
 * @param output Where help and usage errors go. Default standard output and standard error.
 * @throws Ending once help, the version, or a usage error was printed.
 */
export function commandLine(output: OutputConfiguration = {}): Command {
  const program = new Command("kindred")
    .configureOutput(output)
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
  kindred import papers.bib            your own papers, from BibTeX, RIS, PubMed, XML, CSV, JSON, ...
  kindred search "how do birds navigate"
  kindred related SOME-ID
  kindred serve                        the page, on http://127.0.0.1:3000/`,
    );
  for (const command of [
    importCommand(),
    addCommand(),
    enrichCommand(),
    indexCommand(),
    searchCommand(),
    relatedCommand(),
    recommendCommand(),
    explainCommand(),
    serveCommand(),
    mcpCommand(),
    sourceCommand(),
    updateCommand(),
    alertCommand(),
    statusCommand(),
    exportCommand(),
    verifyCommand(),
    copyCommand(),
    migrateCommand(),
    doctorCommand(),
    backupCommand(),
    restoreCommand(),
    keyCommand(),
    completionCommand(),
  ]) {
    inherit(command, program);
    program.addCommand(command);
  }
  withEngines(program);
  return program;
}

/** Gives a command and those below it the settings of the program. */
function inherit(command: Command, program: Command): void {
  command.copyInheritedSettings(program);
  for (const part of command.commands) inherit(part, program);
}

export async function run(): Promise<void> {
  // A reader that closes the pipe, as head does, ends the output and nothing else.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  try {
    await commandLine().parseAsync();
  } catch (thrown) {
    process.exitCode = end(thrown);
  }
}

function end(thrown: unknown): number {
  if (thrown instanceof Ending) return thrown.exitCode;
  if ((thrown as NodeJS.ErrnoException).code === "EPIPE") return EXIT.ok;
  if (thrown instanceof KindredError) return tell(thrown);
  if (needsMoreFiles(thrown)) return tell(new KindredError("storage", TOO_MANY_FILES, { cause: thrown }));
  console.error(`kindred: a defect: ${thrown instanceof Error ? thrown.stack : messageOf(thrown)}`);
  return EXIT.failed;
}
