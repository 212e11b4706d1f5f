// Starts the kernels in a worker. The page sends {start, module, exec, assets} first: the compiled program, the
// address of Go's support script and, by name, the addresses of data and weights. Commands that arrive before the program
// listens are kept for it.
"use strict";
self.petri = { assets: {}, early: [] };
self.onmessage = (event) => {
  const data = event.data;
  if (!data.start) {
    self.petri.early.push(data);
    return;
  }
  self.petri.assets = data.assets;
  importScripts(data.exec);
  const go = new Go();
  WebAssembly.instantiate(data.module, go.importObject).then(
    (instance) => {
      self.petri.memory = instance.exports.mem;
      return go.run(instance).then(() => report("the kernels ended"));
    },
    (error) => report(String(error)),
  );
};
// An error thrown outside a promise reaches the page as the worker's error event.
function report(text) {
  setTimeout(() => {
    throw new Error(text);
  });
}
