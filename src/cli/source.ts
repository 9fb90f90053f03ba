import { resolve } from "node:path";
import { Command, Option } from "commander";
import type { z } from "zod";
import type { Source } from "../api.js";
import { KindredError } from "../core/errors.js";
import type { Kindred } from "../kindred.js";
import { KINDS } from "../sources/kinds.js";
import { checkedSource } from "../sources/sources.js";
import { indexAndReport } from "./index.js";
import {
  directoryOption,
  expectPapers,
  jsonOption,
  opened,
  using,
  withFields,
  withWorkers,
  type Workers,
} from "./options.js";
import { addPauseAndResume } from "./pause.js";
import { plain } from "./print.js";
import { progress } from "./progress.js";
import { tell } from "./exit.js";

type Common = { directory: string; json: boolean };
type Adding = Workers &
  Common & { [option: string]: unknown } & {
    name?: string;
    every?: string;
    list?: string;
    update: boolean;
    index: boolean;
  };

export function sourceCommand(): Command {
  const command = new Command("source").description("manage the services and folders that papers come from");
  command.addCommand(addCommand());
  command
    .command("list")
    .description("list the sources, with their last runs")
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async ({ directory, json }: Common) => {
      const { sources } = await opened(directory, (kindred) => kindred.sources.list());
      if (json) console.log(JSON.stringify({ sources }, null, 2));
      else for (const source of sources) console.log(plain(line(source)));
    });
  command
    .command("show")
    .description("show a source and its last runs")
    .argument("<name>", "its name")
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (name: string, { directory, json }: Common) => {
      const shown = await opened(directory, (kindred) => kindred.sources.get(name));
      if (json) {
        console.log(JSON.stringify(shown, null, 2));
        return;
      }
      console.log(plain(line(shown.source)));
      console.log(plain(`options ${JSON.stringify(shown.source.options)}`));
      for (const { started, added, updated, unchanged, error, remarks } of shown.runs) {
        const did = error ?? `${added} added, ${updated} updated, ${unchanged} unchanged`;
        console.log(plain(`${started}  ${did}`));
        for (const remark of remarks) console.log(plain(`  ${remark}`));
      }
    });
  addPauseAndResume(command, "a source", (kindred, name, changes) => kindred.sources.change(name, changes));
  command
    .command("remove")
    .description("remove a source; its papers stay")
    .argument("<name>", "its name")
    .option("--papers", "remove the papers too that it added, unless another source or you have them, too", false)
    .addOption(directoryOption())
    .action(async (name: string, { directory, papers }: { directory: string; papers: boolean }) => {
      const removed = await opened(directory, (kindred) => kindred.sources.remove(name, papers));
      if (papers) console.log(`${removed} papers removed`);
    });
  return command;
}

/** One command a kind, with its options. */
function addCommand(): Command {
  const command = new Command("add").description("add a source, and bring its first papers");
  for (const [name, { options, summary }] of Object.entries(KINDS)) {
    const kind = withFields(new Command(name).description(summary), options as unknown as z.ZodObject)
      .option("--name <name>", `what to call it (default: "${name}")`)
      .addOption(new Option("--every <interval>", "how often it runs: 6h, 1d, 1w").default("1d"))
      .option("--list <name>", "a list that receives what it brings")
      .option("--no-update", "only add it: the server or kindred update brings papers later")
      .option("--no-index", "do not embed the papers now");
    command.addCommand(
      withWorkers(kind)
        .addOption(directoryOption())
        .addOption(jsonOption())
        .action(async (given: Adding) => {
          const { directory, json, name: called, every, list, update, index, workers, polite, ...options } = given;
          const opening = {
            directory,
            ...(workers !== undefined && { workers }),
            ...(polite !== undefined && { polite }),
          };
          if (typeof options["path"] === "string") options["path"] = resolve(options["path"]);
          const source = { name: called, kind: name, options, every, list };
          // Before a folder is created.
          checkedSource(source);
          await using(opening, async (kindred) => {
            const added = await kindred.sources.add(source);
            if (!json) console.log(plain(`source ${added} added; it runs every ${every}`));
            if (update) await run(kindred, [added], { json, index });
            else if (json) console.log(JSON.stringify({ source: added }));
          });
        }),
    );
  }
  return command;
}

export function updateCommand(): Command {
  const command = new Command("update")
    .description("bring what is new from all sources, or from some")
    .argument("[name...]", "the sources (default: all)")
    .option("--no-index", "do not embed the papers now");
  return withWorkers(command)
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (names: string[], { json, index, ...options }: Workers & Common & { index: boolean }) => {
      expectPapers(options.directory);
      await using(options, async (kindred) => {
        const { sources } = await kindred.sources.list();
        await run(kindred, names.length === 0 ? sources.map(({ name }) => name) : names, { json, index });
      });
    });
}

/** Runs sources, one after the other; one that fails does not stop the others. */
async function run(
  kindred: Kindred,
  names: string[],
  { json, index }: { json: boolean; index: boolean },
): Promise<void> {
  const done: Record<string, string> = {};
  for (const name of names) {
    const shown = progress(json);
    try {
      done[name] = await kindred.sources.update(name, {
        onProgress: ({ papers, waiting }) => {
          if (waiting === null) shown.update(`papers from ${name}`, papers, null);
          else shown.note(plain(`${name}: ${waiting}`));
        },
      });
      shown.end();
      if (!json) console.log(plain(`${name}: ${done[name]}`));
    } catch (thrown) {
      shown.end();
      if (!(thrown instanceof KindredError) || thrown.code === "cancelled") throw thrown;
      process.exitCode = tell(thrown);
    }
  }
  await indexAndReport(kindred, { sources: done }, { json, index });
}

function line({ name, kind, every, paused, papers, running, next, last }: Source): string {
  const ran = running
    ? "running now"
    : last === null
      ? "has not run yet"
      : `${last.ended}: ${last.error ?? `${last.added} added, ${last.updated} updated`}`;
  return `${name} (${kind}, every ${every}): ${papers} papers; ${ran}${paused ? "; paused" : next === null ? "" : `; next run ${next}`}`;
}
