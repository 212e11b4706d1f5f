// Petri's service worker: the whole site is kept, so that it works without a network after the first visit.
//
// A version is one cache, named by the contents of the site. A new version is fetched beside the old one and waits:
// pages that are open keep the version they started with until the visitor takes the new one (or closes them all).
// Other sites of the same host keep their caches: only keys of this scope are ever removed.
const scope = new URL(self.registration.scope).pathname;
const prefix = "petri:" + scope + ":";
const cacheName = prefix + {{.Version}};
const files = {{.Files}}; // below the scope
const pages = {{.Pages}}; // bare path -> file

self.addEventListener("install", (event) => event.waitUntil(keepAll()));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const key of await caches.keys()) {
    if (key.startsWith(prefix) && key !== cacheName) await caches.delete(key);
  }
  await self.clients.claim();
})()));

self.addEventListener("message", (event) => {
  if (event.data && event.data.petri === "activate") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin || !url.pathname.startsWith(scope)) return;
  event.respondWith(answer(event.request, url));
});

// keepAll fetches every file of this version, a few at a time. It starts over where an interrupted one stopped, and takes
// from an older version what has not changed: a file with a hash in its name is the same wherever it comes from.
async function keepAll() {
  const cache = await caches.open(cacheName);
  const older = [];
  for (const key of await caches.keys()) {
    if (key.startsWith(prefix) && key !== cacheName) older.push(await caches.open(key));
  }
  const keep = async (file) => {
    const key = scope + file, hashed = /\.[0-9a-f]{8}\.\w+$/.test(file);
    if (await cache.match(key, { ignoreVary: true })) return;
    for (const other of hashed ? older : []) {
      const kept = await other.match(key, { ignoreVary: true });
      if (kept) return cache.put(key, kept);
    }
    // What the page has fetched a moment ago comes from the browser's cache, if its name says that it is the same.
    const response = await fetch(new Request(key, { cache: hashed ? "default" : "no-cache" }));
    if (!response.ok) throw new Error(key + " answered " + response.status);
    // A redirected response may not answer a navigation later, so what is kept is a plain copy.
    return cache.put(key, response.redirected ? new Response(await response.blob(), { headers: response.headers }) : response);
  };
  const left = files.slice();
  const keepNext = async () => {
    for (let file; (file = left.shift()) !== undefined; ) await keep(file);
  };
  await Promise.all([keepNext(), keepNext(), keepNext(), keepNext()]);
}

// fileOf names the kept file for a path: pages are known by their bare path, with a slash, with .html and as index.html.
function fileOf(path) {
  const rest = path.slice(scope.length);
  const bare = rest.replace(/(^|\/)index\.html$/, "").replace(/\.html$/, "").replace(/\/$/, "");
  return Object.hasOwn(pages, bare) ? pages[bare] : rest;
}

async function answer(request, url) {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(scope + fileOf(url.pathname), { ignoreVary: true });
  if (kept) return kept;
  let response, failure;
  try { response = await fetch(request); } catch (err) { failure = err; }
  // A page that nobody has is answered in our own words, whether the server says so or cannot be reached.
  if (request.mode === "navigate" && (failure || response.status === 404)) {
    const missing = await cache.match(scope + pages["404"], { ignoreVary: true });
    if (missing) return new Response(missing.body, { status: 404, headers: missing.headers });
  }
  if (failure) throw failure;
  return response;
}
