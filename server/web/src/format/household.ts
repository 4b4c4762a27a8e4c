// Forms of what changes the household: the public lines, and the statements inside them that people's keys sign.
//
// Source: docs/FORMAT.md, "Household".

import { isBech32 } from "./card.ts";
import { type Parsed, blob, nullable, object, string, textThat } from "./json.ts";

const digest = blob(32);
const key = blob(32);
/** Of any kind: whether something can be sealed to it, and whether a card may have it, the door tries before there is a line. */
export const recipient = textThat("an age recipient", (text) => text.startsWith("age1") && isBech32(text));

export const reader = object({ label: string(), sign: key, recipient });
export type ReaderKeys = Parsed<typeof reader>;

export const admission = object({ door: digest, reader });
export const invite = object({ door: digest, by: key, key });
export const confirmation = object({ door: digest, by: key, subject: digest });
export const removal = object({ door: digest, by: key, reader: key });
export const renaming = object({ door: digest, by: key, reader: key, label: string() });
export const replacement = object({ door: digest, by: key, admit: key, open: recipient });
export type Replacement = Parsed<typeof replacement>;
export const objection = object({ door: digest, by: key, subject: digest });

/** Public bodies, by their type. */
export const changes = {
  reader_added: { admission: blob() },
  invited: { invite: blob() },
  applied: { admission: blob() },
  reader_confirmed: { confirmation: blob() },
  reader_removed: { removal: blob() },
  reader_renamed: { renaming: blob() },
  card_proposed: { replacement: blob() },
  card_objected: { objection: blob() },
  card_replaced: { replacement: blob(), confirmation: nullable(blob()) },
} as const;
