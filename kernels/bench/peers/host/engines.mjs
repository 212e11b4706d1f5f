// The engines: where each comes from and what its page needs.
import { readJSON } from "./files.mjs";

const TFJS = "@tensorflow/tfjs-backend-wasm";
const ORT = "onnxruntime-web";

export const ENGINES = {
  petri: { name: "Petri", bundle: "petri" },
  "jax-js": { name: "jax-js, wasm", bundle: "jax", package: "@jax-js/jax" },
  "tfjs-wasm": {
    name: "TensorFlow.js, wasm",
    bundle: "tfjs",
    package: TFJS,
    files: ["", "-simd", "-threaded-simd"].map((kind) => `${TFJS}/dist/tfjs-backend-wasm${kind}.wasm`),
  },
  ort: {
    name: "onnxruntime-web, wasm",
    bundle: "ort",
    package: ORT,
    files: ["wasm", "mjs"].map((kind) => `${ORT}/dist/ort-wasm-simd-threaded.${kind}`),
  },
  "c-simd128": { name: "C by hand, SIMD128 without FMA", bundle: "c" },
  "petri-page": { name: "Petri, the page /lora", bundle: null },
};

// version says which one was measured; ours tells itself.
export function version(id, said) {
  if (said) return said;
  const { package: name } = ENGINES[id];
  if (name) return readJSON("node_modules", name, "package.json").version;
  return readJSON("c", "gemm.json").compiler;
}
