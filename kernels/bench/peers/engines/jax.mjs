// jax-js on its wasm device. Where the browser has relaxed SIMD, which Chromium has, its float32 products use fused
// multiply-adds: fewer instructions than the other engines may spend, and not the same bits on every machine.
//
// An array is consumed by what is done with it; .ref keeps it for once more. Adam is written out: the release we pin
// came without its optimizers.
import * as jax from "@jax-js/jax";
import { parse } from "../cases.mjs";
import { Calls, values, warm } from "../measure.mjs";
import { ADAM, BATCH, VIT, batch, isTrained, operands, weights } from "../model.mjs";

const { numpy: np, nn, jit, valueAndGrad, tree } = jax;

export async function init() {
  await jax.init();
  jax.defaultDevice("wasm");
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

async function product(c) {
  const { a, b, aShape, bShape } = operands(c);
  const left = np.array(a).reshape(aShape);
  const right = np.array(b).reshape(bShape);
  await jax.blockUntilReady([left.ref, right.ref]);
  const multiply = jit((x, y) => np.matmul(c.form === "tn" ? x.transpose() : x, c.form === "nt" ? y.transpose() : y));
  const all = await multiply(left.ref, right.ref).data();
  const calls = new Calls(async () => {
    const y = multiply(left.ref, right.ref);
    await jax.blockUntilReady(y);
    y.dispose();
  });
  await warm((n) => calls.run(n));
  const free = () => {
    left.dispose();
    right.dispose();
  };
  return { values: [all[all.length - 1]], variants: { "": calls }, free };
}

// trainer makes steps: batch uploaded, loss read back. The whole step, Adam included, is one compiled function.
function trainer(lora) {
  let trained = {};
  const frozen = {};
  for (const [name, { data, shape }] of Object.entries(weights(lora))) {
    (isTrained(name, lora) ? trained : frozen)[name] = np.array(data).reshape(shape);
  }
  const zeros = () => Object.fromEntries(Object.entries(trained).map(([name, w]) => [name, np.zeros(w.shape)]));
  let means = zeros();
  let squares = zeros();

  const lossAndGradients = valueAndGrad((trained, frozen, x, y) => {
    const logits = forward({ ...trained, ...frozen }, x, BATCH, lora);
    return np.sum(nn.logSoftmax(logits, -1).mul(y)).mul(-1 / BATCH);
  });
  const step = jit((old, means, squares, frozen, x, y, correct) => {
    const [loss, gradients] = lossAndGradients(tree.ref(old), frozen, x, y);
    const next = { trained: {}, means: {}, squares: {} };
    for (const name in old) {
      const g = gradients[name];
      const mean = means[name].mul(ADAM.beta1).add(g.ref.mul(1 - ADAM.beta1));
      const square = squares[name].mul(ADAM.beta2).add(np.square(g).mul(1 - ADAM.beta2));
      const scale = np.sqrt(square.ref).mul(correct.square.ref).add(ADAM.epsilon);
      next.trained[name] = old[name].sub(mean.ref.mul(correct.rate.ref).div(scale));
      next.means[name] = mean;
      next.squares[name] = square;
    }
    tree.dispose(correct);
    return { loss, ...next };
  });

  const { images, labels } = batch(BATCH);
  const scalar = (value) => np.array(new Float32Array([value])).reshape([]);
  let count = 0;
  const call = async () => {
    count++;
    const correct = {
      rate: scalar(ADAM.rate / (1 - ADAM.beta1 ** count)),
      square: scalar(1 / Math.sqrt(1 - ADAM.beta2 ** count)),
    };
    const x = np.array(images).reshape([BATCH, VIT.image, VIT.image]);
    const y = np.array(labels).reshape([BATCH, VIT.classes]);
    const next = step(trained, means, squares, tree.ref(frozen), x, y, correct);
    ({ trained, means, squares } = next);
    await jax.blockUntilReady(trained);
    return (await next.loss.data())[0];
  };
  const free = () => {
    for (const t of [trained, means, squares, frozen]) tree.dispose(t);
    step.dispose?.();
  };
  return { call, free };
}

// predictor makes forward passes: images uploaded, logits read back.
function predictor(n) {
  const all = {};
  for (const [name, { data, shape }] of Object.entries(weights(false))) all[name] = np.array(data).reshape(shape);
  const predict = jit((p, x) => forward(p, x, n, false));
  const { images } = batch(n);
  const call = async () => {
    const x = np.array(images).reshape([n, VIT.image, VIT.image]);
    return (await predict(tree.ref(all), x).data())[0];
  };
  return { call, free: () => tree.dispose(all) };
}

// forward maps images [n, 32, 32] to logits [n, 10]. It consumes the weights.
function forward(p, x, n, lora) {
  const { width, tokens, patches, grid, patch, heads, headWidth } = VIT;
  const weight = (name) => p[name].ref;
  const cut = x.reshape([n, grid, patch, grid, patch]).transpose([0, 1, 3, 2, 4]).reshape([n * patches, patch * patch]);
  const embedded = np.matmul(cut, weight("patch_w")).add(weight("patch_b")).reshape([n, patches, width]);
  const classToken = np.broadcastTo(weight("cls").reshape([1, 1, width]), [n, 1, width]);
  let h = np.concatenate([classToken, embedded], 1).add(weight("pos")).reshape([n * tokens, width]);

  const split = (t) => t.reshape([n, tokens, heads, headWidth]).transpose([0, 2, 1, 3]);
  for (let block = 0; block < VIT.depth; block++) {
    const w = (name) => weight(`l${block}_${name}`);

    const seen = layerNorm(h.ref, w("ln1_g"), w("ln1_b"));
    let [q, k, v] = np.split(np.matmul(seen.ref, w("wqkv")).add(w("bqkv")), 3, 1);
    if (lora) {
      q = q.add(np.matmul(np.matmul(seen.ref, w("aq")), w("Bq")));
      v = v.add(np.matmul(np.matmul(seen.ref, w("av")), w("Bv")));
    }
    seen.dispose();
    const scores = np.matmul(split(q), split(k).transpose([0, 1, 3, 2])).mul(1 / Math.sqrt(headWidth));
    const mixed = np.matmul(nn.softmax(scores, -1), split(v)).transpose([0, 2, 1, 3]).reshape([n * tokens, width]);
    h = h.add(np.matmul(mixed, w("wo")).add(w("bo")));

    const hidden = np.matmul(layerNorm(h.ref, w("ln2_g"), w("ln2_b")), w("w1")).add(w("b1"));
    h = h.add(np.matmul(nn.gelu(hidden, { approximate: true }), w("w2")).add(w("b2")));
  }
  const last = layerNorm(h, weight("lnf_g"), weight("lnf_b")).reshape([n, tokens, width]);
  const logits = np.matmul(last.slice([], 0), weight("head_w")).add(weight("head_b"));
  tree.dispose(p);
  return logits;
}

function layerNorm(x, gain, bias) {
  const centred = x.ref.sub(np.mean(x, -1, { keepdims: true }));
  const variance = np.mean(np.square(centred.ref), -1, { keepdims: true });
  return centred.div(np.sqrt(variance.add(VIT.epsilon))).mul(gain).add(bias);
}
