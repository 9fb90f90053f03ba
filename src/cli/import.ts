import { Command } from "commander";
import type { ImportReport } from "../api.js";
import { KindredError } from "../core/errors.js";
import type { IndexReport, Kindred } from "../kindred.js";
import { indexing, reportIndex } from "./index.js";
import { directoryOption, jsonOption, using, withWorkers, type Workers } from "./options.js";
import { plain } from "./print.js";
import { progress } from "./progress.js";
import { EXIT, tell } from "./exit.js";

/** Problems that are printed for one file; --json has up to 1,000. */
const SHOWN = 20;

type Options = Workers & { directory: string; json: boolean; index: boolean };

export function importCommand(): Command {
  const command = new Command("import")
    .description("import papers from files in any supported format, and embed them")
    .argument(
      "<file...>",
      "BibTeX, RIS, CSV, TSV, JSON, JSON Lines, XML, or a tagged export of PubMed, EndNote, RefWorks or Web of Science; gzipped or in a ZIP archive, too; - for standard input",
    )
    .option("--no-index", "import only; embed later with kindred index");
  return withWorkers(command)
    .addOption(directoryOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
The format is detected from the content. A paper that exists already (same DOI or arXiv id, or same id and title) is updated.
Unreadable records are reported with their line numbers and skipped.
BibTeX abbreviations (@string) also apply to the files that follow: kindred import abbreviations.bib references.bib
Exit code 1 if a file contains no papers, unless it only defines abbreviations for others.`,
    )
    .action(async (files: string[], { json, index, ...options }: Options) => {
      await using(options, async (kindred) => {
        const reports: Record<string, ImportReport & { stopped?: string }> = {};
        // Abbreviations apply to the files that follow, as in LaTeX's \bibliography{abbreviations,references}.
        const abbreviations = new Map<string, string>();
        const importOne = async (file: string): Promise<void> => {
          let stopped: KindredError | undefined;
          const report = await readOne(kindred, file, abbreviations, json, index).catch((thrown: unknown) => {
            if (!(thrown instanceof KindredError)) throw thrown;
            stopped = thrown;
            return thrown.report;
          });
          if (report !== undefined) {
            reports[file] = { ...report, ...(stopped && { stopped: stopped.message }) };
            if (!json) printReport(file, report);
          }
          if (stopped?.code === "cancelled") throw stopped;
          // A file that cannot be read does not stop the others.
          if (stopped !== undefined) process.exitCode = tell(stopped);
        };
        let indexed: IndexReport | undefined;
        try {
          for (const file of files) await importOne(file);
          const all = Object.values(reports);
          if (all.some((report) => !hasPapers(report) && !(isOfAbbreviations(report) && all.some(hasPapers))))
            process.exitCode = EXIT.failed;
          if (index) indexed = await indexing(kindred, json);
        } finally {
          // Reports what was imported even if the import or embedding was stopped.
          if (json) console.log(JSON.stringify({ files: reports, ...(indexed && { index: indexed }) }, null, 2));
          else if (indexed !== undefined) reportIndex(indexed);
        }
      });
    });
}

const hasPapers = ({ added, updated, unchanged }: ImportReport): boolean => added + updated + unchanged > 0;

/** Whether a file only defines abbreviations. */
const isOfAbbreviations = (report: ImportReport): boolean =>
  report.abbreviations > 0 && report.rejected === 0 && !hasPapers(report);

async function readOne(
  kindred: Kindred,
  file: string,
  abbreviations: Map<string, string>,
  quiet: boolean,
  embeds: boolean,
): Promise<ImportReport> {
  const shown = progress(quiet);
  const options = {
    name: file === "-" ? "standard input" : file,
    abbreviations,
    embeds,
    onProgress: ({ papers }: { papers: number }) => shown.update("imported", papers, null),
  };
  try {
    return await kindred.import(file === "-" ? process.stdin : file, options);
  } finally {
    shown.end();
  }
}

function printReport(file: string, report: ImportReport): void {
  const { added, updated, unchanged, rejected, remarked, ignored, abbreviations } = report;
  const counts = [`${added} added`, `${updated} updated`, `${unchanged} unchanged`];
  if (rejected > 0) counts.push(`${rejected} not imported`);
  console.log(`${file}${report.format === null ? "" : ` (${report.format})`}: ${counts.join(", ")}`);
  if (isOfAbbreviations(report)) {
    const held = `${abbreviations} ${abbreviations === 1 ? "abbreviation" : "abbreviations"} (@string)`;
    console.log(`  ${held} and no papers: they apply to the files that follow in the same command`);
  }
  const say = (entries: ImportReport["problems"], total: number) => {
    for (const { line, reason } of entries.slice(0, SHOWN)) console.error(`  ${plain(`${file}:${line}: ${reason}`)}`);
    if (total > SHOWN) console.error(`  and ${total - SHOWN} more (--json lists up to 1,000)`);
  };
  say(report.problems, rejected);
  say(report.remarks, remarked);
  const fields = Object.entries(ignored);
  if (fields.length > 0)
    console.log(`  not used: ${plain(fields.map(([field, count]) => `${field} (${count})`).join(", "))}`);
}
