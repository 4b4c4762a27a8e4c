// What a household has to notice, apart from looks: who came and went, the card, settings, grants, what was not seen.
//
// Nothing here is ever dropped for something else. Each kind, by each person, about each thing, has a series of its own; so somebody
// who joins, or a card that is asked for, is there whatever else is said afterwards, and however often.
//
// Source: docs/FORMAT.md, "Ledger" and "Household".

import { type Bytes, equal, toBase64 } from "../format/bytes.ts";
import type { PrivateBody } from "../format/lines.ts";
import type { Happening } from "./happening.ts";
import type { Roster } from "./roster.ts";
import { KEPT, type Series, added } from "./series.ts";

export type Gap = Extract<PrivateBody, { type: "gap" }>;

interface At {
  /** Its line. */
  readonly seq: number;
  /** Null if its time was sealed before this reader joined. */
  readonly at_utc: string | null;
}

export type Noted = At &
  (
    | { readonly kind: "household"; readonly happening: Happening }
    | {
        readonly kind: "set";
        readonly reader: Bytes;
        readonly what: readonly string[];
        readonly privacy: boolean;
        readonly snoozed_until_utc: string | null;
      }
    | { readonly kind: "granted"; readonly clips: number; readonly reader: Bytes; readonly to: Bytes }
    | { readonly kind: "drilled"; readonly reader: Bytes }
    /** As much was written for this reader (Admit: with the card; null: for all together) as a day allows. */
    | { readonly kind: "spent"; readonly reader: Bytes | null }
    | { readonly kind: "gap"; readonly at_utc: string; readonly from_utc: string; readonly reason: Gap["reason"] }
  );

export type Changes = Map<string, Series<Noted>>;

/** One of a series, as it is shown; `times` is more than what is shown of it, or 0. */
export interface Row {
  readonly noted: Noted;
  readonly times: number;
}

/** Take in one more. */
export function learnNoted(changes: Changes, noted: Noted): void {
  const key = keyOf(noted);
  const series = changes.get(key);
  const begun = noted.kind === "gap" ? series?.newest.find((known) => isSameGap(known, noted)) : undefined;
  // A gap that lasts has two lines: the one of its end says all that the one of its beginning said.
  if (series !== undefined && begun !== undefined)
    changes.set(key, { ...series, newest: [...series.newest.filter((known) => known !== begun), noted] });
  else changes.set(key, added(series, noted));
}

/** All that is kept, newest first. */
export const changesOf = (changes: Changes): readonly Row[] =>
  rowsOf(changes, () => true).toSorted((a, b) => b.noted.seq - a.noted.seq);

/** Who set that part of the settings last, and when, as far as this reader can know. */
export const lastSet = (changes: Changes, part: string): Extract<Noted, { kind: "set" }> | undefined =>
  [...changes.values()]
    .flatMap(({ newest }) => newest)
    .filter((noted) => noted.kind === "set" && noted.what.includes(part))
    .reduce<Extract<Noted, { kind: "set" }> | undefined>(
      (last, noted) => (noted.kind === "set" && (last === undefined || noted.seq > last.seq) ? noted : last),
      undefined,
    );

/** What there is to tell. */
export interface Told {
  readonly rows: readonly Row[];
  /** How many devices more came and went again; with the card's help it could be thousands, and none of them is here. */
  readonly passersBy: number;
}

/** What came after line `since` and was not this reader's own doing: who belongs first, then what the door sees. */
export function newsOf(changes: Changes, roster: Roster, me: Bytes, since: number): Told {
  const unseen = rowsOf(changes, (noted) => noted.seq > since && noted.kind !== "drilled" && !isBy(noted, me));
  const { rows, passersBy } = withoutCrowd(unseen, roster, since);
  return { rows: rows.toSorted((a, b) => weightOf(a.noted) - weightOf(b.noted)), passersBy };
}

/** All that is kept, newest first, but for the crowd of those who came and went; the newest of them are there. */
export const latelyOf = (changes: Changes, roster: Roster): Told =>
  withoutCrowd(
    rowsOf(changes, () => true),
    roster,
    0,
  );

/** Leave out whoever was not there at line `since` and is not there now, but for the newest. */
function withoutCrowd(rows: readonly Row[], roster: Roster, since: number): Told {
  const gone = new Set(roster.former.filter(({ seq }) => seq > since).map(({ sign }) => toBase64(sign)));
  const newestFirst = rows.toSorted((a, b) => b.noted.seq - a.noted.seq);
  const crowd = new Set(newestFirst.filter(({ noted }) => gone.has(passengerOf(noted))).slice(2 * KEPT));
  return {
    rows: newestFirst.filter((row) => !crowd.has(row)),
    passersBy: [...crowd].filter(({ noted }) => noted.kind === "household" && noted.happening.what === "joined").length,
  };
}

/** Whose coming or going it tells of; nobody's otherwise. */
function passengerOf(noted: Noted): string {
  if (noted.kind !== "household") return "";
  const { happening } = noted;
  return happening.what === "joined" || happening.what === "removed" ? toBase64(happening.reader) : "";
}

function rowsOf(changes: Changes, wanted: (noted: Noted) => boolean): readonly Row[] {
  return [...changes.values()].flatMap(({ newest, times }) => {
    const rows = newest.filter(wanted);
    return rows.map((noted, i) => ({ noted, times: i === rows.length - 1 && times > newest.length ? times : 0 }));
  });
}

function keyOf(noted: Noted): string {
  switch (noted.kind) {
    case "household":
      return aboutOf(noted.happening);
    case "set":
      return `set ${toBase64(noted.reader)} ${noted.what.join()}`;
    case "granted":
      return `granted ${toBase64(noted.reader)} ${toBase64(noted.to)}`;
    case "drilled":
      return `drilled ${toBase64(noted.reader)}`;
    case "spent":
      return `spent ${noted.reader === null ? "" : toBase64(noted.reader)}`;
    case "gap":
      return `gap ${noted.reason}`;
  }
}

function aboutOf(happening: Happening): string {
  const name = (key: Bytes | null): string => (key === null ? "" : toBase64(key));
  switch (happening.what) {
    case "joined":
    case "removed":
      return `${happening.what} ${name(happening.reader)}`;
    case "renamed":
      return `renamed ${name(happening.reader)} ${name(happening.by)}`;
    case "applied":
      return `applied ${name(happening.inviter)}`;
    case "invited":
    case "turned_away":
    case "card_proposed":
    case "card_objected":
    case "card_replaced":
      return `${happening.what} ${name(happening.by)}`;
  }
}

function isSameGap(known: Noted, noted: Noted): boolean {
  return known.kind === "gap" && noted.kind === "gap" && known.from_utc === noted.from_utc;
}

function isBy(noted: Noted, me: Bytes): boolean {
  switch (noted.kind) {
    case "household": {
      const by = noted.happening.what === "applied" ? noted.happening.inviter : noted.happening.by;
      return by !== null && equal(by, me);
    }
    case "set":
    case "granted":
    case "drilled":
      return equal(noted.reader, me);
    case "spent": // also by this very key: somebody else may have it
    case "gap":
      return false;
  }
}

const HOUSEHOLD_WEIGHT: Readonly<Record<Happening["what"], number>> = {
  joined: 0,
  removed: 0,
  card_replaced: 1,
  card_proposed: 1,
  card_objected: 2,
  turned_away: 2,
  applied: 3,
  invited: 4,
  renamed: 5,
};

function weightOf(noted: Noted): number {
  switch (noted.kind) {
    case "household":
      return HOUSEHOLD_WEIGHT[noted.happening.what];
    case "set":
      return 1;
    case "spent":
      return 2;
    case "granted":
      return 3;
    case "gap":
      return 4;
    case "drilled":
      return 5;
  }
}
