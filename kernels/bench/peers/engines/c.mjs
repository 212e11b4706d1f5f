// A product written by hand in C for 128-bit vectors, without fused multiply-add: ../c/gemm.c. Of its register tiles the
// fastest counts, per shape.
import { parse } from "../cases.mjs";
import { Calls, warm } from "../measure.mjs";
import { operands } from "../model.mjs";

const TILES = { "4x2": 8, "4x2u4": 8, "2x4": 16, "2x4u4": 16 }; // rows x vectors of 4, unrolling; columns

let program;

export async function init() {
  const { instance } = await WebAssembly.instantiateStreaming(fetch("/c/gemm.wasm"));
  program = instance.exports;
  return {};
}

export async function prepare(id) {
  const { m, n, k } = parse(id);
  const { a, b } = operands(parse(id));
  const at = place([m * k, k * n, m * n, k * n]);
  floats(at[0], m * k).set(a);
  floats(at[1], k * n).set(b);
  const variants = {};
  let first;
  for (const [tile, columns] of Object.entries(TILES)) {
    if (n % columns !== 0) continue;
    const multiply = program[`gemm_${tile}`];
    const calls = new Calls(() => multiply(at[0], at[1], at[2], m, n, k, at[3]));
    await calls.run(1);
    first ??= floats(at[2], m * n)[m * n - 1];
    await warm((n) => calls.run(n));
    variants[tile] = calls;
  }
  return { values: [first], variants, free() {} };
}

// place finds room for arrays of floats behind the program's own memory, each on a line of the cache.
function place(lengths) {
  let next = program.__heap_base.value;
  const starts = lengths.map((n) => {
    const start = (next + 63) & ~63;
    next = start + 4 * n;
    return start;
  });
  const missing = next - program.memory.buffer.byteLength;
  if (missing > 0) program.memory.grow(Math.ceil(missing / 65536));
  return starts;
}

function floats(at, n) {
  return new Float32Array(program.memory.buffer, at, n);
}
