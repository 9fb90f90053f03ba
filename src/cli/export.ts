import { once } from "node:events";
import { Command, Option } from "commander";
import type { z } from "zod";
import { exportSchema } from "../api.js";
import { KindredError } from "../core/errors.js";
import type { Kindred } from "../kindred.js";
import { writePapers } from "../formats/write.js";
import { engineFrom } from "./engine.js";
import { follow, FOLLOWING } from "./follow.js";
import { directoryOption, opened, reading, withFields } from "./options.js";

type Options = { directory: string; follow?: string } & z.infer<typeof exportSchema>;

export function exportCommand(): Command {
  const command = new Command("export").description("write all papers, or those of a list, to standard output");
  return withFields(command, exportSchema)
    .addOption(new Option("--json", "the same as --format jsonl").implies({ format: "jsonl" }))
    .option(
      "--follow <file>",
      "write them to this file instead, in bibtex (default) or biblatex, and again after each change, until Ctrl-C",
    )
    .addOption(directoryOption())
    .action(async ({ directory, follow: file, format, list }: Options) => {
      if (file === undefined) return reading(directory, (kindred) => print(kindred, { format, list }));
      const asked = command.getOptionValueSource("format") === "default" ? "bibtex" : format;
      if (!FOLLOWING.includes(asked))
        throw new KindredError("invalid", `--follow: got --format ${asked}, expected ${FOLLOWING.join(" or ")}`);
      const clustered = engineFrom(process.env) !== undefined;
      const stop = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
      const onWritten = (papers: number) => console.error(`kindred: wrote ${file}: ${papers} papers`);
      return opened(directory, (kindred) =>
        follow(kindred, { file, format: asked, list, clustered, signal: stop.signal, onWritten }),
      );
    });
}

async function print(kindred: Kindred, { format, list }: z.infer<typeof exportSchema>): Promise<void> {
  for await (const text of writePapers(list === undefined ? kindred.papers() : kindred.papersIn(list), format)) {
    // The reader has closed the pipe.
    if (process.stdout.destroyed) return;
    // Waits for a slow reader, to keep memory bounded.
    if (!process.stdout.write(text)) await once(process.stdout, "drain");
  }
}
