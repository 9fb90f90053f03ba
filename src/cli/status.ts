import { Command } from "commander";
import type { Status } from "../api.js";
import { engineFrom } from "./engine.js";
import { directoryOption, jsonOption, reading } from "./options.js";
import { plain } from "./print.js";

export function statusCommand(): Command {
  return new Command("status")
    .description("show the number of papers, and how far embedding has come")
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async ({ directory, json }: { directory: string; json: boolean }) => {
      const status = await reading(directory, async (kindred) => {
        await kindred.openingNotice();
        return kindred.status();
      });
      if (json) {
        console.log(JSON.stringify(status, null, 2));
        return;
      }
      const { papers, embedded, pending, pendingSentences, failed, jobs, model, index } = status;
      console.log(`${papers} papers in ${engineFrom(process.env) === undefined ? directory : "an OpenSearch cluster"}`);
      console.log(`${embedded} embedded, ${pending} pending; sentences of ${pendingSentences} pending`);
      if (failed > 0) console.log(`${failed} could not be embedded: "kindred verify" says why`);
      console.log(
        `model ${model.name} (${model.dtype}, ${model.dimensions} dimensions, sha256 ${model.sha256.slice(0, 12)})`,
      );
      console.log(`index ${index.state}, ${index.count} vectors${index.notice === null ? "" : `: ${index.notice}`}`);
      for (const job of jobs) console.log(plain(describe(job)));
    });
}

function describe({ name, running, ended, outcome, failures, next }: Status["jobs"][number]): string {
  if (running) return `${name}: running`;
  const last = ended === null ? "has not run yet" : `${ended}: ${outcome}`;
  const failed = failures === 0 ? "" : ` (failed ${failures === 1 ? "once" : `${failures} times`})`;
  return `${name}: ${last}${failed}; ${next === null ? "paused" : `next run ${next}`}`;
}
