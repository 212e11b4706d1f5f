// onnxruntime-web on its wasm provider, one thread. It infers only, so it has no training rows.
import * as ort from "onnxruntime-web/wasm";
import { parse } from "../cases.mjs";
import { Calls, values, warm } from "../measure.mjs";
import { VIT, batch, operands, weights } from "../model.mjs";
import { Graph } from "./onnx.mjs";

export async function init() {
  ort.env.wasm.wasmPaths = { mjs: "/built/ort-wasm-simd-threaded.mjs", wasm: "/built/ort-wasm-simd-threaded.wasm" };
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  return {};
}

export async function prepare(id) {
  const c = parse(id);
  const { call, free } = c.kind === "product" ? await product(c) : await predictor(c.images);
  const first = await values(id, call);
  const calls = new Calls(call);
  await warm((n) => calls.run(n));
  return { values: first, variants: { "": calls }, free };
}

function session(graph) {
  return ort.InferenceSession.create(graph.bytes(), { executionProviders: ["wasm"], graphOptimizationLevel: "all" });
}

// product has b as a constant of the graph, which is packed once; the time is that of session.run.
async function product({ form, m, n, k }) {
  const { a, b } = operands({ form, m, n, k });
  const graph = new Graph();
  const y = graph.op("MatMul", [graph.input("a", [m, k]), graph.constant("b", [k, n], b)]);
  graph.output(y, [m, n]);
  const model = await session(graph);
  const feed = { a: new ort.Tensor("float32", a, [m, k]) };
  const call = async () => {
    const { data } = (await model.run(feed))[y];
    return data[data.length - 1];
  };
  return { call, free: () => model.release() };
}

// predictor makes forward passes: images handed in, logits read back.
async function predictor(n) {
  const { graph, logits } = vit(n);
  const model = await session(graph);
  const { images } = batch(n);
  const call = async () => {
    const x = new ort.Tensor("float32", images, [n, VIT.image, VIT.image]);
    return (await model.run({ x }))[logits].data[0];
  };
  return { call, free: () => model.release() };
}

// vit is the model as a graph for n images.
function vit(n) {
  const { width, tokens, patches, grid, patch, heads, headWidth } = VIT;
  const graph = new Graph();
  for (const [name, { data, shape }] of Object.entries(weights(false))) graph.constant(name, shape, data);

  const reshape = (x, shape) => graph.op("Reshape", [x, graph.integers(shape)]);
  const transpose = (x, perm) => graph.op("Transpose", [x], { perm });
  const matmul = (a, b) => graph.op("MatMul", [a, b]);
  const add = (a, b) => graph.op("Add", [a, b]);
  const layerNorm = (x, gain, bias) =>
    graph.op("LayerNormalization", [x, gain, bias], { axis: -1, epsilon: VIT.epsilon });

  const x = graph.input("x", [n, VIT.image, VIT.image]);
  const cut = transpose(reshape(x, [n, grid, patch, grid, patch]), [0, 1, 3, 2, 4]);
  const embedded = add(matmul(reshape(cut, [n * patches, patch * patch]), "patch_w"), "patch_b");
  const classToken = graph.op("Expand", [reshape("cls", [1, 1, width]), graph.integers([n, 1, width])]);
  const sequence = graph.op("Concat", [classToken, reshape(embedded, [n, patches, width])], { axis: 1 });
  let h = reshape(add(sequence, "pos"), [n * tokens, width]);

  const split = (t, perm) => transpose(reshape(t, [n, tokens, heads, headWidth]), perm);
  for (let block = 0; block < VIT.depth; block++) {
    const w = (name) => `l${block}_${name}`;

    const qkv = add(matmul(layerNorm(h, w("ln1_g"), w("ln1_b")), w("wqkv")), w("bqkv"));
    const [q, k, v] = graph.op("Split", [qkv, graph.integers([width, width, width])], { axis: 1 }, 3);
    const scores = matmul(split(q, [0, 2, 1, 3]), split(k, [0, 2, 3, 1]));
    const scaled = graph.op("Mul", [scores, graph.float(1 / Math.sqrt(headWidth))]);
    const attention = graph.op("Softmax", [scaled], { axis: -1 });
    const mixed = transpose(matmul(attention, split(v, [0, 2, 1, 3])), [0, 2, 1, 3]);
    h = add(h, add(matmul(reshape(mixed, [n * tokens, width]), w("wo")), w("bo")));

    const hidden = add(matmul(layerNorm(h, w("ln2_g"), w("ln2_b")), w("w1")), w("b1"));
    const active = graph.op("Gelu", [hidden], { approximate: "tanh" });
    h = add(h, add(matmul(active, w("w2")), w("b2")));
  }
  const last = reshape(layerNorm(h, "lnf_g", "lnf_b"), [n, tokens, width]);
  const classes = graph.op("Gather", [last, graph.integer(0)], { axis: 1 });
  const logits = add(matmul(classes, "head_w"), "head_b");
  graph.output(logits, [n, VIT.classes]);
  return { graph, logits };
}
