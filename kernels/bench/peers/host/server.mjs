// Static files on this machine, never cached and never compressed, for our pages and the others' alike.
import { createReadStream, existsSync, statSync } from "node:fs";
import http from "node:http";
import path from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
};

// serve serves folders under prefixes, {"/site/": folder}, and returns the port and a function that ends it.
export async function serve(folders) {
  const server = http.createServer((request, response) => {
    const file = locate(folders, decodeURIComponent(new URL(request.url, "http://localhost").pathname));
    if (!file) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      "content-type": TYPES[path.extname(file)] ?? "application/octet-stream",
      "content-length": statSync(file).size,
      "cache-control": "no-store",
    });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: server.address().port, close: () => server.close() };
}

function locate(folders, name) {
  const prefix = Object.keys(folders)
    .filter((p) => name.startsWith(p))
    .sort((a, b) => b.length - a.length)[0];
  if (!prefix) return null;
  const folder = path.resolve(folders[prefix]);
  const asked = path.join(folder, name.slice(prefix.length));
  if (asked !== folder && !asked.startsWith(folder + path.sep)) return null;
  // Tried in turn, as static hosts do: the file, a page of that name, the index of a folder.
  return [asked, `${asked}.html`, path.join(asked, "index.html")].find((f) => existsSync(f) && statSync(f).isFile());
}
