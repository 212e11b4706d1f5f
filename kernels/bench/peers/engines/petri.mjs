// Our engine: the product's own program in the product's own worker, asked by its messages (wasm/lab/bench.go).
import { parse } from "../cases.mjs";
import { warm } from "../measure.mjs";
import { BATCH, VIT } from "../model.mjs";

let worker;
let answered; // {resolve, reject} of the question asked last

export async function init(query) {
  const ready = answer();
  worker = start(query);
  const event = await ready;
  return { version: `${event.engine}, build ${event.build}` };
}

// start starts a worker as the page does: its script first, then the compiled program and the support script.
export function start(query) {
  const made = new Worker(query.get("script"));
  made.onmessage = (message) => receive(JSON.parse(message.data.h));
  made.onerror = (event) => answered?.reject(new Error(event.message));
  WebAssembly.compileStreaming(fetch(query.get("program"))).then(
    (module) => made.postMessage({ start: true, module, exec: query.get("exec"), assets: {} }),
    (error) => answered?.reject(error),
  );
  return made;
}

function answer() {
  return new Promise((resolve, reject) => (answered = { resolve, reject }));
}

function receive(event) {
  if (event.kind === "error") answered.reject(new Error(event.error));
  else answered.resolve(event);
}

// ask sends a wire.BenchAsk and returns the wire.BenchAnswer.
export async function ask(question, to = worker) {
  const reply = answer();
  const command = { op: "bench", run: "peers", link: "", bench: question };
  to.postMessage({ h: JSON.stringify(command), b: [], x: null });
  return (await reply).bench;
}

// batchBytes is what the other engines are given from JavaScript in every call of this case.
export function batchBytes(id) {
  const c = parse(id);
  const image = VIT.image * VIT.image * 4;
  if (c.kind === "step") return BATCH * (image + 4); // and a label each
  if (c.kind === "infer") return c.images * image;
  return 0; // operands of products stay where they are, as in all engines
}

export async function prepare(id) {
  const copy = batchBytes(id);
  const first = await ask({ case: id, samples: 0, copy, fresh: true });
  if (first.path !== "simd128") throw new Error(`the program runs its ${first.path} kernels: it was built without SIMD`);
  const run = async (calls) => void (await ask({ case: id, samples: 0, calls }));
  await warm(run);
  return {
    values: first.values,
    variants: { "": { run, samples: async (n) => (await ask({ case: id, samples: n })).ms } },
    free() {},
  };
}

// firstStep is a new visitor's first finished training step.
export async function firstStep(query) {
  const ready = answer();
  const fresh = start(query);
  await ready;
  const { values } = await ask({ case: "step/full", samples: 0, first: 1, copy: batchBytes("step/full") }, fresh);
  return values[0];
}
