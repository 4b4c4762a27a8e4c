// What the ledger's private lines say, folded: which clips were begun and sealed, and who looked.
//
// Source: docs/FORMAT.md, "Ledger", private bodies.

import type { Bytes } from "../format/bytes.ts";
import type { PrivateBody } from "../format/lines.ts";
import type { Happening } from "./happening.ts";

/** How many looks are remembered; the record itself has them all. */
export const MAX_LOOKS = 200;

type Begun = Extract<PrivateBody, { type: "clip_begun" }>;
export type Gap = Extract<PrivateBody, { type: "gap" }>;
type Sealed = Extract<PrivateBody, { type: "clip_sealed" }>;

export interface ClipFacts {
  readonly begun: Begun | null;
  readonly sealed: Sealed | null;
  /** Whose keys open these two lines, and its event. */
  readonly epochs: readonly number[];
  /** Whether the line in which it begins names a household that was past by then. */
  readonly stale: boolean;
}

/** Where a private body stands. */
export interface Place {
  /** Whose key sealed it. */
  readonly epoch: number;
  /** Line in which who can open changed last. */
  readonly rosterSeq: number;
}

/** Something that a person may want to know happened. */
export type Look =
  | { readonly kind: "opened"; readonly at_utc: string; readonly clip: number; readonly reader: Bytes }
  | { readonly kind: "listed"; readonly at_utc: string; readonly day: string; readonly reader: Bytes }
  | { readonly kind: "exported"; readonly at_utc: string; readonly clip: number; readonly reader: Bytes }
  | {
      readonly kind: "granted";
      readonly at_utc: string;
      readonly clips: number;
      readonly reader: Bytes;
      readonly to: Bytes;
    }
  | { readonly kind: "watched"; readonly at_utc: string; readonly reader: Bytes }
  | { readonly kind: "set"; readonly at_utc: string; readonly reader: Bytes; readonly what: readonly string[] }
  | { readonly kind: "drilled"; readonly at_utc: string; readonly reader: Bytes }
  /** `at_utc` is null if its time was sealed before this reader joined. */
  | { readonly kind: "household"; readonly at_utc: string | null; readonly seq: number; readonly happening: Happening }
  | { readonly kind: "gap"; readonly at_utc: string; readonly from_utc: string; readonly reason: Gap["reason"] };

/** A fold in progress: `learn` changes it, so that a year of lines folds in linear time. */
export interface Facts {
  readonly clips: Map<number, ClipFacts>;
  /** Newest last. */
  looks: Look[];
  /** Whether the last word about the device is that it stopped in order. */
  stopped: boolean;
  /** Whether somebody has shown that the card's Open half opens, since the card is the one that it is. */
  drilled: boolean;
  /** How many grants were made. */
  grants: number;
}

export const noFacts = (): Facts => ({ clips: new Map(), looks: [], stopped: false, drilled: false, grants: 0 });

export const copyFacts = (facts: Facts): Facts => ({ ...facts, clips: new Map(facts.clips), looks: [...facts.looks] });

/** Take in a change of the household from line `seq`; `dated` is its private body, if this reader can open it. */
export function learnChange(facts: Facts, seq: number, happening: Happening, dated: PrivateBody | null): void {
  if (happening.what === "card_replaced") facts.drilled = false;
  look(facts, { kind: "household", at_utc: dated?.at_utc ?? null, seq, happening });
}

/** Take in one more private body. */
export function learn(facts: Facts, { epoch, rosterSeq }: Place, body: PrivateBody): void {
  facts.stopped = body.type === "stopped";
  switch (body.type) {
    case "clip_begun": {
      // Numbers are never used again, so the first word about one stands.
      const known = facts.clips.get(body.clip);
      const epochs = [...(known?.epochs ?? []), epoch];
      const begun = known?.begun ?? body;
      const stale = known?.begun ? known.stale : body.roster_seq !== rosterSeq;
      facts.clips.set(body.clip, { begun, sealed: known?.sealed ?? null, epochs, stale });
      return;
    }
    case "clip_sealed": {
      const known = facts.clips.get(body.clip);
      const epochs = [...(known?.epochs ?? []), epoch];
      const sealed = known?.sealed ?? body;
      facts.clips.set(body.clip, { begun: known?.begun ?? null, sealed, epochs, stale: known?.stale ?? false });
      return;
    }
    case "clip_deleted":
      facts.clips.delete(body.clip);
      return;
    case "clip_handed_out":
      look(facts, { kind: "opened", at_utc: body.at_utc, clip: body.clip, reader: body.reader });
      return;
    case "day_listed":
      look(facts, { kind: "listed", at_utc: body.at_utc, day: body.day, reader: body.reader });
      return;
    case "clip_exported":
      look(facts, { kind: "exported", at_utc: body.at_utc, clip: body.clip, reader: body.reader });
      return;
    case "granted":
      facts.grants += 1;
      look(facts, { kind: "granted", at_utc: body.at_utc, clips: body.clips, reader: body.reader, to: body.to });
      return;
    case "live_began":
      look(facts, { kind: "watched", at_utc: body.at_utc, reader: body.reader });
      return;
    case "settings_changed":
      look(facts, { kind: "set", at_utc: body.at_utc, reader: body.reader, what: body.what });
      return;
    case "drill_passed":
      facts.drilled = true;
      look(facts, { kind: "drilled", at_utc: body.at_utc, reader: body.reader });
      return;
    case "gap":
      // A gap that lasts has two lines: the one of its end says all that the one of its beginning said.
      facts.looks = facts.looks.filter(
        (known) => known.kind !== "gap" || known.reason !== body.reason || known.from_utc !== body.from_utc,
      );
      look(facts, { kind: "gap", at_utc: body.at_utc, from_utc: body.from_utc, reason: body.reason });
      return;
    case "dated":
    case "started":
    case "stopped":
    case "live_ended":
      return;
  }
}

function look(facts: Facts, seen: Look): void {
  facts.looks.push(seen);
  if (facts.looks.length > MAX_LOOKS) facts.looks.shift();
}
