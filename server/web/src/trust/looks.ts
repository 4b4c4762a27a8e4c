// Who looked at what: folded by reader, kind and recording or day, so that no number of looks hides another.
//
// What is folded further is never another reader's and never another kind: recordings that are gone, and days beyond the last 400.
//
// Source: docs/FORMAT.md, "Ledger", private bodies.

import { type Bytes, toBase64 } from "../format/bytes.ts";

/** More days than any door keeps. */
export const MAX_DAYS = 400;

interface Looked {
  readonly seq: number;
  readonly at_utc: string;
  readonly reader: Bytes;
}

/** A look at pictures, or a word at the door; null stands for recordings that are gone, or for older days, together. */
export type Look = Looked &
  (
    | { readonly kind: "opened" | "exported"; readonly clip: number | null }
    | { readonly kind: "listed"; readonly day: string | null }
    /** `seconds` of all that ended, together. */
    | { readonly kind: "watched" | "talked"; readonly seconds: number }
  );

type Lasting = Extract<Look, { seconds: number }>;

/** The newest look of its kind, by its reader, at its thing; and how many there were. */
export interface Folded {
  readonly look: Look;
  readonly times: number;
}

/** Kind and reader → recording or day → looks, those that were looked at last at the end. */
export type Looks = Map<string, Map<string, Folded>>;

const TOGETHER = "";

export const copyLooks = (looks: Looks): Looks => new Map([...looks].map(([who, things]) => [who, new Map(things)]));

/** Take in one more look. */
export function learnLook(looks: Looks, look: Look): void {
  const who = `${look.kind} ${toBase64(look.reader)}`;
  const things = looks.get(who) ?? new Map<string, Folded>();
  looks.set(who, things);
  put(things, thingOf(look), look, 1);
  if (look.kind === "listed" && things.size > MAX_DAYS) {
    const oldest = [...things.keys()].find((thing) => thing !== TOGETHER);
    if (oldest !== undefined) fold(things, oldest);
  }
}

/** Watching, or talking, ended that was taken in when it began. */
export function learnEnd(looks: Looks, look: Lasting): void {
  const things = looks.get(`${look.kind} ${toBase64(look.reader)}`);
  if (things !== undefined) put(things, TOGETHER, look, 0);
}

/** A recording is gone: looks at it stay, together with those at others that are gone. */
export function learnGone(looks: Looks, clip: number): void {
  for (const [who, things] of looks) if (/^(opened|exported) /.test(who)) fold(things, String(clip));
}

/** Every look as it is folded. */
export const looksOf = (looks: Looks): readonly Folded[] =>
  [...looks.values()].flatMap((things) => [...things.values()]);

/** Looks at recordings one after the other, as a check of everything leaves them: that many count as one. */
const MANY = 5;
const AFTER_MS = 120_000;

export interface Row extends Folded {
  /** How many recordings were opened one after the other; 1 for a look by itself. */
  readonly recordings: number;
}

/** Every look, newest first; where one reader opened many recordings one after the other, they are one row. */
export function rowsOf(looks: Looks): readonly Row[] {
  const rows: Row[] = [];
  for (const things of looks.values()) {
    const inTurn = [...things.values()].toSorted((a, b) => a.look.seq - b.look.seq);
    for (const run of runs(inTurn)) {
      const last = run.at(-1);
      if (last !== undefined && run.length >= MANY)
        rows.push({ ...last, recordings: run.length, times: run.reduce((sum, { times }) => sum + times, 0) });
      else rows.push(...run.map((folded) => ({ ...folded, recordings: 1 })));
    }
  }
  return rows.toSorted((a, b) => b.look.seq - a.look.seq);
}

function runs(inTurn: readonly Folded[]): readonly (readonly Folded[])[] {
  const found: Folded[][] = [];
  for (const folded of inTurn) {
    const run = found.at(-1);
    const before = run?.at(-1)?.look;
    const isNext = isOpened(folded.look) && before !== undefined && isOpened(before);
    if (isNext && Date.parse(folded.look.at_utc) - Date.parse(before.at_utc) <= AFTER_MS) run?.push(folded);
    else found.push([folded]);
  }
  return found;
}

const isOpened = (look: Look): boolean => look.kind === "opened" && look.clip !== null;

function fold(things: Map<string, Folded>, thing: string): void {
  const folded = things.get(thing);
  if (folded === undefined) return;
  things.delete(thing);
  put(things, TOGETHER, together(folded.look), folded.times);
}

function together(look: Look): Look {
  switch (look.kind) {
    case "opened":
    case "exported":
      return { ...look, clip: null };
    case "listed":
      return { ...look, day: null };
    case "watched":
    case "talked":
      return look;
  }
}

function put(things: Map<string, Folded>, thing: string, look: Look, times: number): void {
  const known = things.get(thing);
  things.delete(thing);
  const newest = known !== undefined && known.look.seq > look.seq ? known.look : look;
  const seconds = secondsOf(look) + (known === undefined ? 0 : secondsOf(known.look));
  const counted = "seconds" in newest ? { ...newest, seconds } : newest;
  things.set(thing, { look: counted, times: (known?.times ?? 0) + times });
}

const secondsOf = (look: Look): number => ("seconds" in look ? look.seconds : 0);

function thingOf(look: Look): string {
  switch (look.kind) {
    case "opened":
    case "exported":
      return look.clip === null ? TOGETHER : String(look.clip);
    case "listed":
      return look.day ?? TOGETHER;
    case "watched":
    case "talked":
      return TOGETHER;
  }
}
