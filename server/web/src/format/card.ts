// The card code: letters that people scan or type, which name one door and admit one reader to it.
//
// Source: docs/FORMAT.md, "Keys and names"; BIP-173 for bech32.

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bech32 } from "@scure/base";

import { type Bytes, bytes, utf8 } from "./bytes.ts";

const LETTERS = 89;
const SECRET_BYTES = 16;

/** The letters are no card code; `message` is a sentence for the person who typed them. */
export class CardError extends Error {
  override readonly name = "CardError";
}

export interface Card {
  /** Expands to Admit; opens nothing. */
  readonly secret: Bytes;
  /** SHA-256 of line 0 of the ledger of the door that the card belongs to. */
  readonly bornSha256: Bytes;
}

/** The card that typed or scanned letters stand for. Throws CardError. */
export function parseCard(typed: string): Card {
  const code = typed.replace(/[\s\p{Pd}]/gu, "").toLowerCase();
  if (code.startsWith("agesecretkey"))
    throw new CardError(
      "This is the half of the card that opens recordings. Never type it into a page; use the half that says Admit.",
    );
  if (!code.startsWith("admit1")) throw new CardError("A card code begins with “admit1”.");
  if (code.length < LETTERS)
    throw new CardError(`Some letters are missing: a card code has ${LETTERS}, this has ${code.length}.`);
  if (code.length > LETTERS)
    throw new CardError(`There are too many letters: a card code has ${LETTERS}, this has ${code.length}.`);
  let data: Bytes;
  try {
    data = bytes(bech32.fromWords(bech32.decode(code as `admit1${string}`, LETTERS).words));
  } catch (error) {
    throw new CardError("A letter is wrong. Please compare with the card; there is no b, i or o after the first 1.", {
      cause: error,
    });
  }
  return { secret: data.slice(0, SECRET_BYTES), bornSha256: data.slice(SECRET_BYTES) };
}

/** The seed of Admit, an Ed25519 key. */
export const admitSeed = (card: Card): Bytes =>
  bytes(hkdf(sha256, card.secret, undefined, utf8("doorward/v1/admit"), 32));

/** The code in a link's fragment, or null; the fragment is never sent to any server. */
export function codeInFragment(fragment: string): string | null {
  const code = /^#card=(.+)$/.exec(fragment)?.[1];
  if (code === undefined) return null;
  try {
    return decodeURIComponent(code);
  } catch {
    // A stray percent sign: parseCard will say that it is no code.
    return code;
  }
}
