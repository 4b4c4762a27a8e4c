// When a recording was made, as far as anybody knows: a door without a battery clock films by whatever time it woke up with, and is told
// later by how much that was off. A label, and nothing else.
//
// Source: docs/FORMAT.md, "Ledger", `time_told`.

import type { Bytes } from "../format/bytes.ts";
import type { PrivateBody } from "../format/lines.ts";

type Body = Extract<PrivateBody, { type: "time_told" }>;

interface Told {
  readonly from: number;
  readonly until: number;
  readonly byMs: number;
  /** Whose clock says so; null for the door's own, once it was set. */
  readonly reader: Bytes | null;
}
export type TimesTold = readonly Told[];

/** As many are kept; a clock that is set so often says nothing any more. */
const MOST = 64;
/** Before the one, doorward was not made; from the other on, no clock of today is right. */
const [BORN_MS, STRANGE_MS] = [Date.UTC(2026, 0), Date.UTC(2100, 0)];

/** What is known once that line was read; `newest` is the number of the newest recording before it. */
export function timeTold(times: TimesTold, { at_utc, says_utc, clip, reader }: Body, newest: number): TimesTold {
  const byMs = Date.parse(says_utc) - Date.parse(at_utc);
  return [...times, { from: clip, until: newest, byMs, reader }].slice(-MOST);
}

export interface Made {
  /** Null if nobody knows. */
  readonly at: string | null;
  /** By whose word, of a recording that was made before the door knew the time; null if the door knew. */
  readonly by: "door" | Bytes | null;
}

/** When recording `clip` was made, of which the door said `at` by its clock. */
export function madeAt(times: TimesTold, clip: number, at: string): Made {
  const told = times.findLast(({ from, until }) => from <= clip && clip <= until);
  const ms = Date.parse(at) + (told?.byMs ?? 0);
  if (!(BORN_MS <= ms && ms < STRANGE_MS)) return { at: null, by: null };
  if (told === undefined) return { at, by: null };
  const made = new Date(ms).toISOString();
  // Of some, only the day is known.
  return { at: at.includes("T") ? made : made.slice(0, at.length), by: told.reader ?? "door" };
}
