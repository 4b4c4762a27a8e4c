// The roster: who belongs to the household, as nothing but a fold over the ledger's public lines.
//
// Source: docs/FORMAT.md, "Roster".

import { type Bytes, equal, sha256 } from "../format/bytes.ts";
import { FormatError } from "../format/json.ts";
import { type Born, type ReaderKeys, admission } from "../format/lines.ts";
import { TrustError } from "./errors.ts";
import { verify } from "./signed.ts";

export const MAX_READERS = 16;
export const MAX_LABEL_LETTERS = 40;
// Controls, formats (bidirectional marks, joiners), surrogates, private use, line and paragraph separators: they deceive the eye.
const UNFIT = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;

export interface Reader extends ReaderKeys {
  /** Line in which the reader joined. */
  readonly seq: number;
  /** The first epoch whose key it is given. */
  readonly epoch: number;
}

export interface Roster {
  readonly label: string;
  readonly door: Bytes;
  readonly device: Bytes;
  readonly admit: Bytes;
  readonly open: string;
  readonly readers: readonly Reader[];
}

export const bornRoster = (born: Born): Roster => ({
  label: born.door,
  door: sha256(born.device),
  device: born.device,
  admit: born.admit,
  open: born.open,
  readers: [],
});

/** The roster after the reader that `blob` admits in line `seq`, before `epoch` begins. Throws TrustError. */
export async function admitted(
  roster: Roster,
  { seq, epoch }: Pick<Reader, "seq" | "epoch">,
  blob: Bytes,
): Promise<Roster> {
  const claim = await verify(roster.admit, "admission", blob, admission).catch((error: unknown) => {
    if (error instanceof TrustError || error instanceof FormatError)
      throw new TrustError("adds a reader without the card’s signature", { cause: error });
    throw error;
  });
  if (!equal(claim.door, roster.door)) throw new TrustError("adds a reader to another door");
  if (labelFault(claim.reader.label) !== null) throw new TrustError("adds a reader with a name that deceives");
  if (readerOf(roster, claim.reader.sign)) throw new TrustError("adds a reader twice");
  if (roster.readers.length >= MAX_READERS) throw new TrustError("adds a reader to a full household");
  return { ...roster, readers: [...roster.readers, { ...claim.reader, seq, epoch }] };
}

export const readerOf = (roster: Roster, sign: Bytes): Reader | undefined =>
  roster.readers.find((reader) => equal(reader.sign, sign));

/** How many keys a clip is sealed to that names this line as its roster: every reader's, and the card's. */
export const keysAt = (roster: Roster, seq: number): number =>
  roster.readers.filter((reader) => reader.seq <= seq).length + 1;

/** What is wrong with a name that a person chose, as a sentence; null if nothing. */
export function labelFault(label: string): string | null {
  // Code points, as the device counts them.
  const letters = Array.from(label).length;
  if (letters === 0) return "Please give a name.";
  if (letters > MAX_LABEL_LETTERS) return `A name has at most ${MAX_LABEL_LETTERS} letters; this has ${letters}.`;
  if (label !== label.trim() || label !== label.normalize("NFC") || UNFIT.test(label))
    return "A name has only visible letters. Joined emoji do not work either.";
  return null;
}
