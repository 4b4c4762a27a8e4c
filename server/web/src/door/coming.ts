// The sealed bytes of one clip from its first to its last: fetched on where a connection broke, and, while the clip is still being
// recorded, as the door writes them.
//
// Source: docs/FORMAT.md, "HTTP".

import { Unreachable } from "../format/unreachable.ts";
import type { HandedOut } from "./handed_out.ts";
import { pause } from "./patience.ts";

/** From one attempt to the next, where nothing comes. */
export const AGAIN_MS = 2_000;
/** From one look for what was recorded meanwhile to the next: a chunk is a quarter of a second of film, or more. */
const GROWS_MS = 500;

export interface Course {
  /** How many bytes the whole of it has; null while it is being recorded. */
  readonly whole: () => number | null;
  /** Whether what is wanted does not come just now. */
  readonly isLate: (late: boolean) => void;
  readonly stopped: AbortSignal;
}

/** Yields parts as they come, however often the door is out of reach. Throws Refused, TrustError; Unreachable once it is stopped. */
export async function* coming(handed: HandedOut, { whole, isLate, stopped }: Course): AsyncGenerator<Uint8Array, void> {
  let at = 0;
  for (;;) {
    try {
      const before = at;
      for await (const part of handed.rest(at)) {
        at += part.length;
        isLate(false);
        yield part;
      }
      isLate(false);
      const all = whole();
      if (all !== null && at >= all) return;
      if (all === null) await pause(GROWS_MS, stopped);
      // There is no more, and there ought to be: how much there is, the door says itself.
      else if (at === before && (await handed.again()) <= at) return;
    } catch (error) {
      if (!(error instanceof Unreachable) || stopped.aborted) throw error;
      isLate(true);
      await pause(AGAIN_MS, stopped);
    }
  }
}
