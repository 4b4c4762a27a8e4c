// The roster: who belongs to the household, and what waits for a second word. Plain data, so that IndexedDB keeps it as it is.
//
// Source: docs/FORMAT.md, "Household".

import { type Bytes, equal, sha256, toBase64 } from "../format/bytes.ts";
import type { ReaderKeys, Replacement } from "../format/household.ts";
import type { Born } from "../format/lines.ts";
import { isFit } from "../sealing/fitness.ts";

export const MAX_READERS = 16;
/** What takes two voices cannot be done by fewer readers. */
export const FEW_READERS = 2;
export const MAX_WAITING = 4;

export interface Reader extends ReaderKeys {
  /** Line in which the reader joined. */
  readonly seq: number;
  /** The first epoch whose key it is given. */
  readonly epoch: number;
}

/** Somebody who holds an invite and asks to join. */
export interface Application {
  readonly seq: number;
  /** SHA-256 of the signed admission: what a confirmation names. */
  readonly subject: Bytes;
  readonly inviter: Bytes;
  readonly reader: ReaderKeys;
}

/** Another card that waits. */
export interface Proposal {
  readonly seq: number;
  readonly blob: Bytes;
  readonly subject: Bytes;
  readonly replacement: Replacement;
}

export interface Roster {
  readonly label: string;
  readonly door: Bytes;
  readonly device: Bytes;
  readonly admit: Bytes;
  readonly open: string;
  readonly readers: readonly Reader[];
  /** Readers who were removed, so that what they did still has a name. */
  readonly former: readonly Reader[];
  readonly invites: readonly { readonly key: Bytes; readonly by: Bytes }[];
  readonly applications: readonly Application[];
  readonly proposal: Proposal | null;
  /** Every sign, invite and Admit key that was ever used, base64. */
  readonly spent: readonly string[];
  /** From which line on which keys clips are sealed to. */
  readonly keys: readonly SealedTo[];
}

/** To whom clips are sealed that name line `seq` as their roster. */
export interface SealedTo {
  readonly seq: number;
  /** How many keys. */
  readonly count: number;
  /** Members to whom nothing can be sealed, in the roster's order: sign keys of readers, Admit's for the card. */
  readonly leftOut: readonly Bytes[];
}

/** The roster of a newborn door: the card alone. */
export const bornRoster = (born: Born): Roster => ({
  label: born.door,
  door: sha256(born.device),
  device: born.device,
  admit: born.admit,
  open: born.open,
  readers: [],
  former: [],
  invites: [],
  applications: [],
  proposal: null,
  spent: [toBase64(born.admit)],
  keys: [sealedTo(0, [], born)],
});

export const readerOf = (roster: Roster, sign: Bytes): Reader | undefined =>
  roster.readers.find((reader) => equal(reader.sign, sign));

/** The same, also for somebody who was removed. */
export const everReaderOf = (roster: Roster, sign: Bytes): Reader | undefined =>
  readerOf(roster, sign) ?? roster.former.find((reader) => equal(reader.sign, sign));

/** To whom clips are sealed from line `seq` on: every reader and the card, but for those to whom nothing can be. */
export function sealedTo(seq: number, readers: readonly ReaderKeys[], card: Pick<Roster, "admit" | "open">): SealedTo {
  const members = [
    ...readers.map(({ sign, recipient }) => [sign, recipient] as const),
    [card.admit, card.open] as const,
  ];
  const leftOut = members.filter(([, recipient]) => !isFit(recipient)).map(([key]) => key);
  return { seq, count: members.length - leftOut.length, leftOut };
}

/** To whom a clip is sealed that names this line as its roster. */
export const keysAt = (roster: Roster, seq: number): SealedTo =>
  roster.keys.findLast((entry) => entry.seq <= seq) ?? { seq, count: 1, leftOut: [] };

/** Who can open what is sealed now: every reader, then the card. */
export const recipients = ({ readers, open }: Roster): readonly string[] => [
  ...readers.map(({ recipient }) => recipient),
  open,
];
