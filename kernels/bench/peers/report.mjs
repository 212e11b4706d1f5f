// From samples to rows, a table and files.
import os from "node:os";
import { CASES, OURS, parse } from "./cases.mjs";
import { FULL_LOSSES, LOGIT, LORA_LOSSES, TOLERANCE, lastElement } from "./model.mjs";

// Six digits are more than a clock has.
const short = (x) => Number(x.toPrecision(6));

// rounded is what is kept of results: everything else is computed from it, so that it can be computed again.
export function rounded(results) {
  return results.map(({ engine, values, variants }) => ({
    engine,
    values: values.map(short),
    variants: Object.fromEntries(Object.entries(variants).map(([name, ms]) => [name, ms.map(short)])),
  }));
}

export const best = (ms) => Math.min(...ms);

export function median(ms) {
  const sorted = [...ms].sort((a, b) => a - b);
  const n = sorted.length;
  return (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2;
}

// rows makes the wire.PeerRow of each engine of a case. Of an engine's variants the one with the best time counts.
export function rows(id, results) {
  const list = results.map(({ engine, values, variants }) => {
    const [variant, ms] = Object.entries(variants).sort(([, a], [, b]) => best(a) - best(b))[0];
    return {
      case: id, engine, samples: ms.length, best: best(ms), median: short(median(ms)), ratio: 0,
      values, variant,
    };
  });
  const ours = list.find((r) => r.engine === OURS);
  for (const row of list) {
    row.ratio = ours ? short(row.best / ours.best) : 0;
    row.medianRatio = ours ? row.median / ours.median : 0;
  }
  return list;
}

// problems names the rows that did not do the work: a wrong loss, logit or product.
export function problems(id, results) {
  const list = [];
  for (const { engine, values } of results) {
    const want = expected(id, engine);
    const wrong = want.findIndex((w, i) => !(Math.abs(values[i] - w) <= TOLERANCE * Math.max(1, Math.abs(w))));
    if (wrong >= 0) list.push(`${engine} did other work in ${id}: value ${wrong} is ${values[wrong]}, want ${want[wrong]}`);
  }
  return list;
}

function expected(id, engine) {
  if (engine === "petri-page") return []; // a run of the product on its own data
  if (id.startsWith("start/")) return FULL_LOSSES.slice(0, 1);
  const c = parse(id);
  if (c.kind === "product") return [lastElement(c)];
  if (c.kind === "infer") return [LOGIT];
  return c.lora ? LORA_LOSSES : FULL_LOSSES;
}

// table is Markdown.
export function table(list) {
  const lines = [
    "| case | engine | best ms | median | best / ours | median / ours | GFLOP/s | samples | values |",
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
  ];
  for (const r of list) {
    const { flop } = CASES.find((c) => c.id === r.case);
    const cells = [
      r.case, r.variant ? `${r.engine} (${r.variant})` : r.engine, digits(r.best), digits(r.median),
      r.ratio ? r.ratio.toFixed(2) : "", r.medianRatio ? r.medianRatio.toFixed(2) : "",
      flop ? (flop / r.best / 1e6).toFixed(1) : "", r.samples, r.values.map((v) => v.toFixed(5)).join(" "),
    ];
    lines.push(`| ${cells.join(" | ")} |`);
  }
  return lines.join("\n");
}

// turned compares our products with a transposed operand with our plain ones.
export function turned(list) {
  const ours = list.filter((r) => r.engine === OURS);
  const lines = [];
  for (const r of ours.filter((r) => /^product\/(nt|tn)\//.test(r.case))) {
    const plain = ours.find((o) => o.case === r.case.replace(/\/(nt|tn)\//, "/nn/"));
    if (!plain) continue;
    const [byBest, byMedian] = [r.best / plain.best, r.median / plain.median].map((x) => x.toFixed(2));
    lines.push(`| ${r.case} | ${byBest} | ${byMedian} |`);
  }
  if (lines.length === 0) return "";
  return ["| ours, transposed | best / best of nn | median / median of nn |", "| --- | ---: | ---: |", ...lines].join("\n");
}

function digits(x) {
  return x >= 100 ? x.toFixed(0) : x.toPrecision(3);
}

// peers is the wire.Peers of result.json.
export function peers({ browser, engines, list }) {
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${os.cpus()[0]?.model.trim() ?? "unknown processor"}, ${os.type()} ${os.arch()}`,
    cores: os.cpus().length,
    browser,
    engines,
    rows: list.map(({ variant, medianRatio, ...row }) => row),
  };
}

// samples is every time measured, by case, engine and variant: what result.json was made from.
export function samples(measured) {
  return measured.flatMap(({ id, results }) =>
    results.flatMap(({ engine, variants }) =>
      Object.entries(variants).map(([variant, ms]) => ({ case: id, engine, variant, ms })),
    ),
  );
}

// pretty writes JSON with a line per object of the lists, so that two results can be compared line by line.
export function pretty(value) {
  if (Array.isArray(value)) return `[\n${value.map((v) => "  " + JSON.stringify(v)).join(",\n")}\n]\n`;
  const fields = Object.entries(value).map(([key, v]) => {
    if (!Array.isArray(v)) return `  ${JSON.stringify(key)}: ${JSON.stringify(v)}`;
    return `  ${JSON.stringify(key)}: [\n${v.map((o) => "    " + JSON.stringify(o)).join(",\n")}\n  ]`;
  });
  return `{\n${fields.join(",\n")}\n}\n`;
}
