// A day's sealed events, opened and judged: what the list shows of each clip.
//
// Nothing is ever hidden: what cannot be opened or does not verify is shown as that.
//
// Source: docs/FORMAT.md, "Spool".

import { type Bytes, equal } from "../format/bytes.ts";
import type { Statement } from "../format/statement.ts";
import type { ClipFacts } from "../trust/facts.ts";
import { type Listener, type Word, readWord } from "./spoken.ts";

export interface SealedEvent {
  readonly clip: number;
  readonly event: Bytes | null;
  readonly begun: Bytes | null;
}

export type Clip = {
  readonly number: number;
  readonly day: string;
  /** The door's words on it, as they came. */
  readonly event: Word;
  readonly begun: Word;
} /** `signed` is the statement as the door signed it. `earlier`: begun before this reader joined; its event opens, its film does not. */ & (
  | {
      readonly kind: "recording" | "sealed" | "interrupted" | "unrecorded" | "earlier";
      readonly statement: Statement;
      readonly signed: Bytes;
    }
  /** Nothing is said of it yet: it has this moment begun. */
  | { readonly kind: "beginning" }
  /** Sealed under a key from before this reader joined. */
  | { readonly kind: "locked" }
  /** Changed, unsigned or another's; `reason` is for the developer's eye. */
  | { readonly kind: "broken"; readonly reason: string }
);

/** Whose eyes a clip is read with: who joined in line `joined`, and was given the film keys of some clips. */
export interface Eyes extends Listener {
  readonly joined: number;
  readonly isGiven: (clip: number) => boolean;
  /** Whether the record tells of a clip's end. */
  readonly isFinished: (clip: number) => boolean;
}

/** Whether the record tells of a clip's end. */
export const isSealed = (facts: ClipFacts | undefined): boolean => (facts?.sealed ?? null) !== null;

/** What is to be shown of one clip. */
export async function readClip(day: string, sealed: SealedEvent, eyes: Eyes): Promise<Clip> {
  const event = await readWord(sealed.event, sealed.clip, eyes);
  const begun = await readWord(sealed.begun, sealed.clip, eyes);
  const at = { number: sealed.clip, day, event, begun };
  const broken = (reason: string): Clip => ({ ...at, kind: "broken", reason });
  if (event.kind === "locked" || (event.kind === "absent" && begun.kind === "locked")) return { ...at, kind: "locked" };
  if (event.kind === "damaged" || event.kind === "false") return broken(event.reason);
  if (event.kind === "absent") {
    if (eyes.isFinished(sealed.clip)) return broken("its end is missing");
    if (begun.kind === "absent") return { ...at, kind: "beginning" };
    if (begun.kind !== "said" || begun.statement.state !== "recording") return broken("nothing says when it began");
    return { ...at, kind: "recording", statement: begun.statement, signed: begun.signed };
  }
  const said = event.statement;
  if (said.state === "recording") return broken("a beginning stands in the place of an end");
  if (said.state === "interrupted" && begun.kind !== "said" && begun.kind !== "locked")
    return broken(`the word on its beginning ${begun.reason}`);
  // A power cut leaves the end unknown: what was known at the beginning fills it in.
  const known = said.state === "interrupted" && begun.kind === "said" ? begun.statement : said;
  const isEarlier = said.state !== "unrecorded" && said.roster_seq < eyes.joined && !eyes.isGiven(sealed.clip);
  return {
    ...at,
    kind: isEarlier ? "earlier" : said.state,
    statement: {
      ...said,
      triggers: known.triggers,
      thumbnail: known.thumbnail,
      pre_roll_ms: known.pre_roll_ms,
      masks: known.masks,
      masks_sha256: known.masks_sha256,
    },
    signed: event.signed,
  };
}

/** Why a clip's film must not be shown as genuine, from what is known before its first byte; null if nothing speaks against it. */
export function doubtBefore(said: Statement, facts: ClipFacts | undefined): string | null {
  const begun = facts?.begun;
  if (!begun) return "the door’s record does not know this recording";
  if (said.header_sha256 === null || !equal(begun.header_sha256, said.header_sha256))
    return "the door’s record tells of another recording under this number";
  if (facts.stale) return "it is sealed for a household that was past when it began";
  return null;
}
