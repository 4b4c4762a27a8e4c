// Opens a sealed recording with the card's Open half: bytes in, film out. No network, no door, nothing kept.
//
// age names no sender: that a file opens does not tell who sealed it. Only a film with its proof can be checked for that. Nor is there
// a record here that would tell to whom it should be sealed: this page says to how many it is, and who may count them.
//
// Source: c2sp.org/age.

import { type Bytes, bytes } from "../format/bytes.ts";
import { filmWordsOf } from "../format/words.ts";
import { NotForUs, SealBroken } from "../sealing/errors.ts";
import { Opener } from "../sealing/stream.ts";
import { plural } from "../ui/parts/times.ts";
import { sha256 } from "@noble/hashes/sha2.js";

export type Opening =
  | {
      readonly kind: "opened";
      readonly film: Blob;
      readonly words: string;
      /** To how many it is sealed, the card among them. */
      readonly keys: number;
    }
  /** What there is up to the last whole part. */
  | { readonly kind: "cut"; readonly film: Blob }
  /** The same, but what follows was changed or damaged. */
  | { readonly kind: "damaged"; readonly film: Blob }
  | { readonly kind: "refused"; readonly sentence: string };

const MAGIC = "age-encryption.org/";
const refused = (sentence: string): Opening => ({ kind: "refused", sentence });

export const UNREADABLE = "The file could not be read, or was changed meanwhile. Please choose it again.";
export const isUnreadable = (error: unknown): boolean => error instanceof DOMException;

/** The Open half in what somebody typed, pasted or chose as a file; null if there is none. */
export function openHalfIn(text: string): string | null {
  // Paper breaks lines where it likes.
  const joined = text
    .toUpperCase()
    .replace(/^#.*$/gm, "")
    .replace(/[\s\p{Pd}]+/gu, "");
  const letters = /AGESECRETKEYPQ1[02-9AC-HJ-NP-Z]+/.exec(joined)?.[0];
  return letters === undefined ? null : letters.replace("AGESECRETKEYPQ1", "AGE-SECRET-KEY-PQ-1");
}

/** What a sealed file holds. `read` is told how many bytes were read. Never throws for what the file holds. */
export async function openRecording(file: Blob, half: string, read: (size: number) => void): Promise<Opening> {
  if ((await file.slice(0, MAGIC.length).text()) !== MAGIC)
    return refused("This is not a sealed recording. Its name ends with “.mp4.age”.");
  let keys = 0;
  const opener = new Opener(half, ({ stanzas }) => {
    keys = stanzas;
  });
  const digest = sha256.create();
  const chunks: Bytes[] = [];
  const film = (): Blob => new Blob(chunks, { type: "video/mp4" });
  const take = (chunk: Bytes): void => {
    digest.update(chunk);
    chunks.push(chunk);
  };
  try {
    const reader = file.stream().getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      for await (const chunk of opener.push(next.value)) take(chunk);
      read(opener.size);
    }
    const { chunk, ending } = opener.end();
    if (chunk !== null) take(chunk);
    if (ending === "complete")
      return { kind: "opened", film: film(), words: filmWordsOf(bytes(digest.digest())), keys };
    return chunks.length > 0
      ? { kind: "cut", film: film() }
      : refused("Nothing of this recording is left that could be opened.");
  } catch (error) {
    if (error instanceof NotForUs)
      return refused(
        `This half does not open this recording, which is sealed to ${plural(keys, "key")}. It belongs to another card, or was made later; if it is the card of that time, somebody else was put in its place, and “doorward verify” with this card tells.`,
      );
    if (error instanceof SealBroken && chunks.length > 0) return { kind: "damaged", film: film() };
    if (error instanceof SealBroken) return refused("This recording was changed or damaged, and does not open.");
    if (isUnreadable(error)) return refused(UNREADABLE);
    if (error instanceof Error && chunks.length === 0)
      return refused("These are not the letters of a card’s lower half. Please compare them with the card.");
    throw error;
  }
}
