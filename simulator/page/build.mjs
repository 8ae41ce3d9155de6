// Bundles the page into `built/` (or the folder named as the first argument); the same source gives the same bytes.
import { copyFile, mkdir } from "node:fs/promises";
import { build } from "esbuild";

const folder = process.argv[2] ?? "built";

await mkdir(folder, { recursive: true });
await build({
  entryPoints: { app: "src/main.tsx" },
  outdir: folder,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022"],
  jsx: "automatic",
  jsxImportSource: "preact",
  loader: { ".woff": "file", ".woff2": "file" },
  external: ["*.ttf"], // the local server has them (simulator/served.py)
  assetNames: "[name]",
  legalComments: "eof",
  charset: "utf8",
  logLevel: "warning",
});
await copyFile("src/index.html", `${folder}/index.html`);
for (const font of ["figtree", "noto"])
  await copyFile(`src/fonts/${font}-license.txt`, `${folder}/${font}-license.txt`);
