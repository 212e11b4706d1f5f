// Measures how long a new visitor waits: from asking for a page to the end of its first training step, in a browser
// that has never been used.
import { ENGINES } from "./engines.mjs";
import { launch } from "./browser.mjs";

const SETTLE_MS = 1500; // for the browser to finish its own start

// measureStart returns {engine, values, variants: {"": [ms]}} for every engine, whose turns alternate.
export async function measureStart(program, engines, { visits, port, sitePort, query }) {
  const results = engines.map((engine) => ({ engine, values: [], variants: { "": [] } }));
  for (let visit = 0; visit < visits; visit++) {
    for (let i = 0; i < results.length; i++) {
      const result = results[(visit + i) % results.length];
      const finished = await visitOnce(program, (page) => {
        if (result.engine === "petri-page") return openLab(page, sitePort);
        const ask = new URLSearchParams({ engine: ENGINES[result.engine].bundle, ...query });
        return page.goto(`http://${result.engine}.localhost:${port}/pages/start.html?${ask}`);
      }).catch((error) => {
        throw new Error(`${result.engine}: ${error.message}`);
      });
      result.variants[""].push(finished.ms);
      result.values = finished.values;
    }
  }
  return results;
}

async function visitOnce(program, open) {
  const browser = await launch(program);
  try {
    const page = await browser.open();
    await page.waitForTimeout(SETTLE_MS);
    await open(page);
    await page.waitForFunction(() => window.finished, null, { timeout: 120_000 });
    const finished = await page.evaluate(() => window.finished);
    if (finished.error) throw new Error(finished.error);
    return finished;
  } finally {
    await browser.close();
  }
}

// openLab opens the product's own page and starts a small run as soon as it takes one.
async function openLab(page, port) {
  await page.addInitScript(() => {
    const knobs = { arms: "head,full", seeds: 1, steps: 20 };
    const begin = () => {
      if (!window.petri?.run) {
        setTimeout(begin, 5);
        return;
      }
      const onEvent = (event) => {
        if (!window.finished && event.progress?.step > 0) window.finished = { ms: performance.now(), values: [] };
      };
      window.petri.run("lora", { knobs, onEvent }).catch((error) => (window.finished ??= { error: String(error) }));
    };
    begin();
  });
  await page.goto(`http://petri-page.localhost:${port}/lora`);
}
