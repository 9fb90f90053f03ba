import { once } from "node:events";
import { Command, Option } from "commander";
import type { z } from "zod";
import { exportSchema } from "../api.js";
import { writePapers } from "../formats/write.js";
import { directoryOption, reading, withFields } from "./options.js";

export function exportCommand(): Command {
  const command = new Command("export").description("write all papers, or those of a list, to standard output");
  return withFields(command, exportSchema)
    .addOption(new Option("--json", "the same as --format jsonl").implies({ format: "jsonl" }))
    .addOption(directoryOption())
    .action(async ({ directory, format, list }: { directory: string } & z.infer<typeof exportSchema>) => {
      await reading(directory, async (kindred) => {
        for await (const text of writePapers(list === undefined ? kindred.papers() : kindred.papersIn(list), format)) {
          // The reader has closed the pipe.
          if (process.stdout.destroyed) return;
          // Waits for a slow reader, to keep memory bounded.
          if (!process.stdout.write(text)) await once(process.stdout, "drain");
        }
      });
    });
}
