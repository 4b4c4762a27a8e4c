// Whether to hurry, to jump, or to let it run, by how much farther behind than wanted a picture is when the next one has come.
//
//     steady ──more than LATE_MS──▶ hurry ──no more than NEAR_MS──▶ steady        more than DRIFT_MS: jump, then steady
//
// Pure.

export type Pace = "steady" | "hurry" | "jump";

/** As near as players go: Chromium holds still with less than 30 ms of film left, and begins anew with the next picture. */
const NEAR_MS = 25;
const LATE_MS = 45;
/** So much is drift, and not a hiccup: each jump costs the decoder its pictures, and 100 to 200 ms. */
const DRIFT_MS = 250;

export function paceOf(lateMs: number, before: Pace): Pace {
  if (lateMs > DRIFT_MS) return "jump";
  if (lateMs > LATE_MS) return "hurry";
  return before === "hurry" && lateMs > NEAR_MS ? "hurry" : "steady";
}
