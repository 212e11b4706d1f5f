// Compiles a program in a worker of its own, which then hands it over. Even a streaming compiler reads what arrives on
// the thread that asked for it: for a program of several megabytes that would be tasks of a tenth of a second between
// the visitor and the page.
"use strict";
self.onmessage = async ({ data: { address, priority } }) => {
  try {
    const response = await fetch(address, { priority });
    if (!response.ok) throw new Error("the server answered " + response.status);
    // A plain file server may not know the type of .wasm files, which streaming insists on.
    const streams = response.headers.get("Content-Type") === "application/wasm" && WebAssembly.compileStreaming;
    postMessage({ module: await (streams ? WebAssembly.compileStreaming(response) : response.arrayBuffer().then(WebAssembly.compile)) });
  } catch (err) {
    postMessage({ error: err.message });
  }
};
