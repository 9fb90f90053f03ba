import { once } from "node:events";
import { Command, Option } from "commander";
import { exportFormatSchema, type ExportFormat } from "../api.js";
import { writePapers } from "../formats/write.js";
import { directoryOption, reading } from "./options.js";

export function exportCommand(): Command {
  return new Command("export")
    .description("write every paper, or those of a list, to standard output")
    .addOption(new Option("--format <format>", "what to write").choices(exportFormatSchema.options).default("jsonl"))
    .addOption(new Option("--json", "the same as --format jsonl").implies({ format: "jsonl" }))
    .option("--list <name>", "only the papers of this list, those that were put in last first")
    .addOption(directoryOption())
    .action(async ({ directory, format, list }: { directory: string; format: ExportFormat; list?: string }) => {
      await reading(directory, async (kindred) => {
        for await (const text of writePapers(list === undefined ? kindred.papers() : kindred.papersIn(list), format)) {
          // Nobody reads on.
          if (process.stdout.destroyed) return;
          // A slow reader slows the writer, and memory stays as it is.
          if (!process.stdout.write(text)) await once(process.stdout, "drain");
        }
      });
    });
}
