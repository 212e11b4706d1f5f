// What is measured, and on which engines. The ids are those of ../cases.go.

// [m, n, k]: squares, and the products of V-tiny (544 = 32 images of 17 tokens) and V-small (2080 = 32 of 65).
const SHAPES = [
  [64, 64, 64], [128, 128, 128], [256, 256, 256], [512, 512, 512],
  [544, 64, 64], [544, 192, 64], [544, 256, 64], [2080, 64, 256],
];

// The shapes that are measured with a transposed operand as well.
const TURNED = [[544, 64, 64], [544, 256, 64], [2080, 64, 256]];

export const OURS = "petri";
export const START = "start/step";

function product(form, [m, n, k], engines) {
  return { id: `product/${form}/${m}x${n}x${k}`, flop: 2 * m * n * k, engines };
}

export const CASES = [
  ...SHAPES.map((s) => product("nn", s, [OURS, "c-simd128", "tfjs-wasm", "jax-js", "ort"])),
  ...TURNED.map((s) => product("nt", s, [OURS, "tfjs-wasm", "jax-js"])),
  ...TURNED.map((s) => product("tn", s, [OURS, "tfjs-wasm", "jax-js"])),
  { id: "step/full", engines: [OURS, "jax-js", "tfjs-wasm"] },
  { id: "step/lora", engines: [OURS, "jax-js", "tfjs-wasm"] },
  { id: "infer/32", engines: [OURS, "ort", "tfjs-wasm", "jax-js"] },
  { id: "infer/1", engines: [OURS, "ort", "tfjs-wasm", "jax-js"] },
  { id: START, engines: [OURS, "tfjs-wasm", "jax-js", "petri-page"] },
];

// parse takes an id apart: {kind: "product", form: "nt", m, n, k}, {kind: "step", lora}, {kind: "infer", images}.
export function parse(id) {
  const [kind, second, third] = id.split("/");
  switch (kind) {
    case "product": {
      const [m, n, k] = third.split("x").map(Number);
      return { kind, form: second, m, n, k };
    }
    case "step":
      return { kind, lora: second === "lora" };
    case "infer":
      return { kind, images: Number(second) };
  }
  throw new Error(`there is no case ${id}`);
}
