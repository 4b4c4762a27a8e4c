// The door's sealed words on one clip, as `event` and `begun` hold them, opened and judged by themselves.
//
// Source: docs/FORMAT.md, "Spool".

import { type Bytes, equal } from "../format/bytes.ts";
import { FormatError } from "../format/json.ts";
import { masksFit } from "../format/masks.ts";
import { EVENT_METADATA, type Statement, statement } from "../format/statement.ts";
import type { Epochs } from "../sealing/epochs.ts";
import { SealBroken } from "../sealing/errors.ts";
import { frameHeader } from "../sealing/sframe.ts";
import { TrustError } from "../trust/errors.ts";
import type { Roster } from "../trust/roster.ts";
import { verify } from "../trust/signed.ts";

/** What came of one such word. `reason` is the end of a sentence. */
export type Word =
  | { readonly kind: "absent"; readonly reason: string }
  /** Sealed to a household to which this reader did not belong. */
  | { readonly kind: "locked"; readonly reason: string }
  /** Not what was sealed, or sealed under a key that this reader ought to have. */
  | { readonly kind: "damaged"; readonly reason: string }
  /** It opens, and is no word of this door on this clip. */
  | { readonly kind: "false"; readonly reason: string }
  /** `signed` is the statement as the door signed it. */
  | { readonly kind: "said"; readonly statement: Statement; readonly signed: Bytes };

/** Who reads. */
export interface Listener {
  readonly epochs: Epochs;
  readonly roster: Roster;
  /** The first epoch whose key this reader was given, and the last that the record tells of. */
  readonly firstEpoch: number;
  readonly lastEpoch: number;
}

export const ABSENT: Word = { kind: "absent", reason: "is missing" };

/** The word in a file; never throws for what it holds. */
export async function readWord(frame: Bytes | null, clip: number, listener: Listener): Promise<Word> {
  const { epochs, roster, firstEpoch, lastEpoch } = listener;
  if (frame === null) return ABSENT;
  let signed: Bytes | null;
  try {
    const epoch = Number(frameHeader(frame).kid);
    if (epoch < 1 || epoch > lastEpoch)
      return { kind: "damaged", reason: `names period ${epoch}, of which the record knows nothing` };
    signed = await epochs.open(frame, EVENT_METADATA);
    if (signed === null)
      return epoch < firstEpoch
        ? { kind: "locked", reason: "" }
        : { kind: "damaged", reason: `does not open: the key of period ${epoch} is missing` };
  } catch (error) {
    if (error instanceof SealBroken || error instanceof FormatError)
      return { kind: "damaged", reason: `was changed: ${error.message}` };
    throw error;
  }
  try {
    const said = await verify(roster.device, "statement", signed, statement);
    if (!equal(said.door, roster.door)) throw new TrustError("the statement is another door’s");
    if (said.clip !== clip) throw new TrustError(`the statement is of recording ${said.clip}`);
    if (!masksFit(said.masks, said.masks_sha256))
      throw new TrustError("the masks that the statement lists are not those that its digest stands for");
    return { kind: "said", statement: said, signed };
  } catch (error) {
    if (error instanceof TrustError || error instanceof FormatError)
      return { kind: "false", reason: `does not hold: ${error.message}` };
    throw error;
  }
}
