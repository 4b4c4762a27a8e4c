// What the ledger's private lines say, folded: which clips were begun and sealed, and who looked.
//
// Source: docs/FORMAT.md, "Ledger", private bodies.

import type { Bytes } from "../format/bytes.ts";
import type { PrivateBody } from "../format/lines.ts";

/** How many looks are remembered; the record itself has them all. */
export const MAX_LOOKS = 200;

type Begun = Extract<PrivateBody, { type: "clip_begun" }>;
type Sealed = Extract<PrivateBody, { type: "clip_sealed" }>;

export interface ClipFacts {
  readonly begun: Begun | null;
  readonly sealed: Sealed | null;
}

/** Something that a person may want to know happened. */
export type Look =
  | { readonly kind: "opened"; readonly at_utc: string; readonly clip: number; readonly reader: Bytes }
  | { readonly kind: "listed"; readonly at_utc: string; readonly day: string; readonly reader: Bytes }
  | { readonly kind: "joined"; readonly at_utc: string; readonly seq: number }
  | {
      readonly kind: "gap";
      readonly at_utc: string;
      readonly from_utc: string;
      readonly reason: "camera" | "overload" | "disk";
    };

/** A fold in progress: `learn` changes it, so that a year of lines folds in linear time. */
export interface Facts {
  readonly clips: Map<number, ClipFacts>;
  /** Newest last. */
  looks: Look[];
  /** Whether the last word about the device is that it stopped in order. */
  stopped: boolean;
}

export const noFacts = (): Facts => ({ clips: new Map(), looks: [], stopped: false });

export const copyFacts = (facts: Facts): Facts => ({ ...facts, clips: new Map(facts.clips), looks: [...facts.looks] });

/** Take in one more private body, from line `seq`. */
export function learn(facts: Facts, seq: number, body: PrivateBody): void {
  facts.stopped = body.type === "stopped";
  switch (body.type) {
    case "clip_begun": {
      // Numbers are never used again, so the first word about one stands.
      const known = facts.clips.get(body.clip);
      facts.clips.set(body.clip, { begun: known?.begun ?? body, sealed: known?.sealed ?? null });
      return;
    }
    case "clip_sealed": {
      const known = facts.clips.get(body.clip);
      facts.clips.set(body.clip, { begun: known?.begun ?? null, sealed: known?.sealed ?? body });
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
    case "reader_added":
      look(facts, { kind: "joined", at_utc: body.at_utc, seq });
      return;
    case "gap":
      look(facts, { kind: "gap", at_utc: body.at_utc, from_utc: body.from_utc, reason: body.reason });
      return;
    case "started":
    case "stopped":
      return;
  }
}

function look(facts: Facts, seen: Look): void {
  facts.looks.push(seen);
  if (facts.looks.length > MAX_LOOKS) facts.looks.shift();
}
