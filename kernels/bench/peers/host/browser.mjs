// Finds Chromium and starts it, each time with an empty profile.
import { execFileSync } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Refusal } from "./files.mjs";

const NAMES = [
  "chromium", "chromium-browser", "headless-shell", "google-chrome", "google-chrome-stable", "chrome",
  "microsoft-edge", "microsoft-edge-stable", "msedge", "brave-browser",
];

const PLACES = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

// Tabs that are not looked at must not be slowed down, and the browser must do nothing of its own.
const FLAGS = [
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--site-per-process", // every engine's tab has a site of its own, and so a process
];

// find returns the program file of a browser: that of PETRI_BROWSER, or the first one found.
export function find() {
  const chosen = process.env.PETRI_BROWSER;
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  const on = (name) => (path.isAbsolute(name) ? [name] : folders.map((f) => path.join(f, name)));
  const found = (chosen ? [chosen] : [...NAMES, ...PLACES]).flatMap(on).find(isProgram);
  if (found) return found;
  throw new Refusal(
    chosen
      ? `PETRI_BROWSER=${chosen} cannot be run; name the program file of Chromium, Chrome or Edge`
      : "no browser found: install Chromium, Chrome or Edge, or set PETRI_BROWSER to its program file",
  );
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

// name is what the browser calls itself, with its version.
export function name(program) {
  const said = execFileSync(program, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return said.match(/^.*?[\d.]{5,}/)?.[0] ?? said.trim();
}

// launch starts a browser on an empty profile, which is deleted when it closes.
export async function launch(program) {
  const { chromium } = await import("playwright-core");
  const profile = mkdtempSync(path.join(os.tmpdir(), "petri-peers-"));
  const clean = () => rmSync(profile, { recursive: true, force: true });
  process.once("exit", clean); // also after Ctrl-C
  const root = process.getuid?.() === 0;
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: program,
    headless: true,
    args: root ? [...FLAGS, "--no-sandbox"] : FLAGS,
  });
  return {
    // open makes a tab whose failures are shown here.
    async open() {
      const page = await context.newPage();
      page.on("pageerror", (error) => console.error(`in the page: ${error}`));
      page.on("crash", () => console.error("a page crashed"));
      return page;
    },
    async close() {
      await context.close();
      clean();
      process.off("exit", clean);
    },
  };
}
