// Where a film goes on behind pictures that a player lost. A door that did not keep up shows one picture for longer (its films have no
// holes), and WebKitGTK takes the next for late: it drops all up to the following keyframe, and waits at that hole for ever.
//
// Pure.

/** As a browser tells what it holds. */
export interface Held {
  readonly length: number;
  readonly start: (index: number) => number;
  readonly end: (index: number) => number;
}

/** Players stand still a little before a hole. */
const NEARLY_S = 0.1;

/** Where the next piece begins, if all of the piece that is shown was played; null if there is none, or it goes on. */
export function behindHole(held: Held, atS: number): number | null {
  for (let index = 0; index + 1 < held.length; index += 1)
    if (held.start(index) <= atS && held.end(index) - NEARLY_S <= atS && atS < held.start(index + 1))
      return held.start(index + 1);
  return null;
}
