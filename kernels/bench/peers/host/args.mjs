// The command line.
import { CASES } from "../cases.mjs";
import { ENGINES } from "./engines.mjs";
import { Refusal } from "./files.mjs";

export const USAGE = `node run.mjs [options]
  --quick              few samples, to try things out
  --only step/full     these cases only: ids or beginnings of ids, separated by commas
  --engines petri,ort  these engines only
  --out result.json    keep the result there, and every sample in samples.json beside it
  --site DIR           an exported site to measure, instead of exporting one`;

export function parseArgs(list) {
  const options = { quick: false, only: null, engines: null, out: null, site: null };
  for (let i = 0; i < list.length; i++) {
    const name = list[i].replace(/^--/, "");
    if (name === "help") throw new Refusal(USAGE);
    if (!list[i].startsWith("--") || !(name in options)) throw new Refusal(`${list[i]} is no option\n${USAGE}`);
    if (name === "quick") {
      options.quick = true;
      continue;
    }
    if (list[i + 1] === undefined || list[i + 1].startsWith("--")) throw new Refusal(`--${name} wants a value\n${USAGE}`);
    options[name] = list[++i];
  }
  return { ...options, engines: options.engines?.split(","), cases: choose(options) };
}

// choose returns the cases asked for, each with the engines asked for.
function choose({ only, engines }) {
  const wanted = engines?.split(",") ?? Object.keys(ENGINES);
  for (const id of wanted) {
    if (!ENGINES[id]) throw new Refusal(`there is no engine ${id}; there are: ${Object.keys(ENGINES).join(", ")}`);
  }
  const starts = only?.split(",") ?? [""];
  const cases = CASES.filter((c) => starts.some((s) => c.id.startsWith(s)))
    .map((c) => ({ ...c, engines: c.engines.filter((e) => wanted.includes(e)) }))
    .filter((c) => c.engines.length > 0);
  if (cases.length === 0) throw new Refusal(`no case is called ${only}; there are: ${CASES.map((c) => c.id).join(", ")}`);
  return cases;
}
