// Where in which recording a moment can be seen. Pure: recordings and a time in, a place out.

import type { Statement } from "../format/statement.ts";
import type { Clip } from "./clips.ts";

/** A recording whose film can be opened. */
export type Film = Extract<Clip, { statement: Statement }>;

export interface Moment {
  readonly clip: Film;
  /** From the film's first picture to the moment, in seconds. */
  readonly fromS: number;
  /** `then`: that moment itself. `since`: nothing was recorded then, and this began after it. `before`: the newest that there is, from before it. */
  readonly is: "then" | "since" | "before";
}

export const hasFilm = (clip: Clip): clip is Film =>
  clip.kind === "recording" || clip.kind === "sealed" || clip.kind === "interrupted";

/** The moment `agoMs` before `nowMs` of the door's clock, or what comes nearest to it; null if nothing that can be opened was recorded. */
export function momentAgo(clips: Iterable<Clip>, nowMs: number, agoMs: number): Moment | null {
  const wantedMs = nowMs - agoMs;
  const films = [...clips].filter(hasFilm).sort((a, b) => b.number - a.number);
  const then = films.find((clip) => begun(clip) <= wantedMs && wantedMs < ended(clip, nowMs));
  if (then) return { clip: then, fromS: (wantedMs - begun(then)) / 1000, is: "then" };
  const since = films.findLast((clip) => begun(clip) > wantedMs && begun(clip) <= nowMs);
  if (since) return { clip: since, fromS: 0, is: "since" };
  const [newest] = films;
  if (!newest) return null;
  return { clip: newest, fromS: Math.max(0, newest.statement.duration_ms - agoMs) / 1000, is: "before" };
}

const begun = ({ statement }: Film): number => Date.parse(statement.begun_utc);
/** A recording that was cut short does not know how long it is: it is seen from its beginning. */
const ended = (clip: Film, nowMs: number): number =>
  clip.kind === "recording" ? nowMs : begun(clip) + clip.statement.duration_ms;
