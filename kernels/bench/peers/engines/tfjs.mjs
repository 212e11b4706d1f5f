// TensorFlow.js on its wasm backend. Core operations only; what has no operation of its own is composed.
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops";
import "@tensorflow/tfjs-core/dist/register_all_gradients"; // a bundler drops them otherwise, and grad() throws
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { parse } from "../cases.mjs";
import { Calls, values, warm } from "../measure.mjs";
import { ADAM, BATCH, VIT, batch, isTrained, operands, weights } from "../model.mjs";

export async function init() {
  setWasmPaths("/built/");
  await tf.setBackend("wasm");
  await tf.ready();
  if (!(await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT"))) throw new Error("tfjs found no SIMD in this browser");
  return {};
}

export async function prepare(id) {
  const c = parse(id);
  if (c.kind === "product") return product(c);
  const { call, free } = c.kind === "step" ? trainer(c.lora) : predictor(c.images);
  const first = await values(id, call);
  const calls = new Calls(call);
  await warm((n) => calls.run(n));
  return { values: first, variants: { "": calls }, free };
}

export async function firstStep() {
  await init();
  return trainer(false).call();
}

// product multiplies in the ways that a caller could choose; the fastest counts.
async function product(c) {
  const { a, b, aShape, bShape } = operands(c);
  const left = tf.tensor(a, aShape);
  const right = tf.tensor(b, bShape);
  const [turnA, turnB] = [c.form === "tn", c.form === "nt"];
  const ways = { kept: () => tf.matMul(left, right, turnA, turnB) };
  if (c.form === "nn") {
    // As in training: the weights are new in every call, so they are packed again.
    ways.fresh = () => {
      const changed = tf.tensor(b, bShape);
      const y = tf.matMul(left, changed);
      changed.dispose();
      return y;
    };
  } else {
    // A transposed copy first: matMul itself leaves its fast path for transposed operands.
    ways.copied = () => tf.tidy(() => tf.matMul(turnA ? left.transpose() : left, turnB ? right.transpose() : right));
  }
  const first = ways.kept();
  const all = await first.data();
  first.dispose();
  const variants = {};
  for (const [name, way] of Object.entries(ways)) {
    variants[name] = new Calls(() => way().dispose());
    await warm((n) => variants[name].run(n));
  }
  return { values: [all[all.length - 1]], variants, free: () => tf.dispose([left, right]) };
}

// trainer makes steps: batch uploaded, loss read back.
function trainer(lora) {
  const all = {};
  const trained = [];
  for (const [name, { data, shape }] of Object.entries(weights(lora))) {
    all[name] = tf.tensor(data, shape);
    if (!isTrained(name, lora)) continue;
    all[name] = tf.variable(all[name], true);
    trained.push(all[name]);
  }
  const adam = tf.train.adam(ADAM.rate, ADAM.beta1, ADAM.beta2, ADAM.epsilon);
  const { images, labels } = batch(BATCH);

  const call = async () => {
    const x = tf.tensor(images, [BATCH, VIT.image, VIT.image]);
    const y = tf.tensor(labels, [BATCH, VIT.classes]);
    const cost = adam.minimize(() => crossEntropy(forward(all, x, BATCH, lora), y), true, trained);
    const [loss] = await cost.data();
    tf.dispose([x, y, cost]);
    return loss;
  };
  const free = () => {
    tf.dispose(Object.values(all));
    adam.dispose();
  };
  return { call, free };
}

// predictor makes forward passes: images uploaded, logits read back.
function predictor(n) {
  const all = {};
  for (const [name, { data, shape }] of Object.entries(weights(false))) all[name] = tf.tensor(data, shape);
  const { images } = batch(n);

  const call = async () => {
    const logits = tf.tidy(() => forward(all, tf.tensor(images, [n, VIT.image, VIT.image]), n, false));
    const [first] = await logits.data();
    logits.dispose();
    return first;
  };
  return { call, free: () => tf.dispose(Object.values(all)) };
}

const crossEntropy = (logits, y) => tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), y), -1)));

// forward maps images [n, 32, 32] to logits [n, 10].
function forward(p, x, n, lora) {
  const { width, tokens, patches, grid, patch, heads, headWidth } = VIT;
  const cut = x.reshape([n, grid, patch, grid, patch]).transpose([0, 1, 3, 2, 4]).reshape([n * patches, patch * patch]);
  const embedded = tf.matMul(cut, p.patch_w).add(p.patch_b).reshape([n, patches, width]);
  const classToken = p.cls.reshape([1, 1, width]).tile([n, 1, 1]);
  let h = tf.concat([classToken, embedded], 1).add(p.pos).reshape([n * tokens, width]);

  const split = (t) => t.reshape([n, tokens, heads, headWidth]).transpose([0, 2, 1, 3]);
  for (let block = 0; block < VIT.depth; block++) {
    const w = (name) => p[`l${block}_${name}`];

    const seen = layerNorm(h, w("ln1_g"), w("ln1_b"));
    let [q, k, v] = tf.split(tf.matMul(seen, w("wqkv")).add(w("bqkv")), 3, 1);
    if (lora) {
      q = q.add(tf.matMul(tf.matMul(seen, w("aq")), w("Bq")));
      v = v.add(tf.matMul(tf.matMul(seen, w("av")), w("Bv")));
    }
    const attention = tf.softmax(tf.matMul(split(q), split(k), false, true).mul(1 / Math.sqrt(headWidth)));
    const mixed = tf.matMul(attention, split(v)).transpose([0, 2, 1, 3]).reshape([n * tokens, width]);
    h = h.add(tf.matMul(mixed, w("wo")).add(w("bo")));

    const hidden = gelu(tf.matMul(layerNorm(h, w("ln2_g"), w("ln2_b")), w("w1")).add(w("b1")));
    h = h.add(tf.matMul(hidden, w("w2")).add(w("b2")));
  }
  const last = layerNorm(h, p.lnf_g, p.lnf_b).reshape([n, tokens, width]);
  const classes = last.slice([0, 0, 0], [n, 1, width]).reshape([n, width]);
  return tf.matMul(classes, p.head_w).add(p.head_b);
}

function layerNorm(x, gain, bias) {
  const centred = x.sub(x.mean(-1, true));
  const variance = centred.square().mean(-1, true);
  return centred.mul(variance.add(VIT.epsilon).rsqrt()).mul(gain).add(bias);
}

function gelu(x) {
  const inner = x.mul(x).mul(x).mul(0.044715).add(x).mul(Math.sqrt(2 / Math.PI));
  return x.mul(0.5).mul(inner.tanh().add(1));
}
