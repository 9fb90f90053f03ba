import { resolve } from "node:path";
import { Command } from "commander";
import { KindredError } from "../errors.js";
import { addKey, listKeys, removeKey } from "../keys.js";
import { directoryOption, jsonOption } from "./options.js";
import { plain } from "./print.js";

export function keyCommand(): Command {
  const command = new Command("key").description(
    "keys for those who change papers, or read them, from other machines; a server that runs knows at once",
  );
  command
    .command("add")
    .description("make a key, and print it: it is stored hashed, and cannot be shown again")
    .argument("<name>", "whose it is, or what it is for")
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (name: string, { directory, json }: { directory: string; json: boolean }) => {
      const key = await addKey(resolve(directory), name);
      console.log(json ? JSON.stringify({ name, key }) : key);
    });
  command
    .command("list")
    .description("list the names of the keys, and when they were made")
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(({ directory, json }: { directory: string; json: boolean }) => {
      const keys = listKeys(resolve(directory));
      if (json) console.log(JSON.stringify(keys));
      else for (const { name, made } of keys) console.log(`${made.slice(0, 10)}  ${plain(name)}`);
    });
  command
    .command("remove")
    .description("let nobody in with a key any more")
    .argument("<name>", "as it was added")
    .addOption(directoryOption())
    .action(async (name: string, { directory }: { directory: string }) => {
      // Where there is nothing to remove, nothing is made to write it to.
      if (listKeys(resolve(directory)).length === 0)
        throw new KindredError("not-found", `there are no keys in ${directory}: name another folder with --directory`);
      await removeKey(resolve(directory), name);
    });
  return command;
}
