// The service worker: keeps the page's own files, so that it opens and says what it knows while the door is out of reach.
//
// The network comes first: an update of the door is seen at once, and what is kept is only ever what the door last served. What is
// sealed or said never passes here: it is neither a page nor a file of one.

const KEPT = "page";
const FILES = ["/", "/assets/app.js", "/assets/app.css", "/assets/icon.svg", "/manifest.webmanifest"];
const PATIENCE_MS = 4_000;

/** The little of a worker's world that is used here; TypeScript's lists are for pages. */
interface World {
  addEventListener(type: "install" | "activate", listener: (event: Lasting) => void): void;
  addEventListener(type: "fetch", listener: (event: Fetching) => void): void;
  addEventListener(type: "notificationclick", listener: (event: Clicked) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void>; matchAll(of: { type: "window" }): Promise<readonly Shown[]> };
}
interface Lasting {
  waitUntil(work: Promise<unknown>): void;
}
/** An open page. */
interface Shown {
  focus(): Promise<unknown>;
}
interface Clicked extends Lasting {
  readonly notification: { close(): void };
}
interface Fetching extends Lasting {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

const world = self as unknown as World;

world.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(KEPT)
      .then((kept) => kept.addAll(FILES))
      .then(() => world.skipWaiting()),
  );
});

world.addEventListener("activate", (event) => {
  event.waitUntil(world.clients.claim());
});

world.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(world.clients.matchAll({ type: "window" }).then(([page]) => page?.focus()));
});

world.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin || !FILES.includes(pathname)) return;
  event.respondWith(fresh(event.request, pathname));
});

async function fresh(request: Request, path: string): Promise<Response> {
  const kept = await caches.open(KEPT);
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.ok) await kept.put(path, response.clone());
    return response;
  } catch (error) {
    const known = await kept.match(path);
    if (known) return known;
    throw error;
  }
}
