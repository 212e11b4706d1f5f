// Compiles gemm.c to gemm.wasm and records in gemm.json which source and which compiler it came from. Only needed after
// a change of gemm.c; wants clang and lld.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { sha256 } from "../host/files.mjs";

const COMMAND = [
  "clang", "--target=wasm32", "-O3", "-nostdlib", "-ffreestanding", "-fno-builtin", "-msimd128",
  "-Wl,--no-entry", "-Wl,--export=__heap_base", "-Wl,--initial-memory=16777216", "-Wl,--strip-all",
  "gemm.c", "-o", "gemm.wasm",
];

process.chdir(import.meta.dirname);
execFileSync(COMMAND[0], COMMAND.slice(1), { stdio: "inherit" });
const compiler = execFileSync("clang", ["--version"], { encoding: "utf8" }).split("\n")[0];
const made = {
  command: COMMAND.join(" "),
  compiler,
  source: sha256(readFileSync("gemm.c")),
  program: sha256(readFileSync("gemm.wasm")),
};
writeFileSync("gemm.json", JSON.stringify(made, null, 2) + "\n");
