// What the door says is in its way, opened: its word at this very moment, which the record may not have.
//
// Source: docs/FORMAT.md, "Conditions".

import type { Bytes } from "../format/bytes.ts";
import { CONDITIONS_METADATA, type Condition, parseConditions } from "../format/conditions.ts";
import { FormatError } from "../format/json.ts";
import type { Epochs } from "../sealing/epochs.ts";
import { SealBroken } from "../sealing/errors.ts";

/** The gravest first; "untold" if the door could not say it, or not to this reader. */
export type Conditions = readonly Condition[] | "untold";

/** Whether somebody may have come by and not be among the recordings; a silent chime, a door that does not hear, and a computer that is unwell, keep nothing from them. */
export const hidesVisits = ({ kind }: Condition): boolean =>
  !["power", "chime", "loudspeaker", "microphone", "heat", "clock", "hushed", "hush"].includes(kind);

export async function openConditions(epochs: Epochs, sealed: Bytes | null): Promise<Conditions> {
  if (sealed === null) return "untold";
  try {
    const plaintext = await epochs.open(sealed, CONDITIONS_METADATA);
    return plaintext === null ? "untold" : parseConditions(plaintext);
  } catch (error) {
    if (error instanceof SealBroken || error instanceof FormatError) return "untold";
    throw error;
  }
}
