import { resolve } from "node:path";
import { Command } from "commander";
import { KindredError } from "../core/errors.js";
import { addKey, listKeys, removeKey } from "../server/keys.js";
import { directoryOption, jsonOption } from "./options.js";
import { plain } from "./print.js";

export function keyCommand(): Command {
  const command = new Command("key").description(
    "manage the keys that let other machines read or change papers; a running server applies changes at once",
  );
  command
    .command("add")
    .description("create a key and print it: only its hash is stored, so it cannot be shown again")
    .argument("<name>", "who or what the key is for")
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (name: string, { directory, json }: { directory: string; json: boolean }) => {
      const key = await addKey(resolve(directory), name);
      console.log(json ? JSON.stringify({ name, key }) : key);
    });
  command
    .command("list")
    .description("list the names of the keys, and when they were created")
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(({ directory, json }: { directory: string; json: boolean }) => {
      const keys = listKeys(resolve(directory));
      if (json) console.log(JSON.stringify(keys));
      else for (const { name, made } of keys) console.log(`${made.slice(0, 10)}  ${plain(name)}`);
    });
  command
    .command("remove")
    .description("revoke a key")
    .argument("<name>", "the name it was added with")
    .addOption(directoryOption())
    .action(async (name: string, { directory }: { directory: string }) => {
      // Checked first, so that no directory is created.
      if (listKeys(resolve(directory)).length === 0)
        throw new KindredError("not-found", `there are no keys in ${directory}: name another folder with --directory`);
      await removeKey(resolve(directory), name);
    });
  return command;
}
