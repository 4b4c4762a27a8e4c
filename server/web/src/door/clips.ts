// A day's sealed events, opened and judged: what the list shows of each clip.
//
// Nothing is ever hidden: what cannot be opened or does not verify is shown as that.
//
// Source: docs/FORMAT.md, "Spool".

import { type Bytes, equal } from "../format/bytes.ts";
import { FormatError } from "../format/json.ts";
import { masksFit } from "../format/masks.ts";
import { EVENT_METADATA, type Statement, statement } from "../format/statement.ts";
import type { Epochs } from "../sealing/epochs.ts";
import { SealBroken } from "../sealing/errors.ts";
import { TrustError } from "../trust/errors.ts";
import type { ClipFacts } from "../trust/facts.ts";
import type { Roster } from "../trust/roster.ts";
import { verify } from "../trust/signed.ts";

export interface SealedEvent {
  readonly clip: number;
  readonly event: Bytes | null;
  readonly begun: Bytes | null;
}

export type Clip = { readonly number: number; readonly day: string } &
  /** `signed` is the statement as the door signed it. `earlier`: begun before this reader joined; its event opens, its film does not. */
  (
    | {
        readonly kind: "recording" | "sealed" | "interrupted" | "unrecorded" | "earlier";
        readonly statement: Statement;
        readonly signed: Bytes;
      }
    /** Sealed under a key from before this reader joined. */
    | { readonly kind: "locked" }
    /** Changed, unsigned or another's; `reason` is for the developer's eye. */
    | { readonly kind: "broken"; readonly reason: string }
  );

/** Whose eyes a clip is read with: who joined in line `joined`, and was given the film keys of some clips. */
export interface Eyes {
  readonly epochs: Epochs;
  readonly roster: Roster;
  readonly joined: number;
  readonly isGiven: (clip: number) => boolean;
}

/** What is to be shown of one clip. */
export async function readClip(day: string, sealed: SealedEvent, eyes: Eyes): Promise<Clip> {
  const { epochs, roster, joined } = eyes;
  const at = { number: sealed.clip, day };
  try {
    const event = sealed.event === null ? null : await open(sealed.event, sealed.clip, epochs, roster);
    const begun = sealed.begun === null ? null : await open(sealed.begun, sealed.clip, epochs, roster);
    if (event === "locked" || (event === null && begun === "locked")) return { ...at, kind: "locked" };
    if (event === null) {
      if (begun === null || begun === "locked" || begun.statement.state !== "recording")
        return { ...at, kind: "broken", reason: "nothing says when it began" };
      return { ...at, kind: "recording", ...begun };
    }
    const said = event.statement;
    if (said.state === "recording")
      return { ...at, kind: "broken", reason: "a beginning stands in the place of an end" };
    // A power cut leaves the end unknown: what was known at the beginning fills it in.
    const known = said.state === "interrupted" && begun !== null && begun !== "locked" ? begun.statement : said;
    const isEarlier = said.state !== "unrecorded" && said.roster_seq < joined && !eyes.isGiven(sealed.clip);
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
  } catch (error) {
    if (error instanceof SealBroken || error instanceof TrustError || error instanceof FormatError)
      return { ...at, kind: "broken", reason: error.message };
    throw error;
  }
}

interface Opened {
  readonly statement: Statement;
  readonly signed: Bytes;
}

async function open(frame: Bytes, clip: number, epochs: Epochs, roster: Roster): Promise<Opened | "locked"> {
  const signed = await epochs.open(frame, EVENT_METADATA);
  if (signed === null) return "locked";
  const said = await verify(roster.device, "statement", signed, statement);
  if (!equal(said.door, roster.door)) throw new TrustError("the statement is another door's");
  if (said.clip !== clip) throw new TrustError(`the statement is of recording ${said.clip}`);
  if (!masksFit(said.masks, said.masks_sha256))
    throw new TrustError("the masks that the statement lists are not those that its digest stands for");
  return { statement: said, signed };
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
