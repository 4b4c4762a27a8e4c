// Who rang, and whether anybody has looked or said "I have it": folded by the recording that shows it.
//
// A visit is settled by whoever opens that very recording, by whoever watches live before it is sealed, or by an answer that names
// a line of it; the first of each stands. Nothing else settles one. Of more than `MOST` the oldest that is settled goes; where none
// is, the two oldest become one, which is told of as long as the younger is.
//
// Pure. Source: docs/FORMAT.md, "Visits".

import type { Bytes } from "../format/bytes.ts";

export const MOST = 64;

/** Who, and when. */
export interface Seen {
  readonly reader: Bytes;
  readonly at_utc: string;
}

export interface Visit {
  /** Lines of its first ring and its last. */
  readonly from: number;
  readonly seq: number;
  readonly first_utc: string;
  readonly last_utc: string;
  /** How many rings have a line: whoever leans on the bell has fewer. */
  readonly times: number;
  /** The recording that shows it, if there is one. */
  readonly clip: number;
  readonly answered: Seen | null;
  readonly looked: Seen | null;
}

export type Visits = readonly Visit[];

export const isOpen = ({ answered, looked }: Visit): boolean => answered === null && looked === null;

/** Take in a ring of line `seq`, which recording `clip` shows. */
export function rang(visits: Visits, seq: number, at_utc: string, clip: number): Visits {
  const last = visits.at(-1);
  if (last?.clip === clip) return [...visits.slice(0, -1), { ...last, seq, last_utc: at_utc, times: last.times + 1 }];
  const first = { from: seq, seq, first_utc: at_utc, last_utc: at_utc, times: 1, clip, answered: null, looked: null };
  return fitting([...visits, first]);
}

/** Take in that a reader has it. */
export const answered = (visits: Visits, ring: number, seen: Seen): Visits =>
  visits.map((visit) =>
    visit.answered === null && visit.from <= ring && ring <= visit.seq ? { ...visit, answered: seen } : visit,
  );

/** Take in that a reader saw what those recordings show for which `shows` holds. */
export const lookedAt = (visits: Visits, shows: (clip: number) => boolean, seen: Seen): Visits =>
  visits.map((visit) => (visit.looked === null && shows(visit.clip) ? { ...visit, looked: seen } : visit));

function fitting(visits: Visits): Visits {
  if (visits.length <= MOST) return visits;
  const settled = visits.findIndex((visit) => !isOpen(visit));
  if (settled !== -1) return visits.toSpliced(settled, 1);
  const [oldest, next, ...rest] = visits;
  if (oldest === undefined || next === undefined) return visits;
  return [{ ...next, from: oldest.from, first_utc: oldest.first_utc, times: oldest.times + next.times }, ...rest];
}
