// The model, its weights and its batch: the numbers that kernels/bench/reference makes in Go. All engines start from
// them, so their losses must agree.

// V-tiny: 32x32 grey images in patches of 8, so 16 tokens and the class token.
export const VIT = {
  image: 32, patch: 8, grid: 4, patches: 16, tokens: 17,
  width: 64, depth: 4, heads: 4, headWidth: 16, mlp: 256, classes: 10,
  epsilon: 1e-5, // of the layer norms
  rank: 4, // of the adapters on q and v; alpha equals it, so their scale is 1
};

export const BATCH = 32;

export const ADAM = { rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }; // no weight decay

// What three engines of different authors agreed on to five digits: five steps on one batch, each loss before its step.
export const FULL_LOSSES = [2.44093, 1.99353, 1.80404, 1.52833, 1.25269];
export const LORA_LOSSES = [2.44093, 2.40613, 2.37287, 2.34116, 2.31096];
export const LOGIT = 0.256818; // of class 0 for the first image, before any step
export const TOLERANCE = 1e-4;

// mulberry is a 32-bit generator that is short in every language.
function mulberry(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// gaussian makes n draws of a standard deviation (Box and Muller, the cosine half).
export function gaussian(n, deviation, seed) {
  const random = mulberry(seed);
  const x = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - random()));
    x[i] = radius * Math.cos(2 * Math.PI * random());
  }
  return x;
}

// seedOf hashes a name (FNV-1a): every weight has its own seed, so both models share their base weights.
function seedOf(name) {
  let h = 2166136261;
  for (const c of name) h = Math.imul(h ^ c.charCodeAt(0), 16777619);
  return h;
}

// shapes lists the weights: [name, shape, start], where start is "normal", "zero" or "one". Matrices are [in, out].
function shapes(lora) {
  const { width: d, mlp, rank: r } = VIT;
  const list = [
    ["patch_w", [VIT.patch * VIT.patch, d], "normal"],
    ["patch_b", [d], "zero"],
    ["cls", [1, d], "normal"],
    ["pos", [VIT.tokens, d], "normal"],
  ];
  for (let block = 0; block < VIT.depth; block++) {
    const add = (name, shape, start) => list.push([`l${block}_${name}`, shape, start]);
    add("ln1_g", [d], "one");
    add("ln1_b", [d], "zero");
    add("wqkv", [d, 3 * d], "normal");
    add("bqkv", [3 * d], "zero");
    add("wo", [d, d], "normal");
    add("bo", [d], "zero");
    add("ln2_g", [d], "one");
    add("ln2_b", [d], "zero");
    add("w1", [d, mlp], "normal");
    add("b1", [mlp], "zero");
    add("w2", [mlp, d], "normal");
    add("b2", [d], "zero");
    if (!lora) continue;
    add("aq", [d, r], "normal");
    add("Bq", [r, d], "zero");
    add("av", [d, r], "normal");
    add("Bv", [r, d], "zero");
  }
  list.push(["lnf_g", [d], "one"], ["lnf_b", [d], "zero"]);
  list.push(["head_w", [d, VIT.classes], "normal"], ["head_b", [VIT.classes], "zero"]);
  return list;
}

// weights makes them all: {name: {shape, data}}.
export function weights(lora) {
  const all = {};
  for (const [name, shape, start] of shapes(lora)) {
    const n = shape.reduce((a, b) => a * b, 1);
    const data = start === "normal" ? gaussian(n, 0.05, seedOf(name)) : new Float32Array(n).fill(start === "one" ? 1 : 0);
    all[name] = { shape, data };
  }
  return all;
}

// isTrained tells which weights a step changes: all, or the adapters and the head.
export function isTrained(name, lora) {
  return !lora || /_(aq|Bq|av|Bv)$/.test(name) || name.startsWith("head_");
}

// batch is n images and their labels, one-hot.
export function batch(n) {
  const random = mulberry(7);
  const images = gaussian(n * VIT.image * VIT.image, 1, 99);
  const labels = new Float32Array(n * VIT.classes);
  for (let i = 0; i < n; i++) labels[i * VIT.classes + Math.floor(random() * VIT.classes)] = 1;
  return { images, labels };
}

// operands are the matrices of a product case. "nt" has b stored as [n, k], "tn" has a stored as [k, m].
export function operands({ form, m, n, k }) {
  return {
    a: gaussian(m * k, 1, 1),
    b: gaussian(k * n, 1, 2),
    aShape: form === "tn" ? [k, m] : [m, k],
    bShape: form === "nt" ? [n, k] : [k, n],
  };
}

// lastElement is element [m-1, n-1] of the product in double precision: what every engine's is checked against.
export function lastElement(product) {
  const { form, m, n, k } = product;
  const { a, b } = operands(product);
  let sum = 0;
  for (let i = 0; i < k; i++) {
    const left = form === "tn" ? a[i * m + m - 1] : a[(m - 1) * k + i];
    const right = form === "nt" ? b[(n - 1) * k + i] : b[i * n + n - 1];
    sum += left * right;
  }
  return sum;
}
