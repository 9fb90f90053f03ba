/** Bundles the page into dist/web: `node scripts/build-web.mjs`. */
import { cp, mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const source = fileURLToPath(new URL("../src/web/", import.meta.url));
const target = fileURLToPath(new URL("../dist/web/", import.meta.url));

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
await build({
  entryPoints: [
    { in: `${source}main.tsx`, out: "app" },
    { in: `${source}app.css`, out: "app" },
  ],
  outdir: target,
  bundle: true,
  // Code that only one view needs is loaded with that view.
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  format: "esm",
  minify: true,
  sourcemap: true,
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
});
for (const file of ["index.html", "icon.svg", "manifest.webmanifest"]) await cp(source + file, target + file);
