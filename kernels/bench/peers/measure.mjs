// How a call is timed, for every engine alike.

// A sample lasts at least this long: clocks of browsers tick every tenth of a millisecond, so short calls are timed
// several at once. (../bench.go has the same number for our engine.)
const SAMPLE_MS = 10;

// A call is warmed for at least so long before its first sample, so that the browser has compiled it in earnest.
const WARM_MS = 700;

// The calls whose values are checked: five training steps, one call of anything else.
export function firstCalls(id) {
  return id.startsWith("step/") ? 5 : 1;
}

// Calls times a function of JavaScript, which may return a promise.
export class Calls {
  #call;
  #group = 1; // calls in a sample

  constructor(call) {
    this.#call = call;
  }

  // run makes calls without timing them one by one.
  async run(n) {
    for (let i = 0; i < n; i++) {
      const result = this.#call();
      if (result instanceof Promise) await result;
    }
  }

  // samples returns milliseconds of one call, n times.
  async samples(n) {
    const ms = [];
    while (ms.length < n) {
      const start = performance.now();
      await this.run(this.#group);
      const took = performance.now() - start;
      if (took >= SAMPLE_MS) ms.push(took / this.#group);
      else this.#group *= 2; // too short for the clock: once more with twice the calls
    }
    return ms;
  }
}

// warm calls run(n) with a growing n until enough time has passed.
export async function warm(run) {
  const start = performance.now();
  for (let n = 1; performance.now() - start < WARM_MS; ) {
    const before = performance.now();
    await run(n);
    if (performance.now() - before < 50) n *= 2;
  }
}

// values makes the first calls and keeps what they return.
export async function values(id, call) {
  const list = [];
  for (let i = 0; i < firstCalls(id); i++) list.push(await call());
  return list;
}
