/*
 * The page without a network: every file of this build is kept after the first visit, and what is the same
 * in the next build is not fetched again. The build fills in the list and the version.
 */
const FILES = __FILES__;
const CACHE = "hopscope-__VERSION__";
/** A network that takes longer than this for the page itself is none, ms. */
const PATIENCE = 4000;

/** One file after the other: on a bad line each that has come has come. */
async function keepAll() {
  const cache = await caches.open(CACHE);
  for (const file of FILES) {
    if (await cache.match(file)) continue;
    const known = file === "./" ? undefined : await caches.match(file);
    const response = known ?? (await fetch(file, { cache: "no-cache" }));
    if (!response.ok) throw new Error(`${file}: ${response.status}`);
    await cache.put(file, response);
  }
}

async function forgetOthers() {
  for (const name of await caches.keys())
    if (name.startsWith("hopscope-") && name !== CACHE) await caches.delete(name);
}

/** The newest page where there is a network, else the one that is kept. */
async function page(request) {
  const kept = await caches.match("./");
  if (!kept) return fetch(request);
  const late = new Promise((_, fail) => setTimeout(fail, PATIENCE));
  try {
    return await Promise.race([fetch(request), late]);
  } catch {
    return kept;
  }
}

self.addEventListener("install", (event) => {
  event.waitUntil(keepAll().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const home = new URL(self.registration.scope);
  if (request.method !== "GET" || origin !== home.origin) return;
  if (request.mode === "navigate") {
    if (pathname === home.pathname || pathname === `${home.pathname}index.html`)
      event.respondWith(page(request));
  } else event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
});
