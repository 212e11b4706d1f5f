// Starts the page's program once the text is there to be read. What is fetched, and in this order: the program and the
// data of the pages, the kernels that the workers will run, and last the stage, which the program asks for.
var goappNav = () => {}, goappOnUpdate = () => {}, goappOnAppInstallChange = () => {}; // the program sets these

window.petriStart = (() => {
  const files = {{.Files}}, labs = {{.Labs}}, home = {{.Scope}};
  const get = async (address, priority) => {
    const response = await fetch(address, { priority });
    if (!response.ok) throw new Error("the server answered " + response.status);
    return response;
  };
  const compile = async (address, priority) => {
    const response = await get(address, priority);
    // A plain file server may not know the type of .wasm files, which streaming insists on.
    const streams = response.headers.get("Content-Type") === "application/wasm" && WebAssembly.compileStreaming;
    return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
  };
  // aside compiles without the page's thread. Where a browser starts no worker, the thread has to do.
  const aside = (address, priority) => new Promise((resolve, reject) => {
    const worker = new Worker(files.compile);
    const done = (settle, value) => { worker.terminate(); settle(value); };
    worker.onmessage = ({ data }) => (data.module ? done(resolve, data.module) : done(reject, new Error(data.error)));
    worker.onerror = (event) => { event.preventDefault(); done(resolve, compile(address, priority)); };
    worker.postMessage({ address, priority });
  });
  const blame = (what) => (err) => { throw new Error(what + ": " + err.message); };
  const idle = () => new Promise((go) => (window.requestIdleCallback ? requestIdleCallback(go, { timeout: 3000 }) : setTimeout(go, 500)));

  // lab is the compiled program of the workers: fetched once, by whoever asks first. After a failure it may be asked
  // for again.
  let kernels = null;
  const lab = () => (kernels ??= aside(files.lab, "low").catch((err) => { kernels = null; throw err; }));

  // load gets what the program needs, which is fetched side by side.
  const load = () => Promise.all([
    compile(files.app, "high").catch(blame("its program")),
    get(files.data, "high").then((response) => response.text()).catch(blame("its data")),
  ]);
  const run = async (loaded) => {
    const loader = document.getElementById("app-wasm-loader");
    try {
      const [program, data] = await loaded;
      start.data = data;
      const go = new Go();
      go.run(await WebAssembly.instantiate(program, go.importObject));
      loader.remove();
    } catch (err) {
      loader.hidden = false;
      document.getElementById("app-wasm-loader-label").textContent =
        "This page could not be started (" + err.message + "). The text can be read; to run a lab, reload the page or use a current browser.";
      console.error("Petri could not be started:", err);
    }
  };
  // Crawlers read the text and want no program; ?wasm=false shows what they see.
  const wanted = new URLSearchParams(location.search).get("wasm") !== "false" && !/bot|crawler|spider|robot|crawling/i.test(navigator.userAgent);
  // script adds a script that only some visitors need.
  const script = (src) => new Promise((onload, onerror) => document.head.append(Object.assign(document.createElement("script"), { src, onload, onerror })));
  const start = { lab, aside, script, data: "", fed() {}, settled: Promise.resolve() };
  if (!wanted) {
    document.getElementById("app-wasm-loader").remove();
    return start;
  }
  // settled: nothing that the visitor may be waiting for is left to load. In a lab the kernels are wanted soon: they are
  // compiled while the visitor reads, and the program says when a worker has its weights and data. Elsewhere the kernels
  // can wait until the page is idle.
  const loaded = load(), running = run(loaded);
  const atLab = labs.includes(location.pathname.slice(home.length));
  const served = new Promise((done) => { start.fed = done; });
  start.settled = loaded.then(() => atLab || running.then(idle)).then(lab)
    .then(() => atLab && Promise.race([served, new Promise((late) => setTimeout(late, 20000))]))
    .catch(() => {}).then(() => running);
  return start;
})();

// The rest is what go-app's program calls.
let goappInstall = null;
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  goappInstall = event;
  goappOnAppInstallChange();
});
addEventListener("appinstalled", () => {
  goappInstall = null;
  goappOnAppInstallChange();
});
function goappIsAppInstallable() { return !goappIsAppInstalled() && goappInstall !== null; }
function goappIsAppInstalled() { return matchMedia("(display-mode: standalone)").matches || !!navigator.standalone; }
async function goappShowInstallPrompt() {
  goappInstall.prompt();
  await goappInstall.userChoice;
  goappInstall = null;
}
function goappGetenv(name) { return {{.Env}}[name]; }

// The body keeps the children that it has: extensions of the browser like to add some.
function goappKeepBodyClean() {
  const body = document.body, count = body.children.length;
  const observer = new MutationObserver(() => { while (body.children.length > count) body.removeChild(body.lastChild); });
  observer.observe(body, { childList: true });
  return () => observer.disconnect();
}
