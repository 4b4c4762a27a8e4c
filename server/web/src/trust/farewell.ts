// That this reader was removed: by whom, and when, in the door's own signed word.
//
// Source: docs/FORMAT.md, "Farewell".

import { type Bytes, equal } from "../format/bytes.ts";
import { removal as removalForm } from "../format/household.ts";
import { farewell as form } from "../format/messages.ts";
import { TrustError } from "./errors.ts";
import { type Roster, everReaderOf } from "./roster.ts";
import { unchecked, verify } from "./signed.ts";

/** Plain data, so that IndexedDB keeps it as it is. */
export interface Farewell {
  /** The reader itself, the card, or another reader. */
  readonly by: "self" | "card" | "reader";
  /** What that reader was called, as far as anybody knows. */
  readonly label: string | null;
  readonly atUtc: string | null;
}

/** What a farewell to `reader` says. Throws TrustError, or FormatError. */
export async function readFarewell(signed: Bytes, roster: Roster, reader: Bytes): Promise<Farewell> {
  const said = await verify(roster.device, "farewell", signed, form);
  const { by } = unchecked(said.removal, removalForm, "removal");
  const removal = await verify(by, "removal", said.removal, removalForm);
  for (const { door, reader: gone } of [said, removal])
    if (!equal(door, roster.door) || !equal(gone, reader)) throw new TrustError("this farewell is to somebody else");
  const told = { label: said.label ?? everReaderOf(roster, by)?.label ?? null, atUtc: said.at_utc };
  if (equal(by, reader)) return { ...told, by: "self" };
  // Whoever is not known by any name may have joined since.
  return { ...told, by: told.label === null && equal(by, roster.admit) ? "card" : "reader" };
}
