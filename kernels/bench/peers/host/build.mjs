// Makes what the pages load: our exported site and one bundle per engine.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { ENGINES } from "./engines.mjs";
import { BUILD, HERE, ROOT, Refusal, readJSON, sha256 } from "./files.mjs";

const BUNDLES = path.join(BUILD, "built");

// site exports our site, unless a folder with one is given, and returns the folder.
export function site(given) {
  if (given) return path.resolve(given);
  const folder = path.join(BUILD, "site");
  const done = spawnSync("go", ["run", ".", "export", "-out", folder], { cwd: ROOT, stdio: ["ignore", 2, 2] });
  if (done.error?.code === "ENOENT") {
    throw new Refusal("Go is missing: install Go 1.26 or later, or name the folder of an exported site with --site");
  }
  if (done.status !== 0) throw new Refusal("our site could not be exported; the reason is above");
  return folder;
}

// programs finds our program, its script and its support script in an exported site; their names may carry a hash.
export function programs(folder) {
  const find = (inside, pattern) => {
    const place = path.join(folder, inside);
    const name = existsSync(place) && readdirSync(place).find((n) => pattern.test(n));
    if (!name) throw new Refusal(`${folder} is no exported site: nothing in ${inside} is called like ${pattern}`);
    return `/site/${inside}/${name}`;
  };
  return {
    program: find("web", /^lab(\.\w+)?\.wasm$/),
    exec: find("web", /^wasm_exec(\.\w+)?\.js$/),
    script: find("web/js", /^worker(\.\w+)?\.js$/),
  };
}

// bundle makes .build/built/<engine>.js and puts the files beside it that an engine fetches by name.
export async function bundle(ids) {
  const esbuild = await import("esbuild");
  mkdirSync(BUNDLES, { recursive: true });
  for (const id of ids) {
    const { bundle: name, files = [] } = ENGINES[id];
    if (!name) continue;
    for (const file of files) {
      copyFileSync(path.join(HERE, "node_modules", file), path.join(BUNDLES, path.basename(file)));
    }
    await esbuild.build({
      entryPoints: [path.join(HERE, "engines", `${name}.mjs`)],
      outfile: path.join(BUNDLES, `${name}.js`),
      bundle: true,
      minify: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      logLevel: "error",
      define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
      external: ["fs", "path", "os", "util", "crypto", "worker_threads", "perf_hooks", "string_decoder"], // node's
    });
  }
}

// checkC refuses a gemm.wasm that was not made from the gemm.c beside it.
export function checkC() {
  const made = readJSON("c", "gemm.json");
  for (const [file, hash] of [["gemm.c", made.source], ["gemm.wasm", made.program]]) {
    if (sha256(readFileSync(path.join(HERE, "c", file))) !== hash) {
      throw new Refusal(`c/${file} is not the one that c/gemm.json tells of; make both again with: node c/build.mjs`);
    }
  }
}
