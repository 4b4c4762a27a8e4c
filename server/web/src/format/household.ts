// Forms of what changes the household: the public lines, and the statements inside them that people's keys sign.
//
// Source: docs/FORMAT.md, "Household".

import { type Parsed, blob, nullable, object, string } from "./json.ts";

const digest = blob(32);
const key = blob(32);
/** A reader's: of either kind that browsers keep. */
const recipient = string(/^age1(?:pq|tagpq)1[02-9ac-hj-np-z]+$/);
/** The card's: it is read back from paper, so it has an identity that age can write down. */
const open = string(/^age1pq1[02-9ac-hj-np-z]+$/);

export const reader = object({ label: string(), sign: key, recipient });
export type ReaderKeys = Parsed<typeof reader>;

export const admission = object({ door: digest, reader });
export const invite = object({ door: digest, by: key, key });
export const confirmation = object({ door: digest, by: key, subject: digest });
export const removal = object({ door: digest, by: key, reader: key });
export const renaming = object({ door: digest, by: key, reader: key, label: string() });
export const replacement = object({ door: digest, by: key, admit: key, open });
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
