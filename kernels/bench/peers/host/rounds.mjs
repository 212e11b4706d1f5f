// Measures a case on all engines in turn: a few samples here, a few there, until each has enough. Whatever else the
// machine does meanwhile then falls on all alike.
import { ENGINES } from "./engines.mjs";

// Tabs holds a tab per engine; only one is asked at a time.
export class Tabs {
  #pages = new Map();
  versions = {};

  // open starts the engines, each in a tab of a site of its own, so that it gets a process of its own.
  async open(browser, ids, port, query) {
    for (const id of ids) {
      const page = await browser.open();
      const ask = new URLSearchParams({ engine: ENGINES[id].bundle, ...query });
      await page.goto(`http://${id}.localhost:${port}/pages/engine.html?${ask}`);
      await page.waitForFunction(() => window.bench);
      this.versions[id] = (await page.evaluate(() => window.bench.init())).version;
      this.#pages.set(id, page);
    }
  }

  call(id, name, ...args) {
    return this.#pages.get(id).evaluate(([name, args]) => window.bench[name](...args), [name, args]);
  }

  front(id) {
    return this.#pages.get(id).bringToFront();
  }
}

// measure returns {engine, values, variants: {name: [ms]}} for every engine of a case.
export async function measure(tabs, id, engines, { rounds, turn }) {
  const results = [];
  for (const engine of engines) {
    await tabs.front(engine);
    const { values, variants } = await tabs.call(engine, "prepare", id).catch((error) => {
      throw new Error(`${engine}: ${error.message}`);
    });
    results.push({ engine, values, variants: Object.fromEntries(variants.map((v) => [v, []])) });
  }
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < results.length; i++) {
      const { engine, variants } = results[(round + i) % results.length]; // nobody is always first
      await tabs.front(engine);
      for (const [variant, ms] of Object.entries(variants)) {
        await tabs.call(engine, "run", variant, 1); // the tab's data comes back into the caches
        ms.push(...(await tabs.call(engine, "samples", variant, turn)));
      }
    }
  }
  for (const { engine } of results) await tabs.call(engine, "free");
  return results;
}
