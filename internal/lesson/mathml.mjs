// Writes the MathML of a lesson's formulae: node internal/lesson/mathml.mjs kernels/papers/lora/lesson.md
// makes lesson.mathml beside it. Needs the npm package temml, at development time only:
// npm install --no-save temml@0.13 (anywhere; NODE_PATH may point at its node_modules).
//
// \st{B}{B} in a formula ties its second argument to the part of the stage that the first one names: it takes the
// colour of the part's role and lights it, as [B]{stage=B} does in the text.
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";

const temml = createRequire(import.meta.url)("temml");
const ink = { x: "act", attention: "act", class: "act", answer: "act", W0: "frozen" };
const source = process.argv[2];
const lines = [], seen = new Set();
for (const [whole, display, inline] of readFileSync(source, "utf8").matchAll(/\$\$([^]+?)\$\$|\$([^$\n]+)\$/g)) {
  if (seen.has(whole)) continue;
  seen.add(whole);
  const tex = (display ?? inline).replaceAll("\\st{", "\\class{stage-");
  const math = temml.renderToString(tex, { displayMode: display !== undefined, trust: c => c.command === "\\class", throwOnError: true })
    .replace(' class="tml-display" style="display:block math;"', "")
    .replace(/class="stage-(\w+)"/g, (_, part) => `style="color:var(--${ink[part] ?? "train"}-ink)" data-stage="${part}"`);
  lines.push(`[${whole}]: ${math.replaceAll("\n", " ")}`);
}
writeFileSync(source.replace(/\.md$/, ".mathml"), lines.join("\n") + "\n");
