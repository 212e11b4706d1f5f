#!/usr/bin/env node
// Measures our engine beside others, in one browser and in turns. See README.md.
import { existsSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { START } from "./cases.mjs";
import { parseArgs } from "./host/args.mjs";
import * as browsers from "./host/browser.mjs";
import * as build from "./host/build.mjs";
import { ENGINES, version } from "./host/engines.mjs";
import { BUILD, HERE, Refusal } from "./host/files.mjs";
import { Tabs, measure } from "./host/rounds.mjs";
import { serve } from "./host/server.mjs";
import { measureStart } from "./host/start.mjs";
import * as report from "./report.mjs";

const FULL = { rounds: 12, turn: 5, visits: 7 }; // 60 samples
const QUICK = { rounds: 2, turn: 3, visits: 1 };

async function main() {
  const options = parseArgs(process.argv.slice(2));
  if (!existsSync(path.join(HERE, "node_modules", "playwright-core"))) {
    throw new Refusal(`the other engines are not here yet; in ${HERE} run: npm ci`);
  }
  const program = browsers.find();
  const used = Object.keys(ENGINES).filter((id) => options.cases.some((c) => c.engines.includes(id)));
  build.checkC();
  const site = build.site(options.site);
  await build.bundle(used);

  const pages = await serve({
    "/built/": path.join(BUILD, "built"),
    "/pages/": path.join(HERE, "pages"),
    "/c/": path.join(HERE, "c"),
    "/site/": site,
  });
  const product = await serve({ "/": site });
  try {
    const how = {
      ...(options.quick ? QUICK : FULL), port: pages.port, sitePort: product.port, query: build.programs(site),
    };
    return finish(options, program, used, await run(program, options.cases, how));
  } finally {
    pages.close();
    product.close();
  }
}

// run measures all cases and returns {measured: [{id, results}], wrong: what makes it no result, versions}.
async function run(program, cases, how) {
  const measured = [];
  const wrong = [];
  // A case that fails is told of at the end; the others are measured all the same.
  const take = async (id, measuring) => {
    try {
      const results = report.rounded(await measuring);
      measured.push({ id, results });
      wrong.push(...report.problems(id, results));
      console.error(`${id}: ${report.rows(id, results).map((r) => `${r.engine} ${r.best}`).join(", ")}`);
    } catch (error) {
      wrong.push(`${id} could not be measured: ${error.message}`);
    }
  };

  const timed = cases.filter((c) => c.id !== START);
  const tabs = new Tabs();
  if (timed.length > 0) {
    const browser = await browsers.launch(program);
    try {
      const ids = Object.keys(ENGINES).filter((id) => timed.some((c) => c.engines.includes(id)));
      await tabs.open(browser, ids, how.port, how.query);
      for (const c of timed) await take(c.id, measure(tabs, c.id, c.engines, how));
    } finally {
      await browser.close();
    }
  }
  for (const c of cases.filter((c) => c.id === START)) await take(c.id, measureStart(program, c.engines, how));
  return { measured, wrong, versions: tabs.versions };
}

// finish prints and keeps the result, and returns the exit code.
function finish({ out, quick }, program, used, { measured, wrong, versions }) {
  const list = measured.flatMap(({ id, results }) => report.rows(id, results));
  const engines = used.map((id) => ({ id, name: ENGINES[id].name, version: engineVersion(id, versions) }));
  const result = report.peers({ browser: browsers.name(program), engines, list });

  console.log(`${result.browser}, ${result.machine}, ${result.cores} cores, load ${os.loadavg()[0].toFixed(1)}\n`);
  console.log(engines.map((e) => `- ${e.id}: ${e.name}, ${e.version}`).join("\n") + "\n");
  console.log(report.table(list) + "\n");
  console.log(report.turned(list));
  if (wrong.length > 0) {
    console.error(`\nThis is no result:\n${wrong.join("\n")}`);
    return 1;
  }
  if (out) {
    if (quick) console.error("a quick run is kept, but is no result: it has too few samples");
    writeFileSync(out, report.pretty(result));
    writeFileSync(path.join(path.dirname(out), "samples.json"), report.pretty(report.samples(measured)));
  }
  return 0;
}

function engineVersion(id, versions) {
  if (id === "petri-page") return engineVersion("petri", versions);
  return version(id, id === "petri" ? versions.petri ?? "as built" : undefined);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Refusal ? error.message : error);
  process.exitCode = 1;
}
