import { Command } from "commander";
import { KindredError, messageOf } from "../core/errors.js";
import type { Kindred } from "../kindred.js";
import { directoryOption, expectPapers, using } from "./options.js";

/** Characters of a message about what the client sent. */
const MOST_SAID = 300;

type Options = { directory: string; write: boolean; add: boolean };

export function mcpCommand(): Command {
  return new Command("mcp")
    .description("serve an assistant or an editor by the Model Context Protocol, on standard input and output")
    .option("--write", "offer tools that change lists and notes", false)
    .option("--add", "offer a tool that adds papers, for which it asks services on the network", false)
    .addOption(directoryOption())
    .addHelpText(
      "after",
      "\nThe assistant starts it; docs/mcp.md shows how to set that up. It ends with the assistant.",
    )
    .action(async ({ directory, write, add }: Options) => {
      if (!add) expectPapers(directory);
      // Only this command and the server need it.
      const { serveStdio } = await import("../mcp/server.js");
      await using({ directory }, async (kindred) => {
        const { closed, close } = serveStdio(
          {
            kindred,
            write,
            add,
            local: true,
            queued: (_lane, work, signal) => work(signal),
            changed: () => embed(kindred),
            said: (thrown) => (thrown instanceof KindredError ? thrown.message : defect(thrown)),
          },
          // Standard output is the client's.
          (error) => console.error(`kindred: ${error.message.replaceAll(/\s+/g, " ").slice(0, MOST_SAID)}`),
        );
        for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void close());
        await closed;
      });
    });
}

/** Embeds what was added, unless a server on the same directory does. */
function embed(kindred: Kindred): void {
  kindred.index().catch((thrown: unknown) => {
    const stopped = thrown instanceof KindredError && thrown.code === "cancelled";
    if (!stopped) console.error(`kindred: indexing failed: ${messageOf(thrown)}`);
  });
}

function defect(thrown: unknown): string {
  console.error(`kindred: a defect: ${thrown instanceof Error ? thrown.stack : messageOf(thrown)}`);
  return "something went wrong inside Kindred; its output on standard error says what";
}
