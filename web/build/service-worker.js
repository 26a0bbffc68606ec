// Keeps the page for when there is no network. VERSION and FILES are written by build/offline.mjs: the
// version is the content of all files, so that another build has another cache and drops this one.
const VERSION = "";
const FILES = [];

const PREFIX = "plimsoll-";
const NAME = PREFIX + VERSION;

self.addEventListener("install", (event) => {
  const requests = FILES.map((file) => new Request(file, { cache: "reload" }));
  const filled = caches.open(NAME).then((cache) => cache.addAll(requests));
  event.waitUntil(filled.then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const dropped = caches.keys().then((names) => {
    const old = names.filter((name) => name.startsWith(PREFIX) && name !== NAME);
    return Promise.all(old.map((name) => caches.delete(name)));
  });
  event.waitUntil(dropped.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const path = request.url.replace(self.registration.scope, "").split(/[?#]/, 1)[0];
  // The page itself is asked for first, so that a new build is seen at once. Its files carry a hash of their
  // content in their names: one that is kept is the right one. All else, such as plan.json, is not ours.
  if (request.mode === "navigate") {
    const kept = () => caches.match("./", { cacheName: NAME });
    event.respondWith(
      fetch(request).catch(async (error) => (await kept()) ?? Promise.reject(error)),
    );
  } else if (FILES.includes(`./${path}`)) {
    const kept = caches.match(request, { cacheName: NAME });
    event.respondWith(kept.then((answer) => answer ?? fetch(request)));
  }
});
