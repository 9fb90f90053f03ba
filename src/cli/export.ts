import { once } from "node:events";
import { Command, Option } from "commander";
import { toBibtex } from "../formats/bibtex.js";
import { citationKey } from "../formats/citation-key.js";
import { toJsonLine } from "../formats/jsonl.js";
import { directoryOption, reading } from "./options.js";

export function exportCommand(): Command {
  return new Command("export")
    .description("write every paper to standard output")
    .addOption(new Option("--format <format>", "what to write").choices(["jsonl", "bibtex"]).default("jsonl"))
    .addOption(new Option("--json", "the same as --format jsonl").implies({ format: "jsonl" }))
    .addOption(directoryOption())
    .action(async ({ directory, format }: { directory: string; format: "jsonl" | "bibtex" }) => {
      await reading(directory, async (kindred) => {
        const keys = new Set<string>();
        for await (const paper of kindred.papers()) {
          const text = format === "jsonl" ? toJsonLine(paper) : toBibtex(paper, citationKey(paper, keys));
          // Nobody reads on.
          if (process.stdout.destroyed) return;
          // A slow reader slows the writer, and memory stays as it is.
          if (!process.stdout.write(`${text}\n`)) await once(process.stdout, "drain");
        }
      });
    });
}
