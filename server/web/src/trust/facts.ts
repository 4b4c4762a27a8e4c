// What the ledger's private lines say, folded: which clips were begun and sealed, what changed, and who looked.
//
// Changes and looks are apart: no number of looks takes the place of a change.
//
// Source: docs/FORMAT.md, "Ledger", private bodies.

import { type Bytes, toBase64 } from "../format/bytes.ts";
import type { PrivateBody } from "../format/lines.ts";
import { type Changes, learnNoted } from "./noted.ts";
import type { Happening } from "./happening.ts";
import { type TimesTold, timeTold } from "./times.ts";
import { type Looks, copyLooks, learnEnd, learnGone, learnLook } from "./looks.ts";
import { type Seen, type Visits, answered, lookedAt, rang } from "./visits.ts";

type Begun = Extract<PrivateBody, { type: "clip_begun" }>;
type Sealed = Extract<PrivateBody, { type: "clip_sealed" }>;

export interface ClipFacts {
  readonly begun: Begun | null;
  readonly sealed: Sealed | null;
  /** Whose keys open these two lines, and its event. */
  readonly epochs: readonly number[];
  /** Whether the line in which it begins names a household that was past by then. */
  readonly stale: boolean;
  /** Whether the run in which it began has stopped in order. */
  readonly isPast: boolean;
}

/** Where a private body stands. */
export interface Place {
  readonly seq: number;
  /** Whose key sealed it. */
  readonly epoch: number;
  /** Line in which who can open changed last. */
  readonly rosterSeq: number;
}

/** A fold in progress: `learn` changes it, so that a year of lines folds in linear time. */
export interface Facts {
  readonly clips: Map<number, ClipFacts>;
  /** The highest number that any line tells of. */
  newest: number;
  /** Clips that gave way: they are told of no more, and promised no more. */
  readonly gone: Set<number>;
  readonly changes: Changes;
  readonly looks: Looks;
  visits: Visits;
  /** Whether the last word about the device is that it stopped in order. */
  stopped: boolean;
  /** Whether somebody has shown that the card's Open half opens, since the card is the one that it is. */
  drilled: boolean;
  /** What was said of recordings that were made before the door knew the time. */
  times: TimesTold;
  /** How many grants were made. */
  grants: number;
  /** Who watches live at this line, by reader, and where: on so many pages. */
  watching: ReadonlyMap<string, number>;
  /** Who is heard at the door at this line; null if nobody. */
  speaking: Bytes | null;
}

export const noFacts = (): Facts => ({
  clips: new Map(),
  newest: 0,
  gone: new Set(),
  changes: new Map(),
  looks: new Map(),
  visits: [],
  times: [],
  stopped: false,
  drilled: false,
  grants: 0,
  watching: new Map(),
  speaking: null,
});

export const copyFacts = (facts: Facts): Facts => ({
  ...facts,
  clips: new Map(facts.clips),
  gone: new Set(facts.gone),
  changes: new Map(facts.changes),
  looks: copyLooks(facts.looks),
});

/** Take in a change of the household from line `seq`; `dated` is its private body, if this reader can open it. */
export function learnChange(facts: Facts, seq: number, happening: Happening, dated: PrivateBody | null): void {
  if (happening.what === "card_replaced") facts.drilled = false;
  learnNoted(facts.changes, { kind: "household", seq, at_utc: dated?.at_utc ?? null, happening });
}

/** Take in one more private body. */
export function learn(facts: Facts, { seq, epoch, rosterSeq }: Place, body: PrivateBody): void {
  facts.stopped = body.type === "stopped";
  const { at_utc } = body;
  switch (body.type) {
    case "clip_begun": {
      // Numbers are never used again, so the first word about one stands.
      const known = facts.clips.get(body.clip);
      const epochs = [...(known?.epochs ?? []), epoch];
      const begun = known?.begun ?? body;
      const stale = known?.begun ? known.stale : body.roster_seq !== rosterSeq;
      facts.newest = Math.max(facts.newest, body.clip);
      facts.clips.set(body.clip, {
        begun,
        sealed: known?.sealed ?? null,
        epochs,
        stale,
        isPast: known?.isPast ?? false,
      });
      return;
    }
    case "clip_sealed": {
      const known = facts.clips.get(body.clip);
      const epochs = [...(known?.epochs ?? []), epoch];
      const sealed = known?.sealed ?? body;
      const [stale, isPast] = [known?.stale ?? false, known?.isPast ?? false];
      facts.newest = Math.max(facts.newest, body.clip);
      facts.clips.set(body.clip, { begun: known?.begun ?? null, sealed, epochs, stale, isPast });
      return;
    }
    case "clip_deleted":
      facts.newest = Math.max(facts.newest, body.clip);
      facts.gone.add(body.clip);
      facts.clips.delete(body.clip);
      learnGone(facts.looks, body.clip);
      return;
    case "clip_handed_out":
      look(facts, body, (clip) => clip === body.clip);
      learnLook(facts.looks, { kind: "opened", seq, at_utc, clip: body.clip, reader: body.reader });
      return;
    case "clip_exported":
      look(facts, body, (clip) => clip === body.clip);
      learnLook(facts.looks, { kind: "exported", seq, at_utc, clip: body.clip, reader: body.reader });
      return;
    case "day_listed":
      learnLook(facts.looks, { kind: "listed", seq, at_utc, day: body.day, reader: body.reader });
      return;
    case "rang":
      facts.visits = rang(facts.visits, seq, at_utc, clipOfNow(facts));
      return;
    case "answered":
      facts.visits = answered(facts.visits, body.ring, { reader: body.reader, at_utc });
      return;
    case "live_began":
      look(facts, body, (clip) => isRunning(facts.clips.get(clip)));
      learnLook(facts.looks, { kind: "watched", seq, at_utc, reader: body.reader, seconds: 0 });
      watch(facts, body.reader, 1);
      return;
    case "talk_began":
      learnLook(facts.looks, { kind: "talked", seq, at_utc, reader: body.reader, seconds: 0 });
      facts.speaking = body.reader;
      return;
    case "talk_ended":
      learnEnd(facts.looks, { kind: "talked", seq, at_utc, reader: body.reader, seconds: body.talked_s });
      facts.speaking = null;
      return;
    case "granted":
      facts.grants += 1;
      learnNoted(facts.changes, { kind: "granted", seq, at_utc, clips: body.clips, reader: body.reader, to: body.to });
      return;
    case "settings_changed":
      learnNoted(facts.changes, {
        kind: "set",
        seq,
        at_utc,
        reader: body.reader,
        what: body.what,
        privacy: body.privacy,
        snoozed_until_utc: body.snoozed_until_utc,
      });
      return;
    case "time_told":
      facts.times = timeTold(facts.times, body, facts.newest);
      return;
    case "drill_passed":
      facts.drilled = true;
      learnNoted(facts.changes, { kind: "drilled", seq, at_utc, reader: body.reader });
      return;
    case "allowance_spent":
      learnNoted(facts.changes, { kind: "spent", seq, at_utc, reader: body.reader });
      return;
    case "gap":
      learnNoted(facts.changes, { kind: "gap", seq, at_utc, from_utc: body.from_utc, reason: body.reason });
      return;
    case "stopped":
      for (const [clip, known] of facts.clips)
        if (known.sealed === null) facts.clips.set(clip, { ...known, isPast: true });
      return;
    case "live_ended":
      learnEnd(facts.looks, { kind: "watched", seq, at_utc, reader: body.reader, seconds: body.watched_s });
      watch(facts, body.reader, -1);
      return;
    case "started":
      // Whatever the run before it did not end, a power cut did.
      facts.watching = new Map();
      facts.speaking = null;
      return;
    case "dated":
      return;
  }
}

function watch(facts: Facts, reader: Bytes, change: 1 | -1): void {
  const name = toBase64(reader);
  const pages = (facts.watching.get(name) ?? 0) + change;
  const others = [...facts.watching].filter(([other]) => other !== name);
  facts.watching = new Map(pages > 0 ? [...others, [name, pages]] : others);
}

/** The recording that shows what happens at this line: the one that runs, else the next. */
function clipOfNow({ clips, newest }: Facts): number {
  return isRunning(clips.get(newest)) ? newest : newest + 1;
}

export const isRunning = (clip: ClipFacts | undefined): boolean =>
  clip !== undefined && clip.begun !== null && clip.sealed === null && !clip.isPast;

function look(facts: Facts, { reader, at_utc }: Seen, shows: (clip: number) => boolean): void {
  facts.visits = lookedAt(facts.visits, shows, { reader, at_utc });
}
