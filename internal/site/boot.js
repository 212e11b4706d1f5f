// Runs in the head of every page, before anything is painted.
(() => {
  const root = document.documentElement;
  const ask = new URLSearchParams(location.search);

  // The theme: ?theme= wins, then what the visitor chose before, else the system decides (see tokens.css).
  let theme = ask.get("theme");
  try { theme ||= localStorage.getItem("petri:theme"); } catch { /* no storage, no memory */ }
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  if (ask.get("embed") === "1") root.classList.add("embed");

  // A page has one address, whatever name of its file it was asked for by: /page, never /page.html, /page/ or index.html.
  const home = {{.Scope}};
  let path = location.pathname.replace(/\/index\.html$/, "/").replace(/\.html$/, "");
  if (path !== home) path = path.replace(/\/$/, "");
  if (path !== location.pathname) history.replaceState(history.state, "", path + location.search + location.hash);

  // window.petriUpdate tells the page that a newer version of the site is kept and waits, and takes it on request.
  // The event "petri:update" is sent when it becomes ready.
  const update = (window.petriUpdate = { ready: false, apply() { location.reload(); } });
  if (!("serviceWorker" in navigator)) return;
  const offer = (registration) => {
    if (!registration.waiting || !navigator.serviceWorker.controller) return;
    update.ready = true;
    update.apply = () => {
      navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
      registration.waiting.postMessage({ petri: "activate" });
    };
    window.dispatchEvent(new Event("petri:update"));
    if (window.goappOnUpdate) window.goappOnUpdate();
  };
  // Keeping the site for offline use must not compete with its first start, nor with a stage that is in view.
  addEventListener("load", async () => {
    if (window.petriStart) await petriStart.settled;
    await new Promise((go) => setTimeout(go, 3000));
    try {
      const registration = await navigator.serviceWorker.register({{.Worker}}, { scope: home });
      offer(registration);
      registration.addEventListener("updatefound", () => {
        const worker = registration.installing;
        if (worker) worker.addEventListener("statechange", () => { if (worker.state === "installed") offer(registration); });
      });
    } catch (err) {
      console.warn("Petri cannot be kept for offline use here:", err.message);
    }
  });
})();
