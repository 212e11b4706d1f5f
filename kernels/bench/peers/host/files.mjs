// Small helpers around files.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";

// HERE is the folder of this harness, ROOT the repository.
export const HERE = path.dirname(import.meta.dirname);
export const ROOT = path.resolve(HERE, "../../..");
// BUILD is hidden, so that what lies there is no source to the build of our programs.
export const BUILD = path.join(HERE, ".build");

export function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

export function readJSON(...names) {
  return JSON.parse(readFileSync(path.join(HERE, ...names), "utf8"));
}

// Refusal is an error that the person at the keyboard can do something about: it is shown without a stack.
export class Refusal extends Error {}
