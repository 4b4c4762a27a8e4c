// How long to wait before the next try.

const LONGEST_MS = 15_000;
const SHORTEST_MS = 500;

/** Waits that double, and start over once a try went well. Spread by up to a half, so that a house of tablets does not knock as one. */
export function* waits(wentWell: () => boolean, random: () => number = Math.random): Generator<number> {
  for (let wait = SHORTEST_MS; ; wait = Math.min(wait * 2, LONGEST_MS)) {
    if (wentWell()) wait = SHORTEST_MS;
    yield wait * (0.75 + random() / 2);
  }
}

/** Resolves after so many milliseconds, or as soon as `woken` fires. */
export function pause(ms: number, woken: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    woken.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
