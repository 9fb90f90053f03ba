import type { Command } from "commander";
import type { Kindred } from "../kindred.js";
import { directoryOption, opened } from "./options.js";

/** The commands `pause` and `resume` of something that runs at times. @param one Such as `an alert`. */
export function addPauseAndResume(
  command: Command,
  one: "an alert" | "a source",
  change: (kindred: Kindred, name: string, changes: { paused: boolean }) => Promise<void>,
): void {
  const kind = one.replace(/^an? /, "");
  for (const [verb, paused, what] of [
    ["pause", true, `leave ${one} alone until it is resumed`],
    ["resume", false, `run a paused ${kind} again when it is due`],
  ] as const)
    command
      .command(verb)
      .description(what)
      .argument("<name>", "its name")
      .addOption(directoryOption())
      .action(async (name: string, { directory }: { directory: string }) =>
        opened(directory, (kindred) => change(kindred, name, { paused })),
      );
}
