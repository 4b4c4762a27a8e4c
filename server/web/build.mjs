// Builds the page into dist/, and the page that people save into saved/: fixed names, no map, no timestamp, so that the same
// sources give the same bytes. Whatever is in dist/ is served; the saved page must never be, since the card's Open half is typed there.

import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const OUT = "dist";
const SAVED = "saved";

await rm(OUT, { recursive: true, force: true });
await mkdir(`${OUT}/assets`, { recursive: true });
const options = {
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
};
await build({ ...options, entryPoints: { app: "src/main.tsx" }, outdir: `${OUT}/assets` });
// A service worker rules over the paths below its own, so it stands at the top.
await build({ ...options, entryPoints: { worker: "src/worker/worker.ts" }, outdir: OUT });
await build({ ...options, entryPoints: { voice: "src/worklet/voice.ts" }, outdir: `${OUT}/assets` });
await copyFile("index.html", `${OUT}/index.html`);
await copyFile("manifest.webmanifest", `${OUT}/manifest.webmanifest`);
await copyFile("icon.svg", `${OUT}/assets/icon.svg`);

await rm(SAVED, { recursive: true, force: true });
await mkdir(SAVED);
const { outputFiles } = await build({
  ...options,
  entryPoints: { saved: "src/saved/page.tsx" },
  outdir: SAVED,
  write: false,
});
const built = (suffix) => outputFiles.find(({ path }) => path.endsWith(suffix)).text;
const inside = { STYLE: built(".css"), SCRIPT: built(".js") };
const source = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const policy = [
  "default-src 'none'",
  `script-src ${source(inside.SCRIPT)}`,
  `style-src ${source(inside.STYLE)}`,
  "media-src blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
].join("; ");
// The white space around a placeholder would be hashed with what takes its place.
const html = (await readFile("saved.html", "utf8"))
  .replace("POLICY", policy)
  .replace(/\s*\/\* (STYLE|SCRIPT) \*\/\s*/g, (_, name) => inside[name]);
await writeFile(`${SAVED}/doorward-open.html`, html);
