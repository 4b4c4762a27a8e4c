// Keep the screen on, where the browser can: asked for again each time the page is back in sight, since the lock ends with it.
//
// Source: W3C Screen Wake Lock API.

import { useEffect, useState } from "preact/hooks";

/** Whether the screen stays on: this browser cannot, it refused (a low battery, a setting), not yet, yes. */
export type Awake = "none" | "refused" | "asking" | "on";

/** Older engines lack it, whatever TypeScript’s lists say. */
interface Locks {
  readonly wakeLock?: WakeLock;
}

export function useAwake(): Awake {
  const [awake, setAwake] = useState<Awake>("asking");
  useEffect(() => {
    const { wakeLock } = navigator as Locks;
    if (wakeLock === undefined) {
      setAwake("none");
      return undefined;
    }
    const ending = new AbortController();
    const take = async (): Promise<void> => {
      if (document.hidden) return;
      try {
        const lock = await wakeLock.request("screen");
        if (ending.signal.aborted) {
          await lock.release();
          return;
        }
        setAwake("on");
        lock.addEventListener("release", () => {
          if (!ending.signal.aborted) setAwake("refused");
        });
        ending.signal.addEventListener("abort", () => void lock.release());
      } catch {
        if (!ending.signal.aborted) setAwake("refused");
      }
    };
    const again = (): void => {
      void take();
    };
    document.addEventListener("visibilitychange", again, { signal: ending.signal });
    again();
    return () => {
      ending.abort();
    };
  }, []);
  return awake;
}
