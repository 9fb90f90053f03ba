/** A separate process that tests kill: imports pages of papers, from the position that is stored with them, and prints each. */
import "../tiny.js";
import { openKindred } from "../../src/kindred.js";
import { jsonLines, bytesOf } from "../server/serving.js";

/** Pages, and papers of each: more than one transaction. */
export const PAGES = 6;
export const PER_PAGE = 300;

/** Imports the pages that are missing. @param done Called after each page. */
export async function importPages(directory: string, done: (page: number) => void): Promise<void> {
  const kindred = await openKindred({ directory, workers: 1 });
  const [position] = await kindred.owned("pages", "position");
  let continues: number | undefined;
  for (let page = Number(position?.value ?? 0); page < PAGES; page++) {
    const records = Array.from({ length: PER_PAGE }, (_, i) => ({
      id: `p${page}-${i}`,
      title: `Vole number ${i} of page ${page}`,
    }));
    const { import: number } = await kindred.import(bytesOf(jsonLines(...records)), {
      name: "pages",
      continues,
      more: page + 1 < PAGES,
      own: {
        rows: [{ owner: "pages", key: "position", value: String(page + 1) }],
        each: { owner: "pages", key: "seen ", list: "Voles" },
      },
    });
    continues = number ?? continues;
    done(page);
  }
  await kindred.close();
}

if (process.argv[2] !== undefined) await importPages(process.argv[2], (page) => console.log(page));
