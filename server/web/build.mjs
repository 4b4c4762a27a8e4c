// Builds the page into dist/: fixed names, no map, no timestamp, so that the same sources give the same bytes.

import { copyFile, mkdir, rm } from "node:fs/promises";
import { build } from "esbuild";

const OUT = "dist";

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
await copyFile("index.html", `${OUT}/index.html`);
await copyFile("manifest.webmanifest", `${OUT}/manifest.webmanifest`);
await copyFile("icon.svg", `${OUT}/assets/icon.svg`);
