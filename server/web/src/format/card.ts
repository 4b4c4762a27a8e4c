// Codes that people scan, type or hand on: a card's and an invite's name one door and sign one admission to it; a new card's
// carries its public keys.
//
// Source: docs/FORMAT.md, "Keys and names" and "Household"; BIP-173 for bech32.

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bech32 } from "@scure/base";

import { type Bytes, bytes, concat, utf8 } from "./bytes.ts";

const SECRET_BYTES = 16;
const CODE_BYTES = 48;
const ADMIT_BYTES = 32;
const OPEN_BYTES = 1216;

/** The letters are no code; `message` is a sentence for the person who typed them. */
export class CardError extends Error {
  override readonly name = "CardError";
}

export type CodeKind = "admit" | "invite";

export interface Code {
  /** An invite admits once a second reader confirms; a card admits at once. */
  readonly kind: CodeKind;
  /** Expands to the key that signs an admission; opens nothing. */
  readonly secret: Bytes;
  /** SHA-256 of line 0 of the ledger of the door that the code belongs to. */
  readonly bornSha256: Bytes;
}

/** The code that typed or scanned letters stand for. Throws CardError. */
export function parseCode(typed: string): Code {
  const code = plain(typed);
  if (code.startsWith("agesecretkey"))
    throw new CardError(
      "This is the half of the card that opens recordings. Never type it into a page; use the half that says Admit.",
    );
  const kind = code.startsWith("invite1") ? "invite" : "admit";
  const noun = kind === "invite" ? "An invitation" : "A card code";
  if (!code.startsWith(`${kind}1`))
    throw new CardError("A card code begins with “admit1”, an invitation with “invite1”.");
  const letters = lettersOf(kind);
  if (code.length < letters)
    throw new CardError(`Some letters are missing: ${noun.toLowerCase()} has ${letters}, this has ${code.length}.`);
  if (code.length > letters)
    throw new CardError(`There are too many letters: ${noun.toLowerCase()} has ${letters}, this has ${code.length}.`);
  let data: Bytes;
  try {
    data = bytes(bech32.fromWords(bech32.decode(code as `${string}1${string}`, letters).words));
  } catch (error) {
    throw new CardError("A letter is wrong. Please compare again; there is no b, i or o after the first 1.", {
      cause: error,
    });
  }
  return { kind, secret: data.slice(0, SECRET_BYTES), bornSha256: data.slice(SECRET_BYTES) };
}

/** Prefix, separator, data, checksum. */
const lettersOf = (kind: CodeKind): number => kind.length + 1 + Math.ceil((CODE_BYTES * 8) / 5) + 6;

/** The seed of the key that signs the admission, an Ed25519 key. */
export const seedOf = ({ kind, secret }: Pick<Code, "kind" | "secret">): Bytes =>
  bytes(hkdf(sha256, secret, undefined, utf8(`doorward/v1/${kind}`), 32));

export const inviteCode = ({ secret, bornSha256 }: Pick<Code, "secret" | "bornSha256">): string =>
  bech32.encode("invite", bech32.toWords(concat(secret, bornSha256)), false);

/** The public keys of a card that is to take another's place. */
export interface NewCard {
  readonly admit: Bytes;
  readonly open: string;
}

/** The new card that a text stands for, as `doorward` writes it. Throws CardError. */
export function parseNewCard(typed: string): NewCard {
  const code = plain(typed);
  let data: Bytes;
  try {
    const { prefix, words } = bech32.decode(code as `${string}1${string}`, false);
    data = bytes(bech32.fromWords(words));
    if (prefix !== "newcard" || data.length !== ADMIT_BYTES + OPEN_BYTES) throw new Error("another text");
  } catch (error) {
    throw new CardError("This is not the whole text of a new card. It begins with “newcard1”.", { cause: error });
  }
  const open = bech32.encode("age1pq", bech32.toWords(data.subarray(ADMIT_BYTES)), false);
  return { admit: data.slice(0, ADMIT_BYTES), open };
}

/** Whether a text is bech32 as it is written here: in lower case, without stray bits. */
export function isBech32(text: string): boolean {
  try {
    const { prefix, words } = bech32.decode(text as `${string}1${string}`, false);
    return bech32.encode(prefix, bech32.toWords(bech32.fromWords(words)), false) === text;
  } catch {
    return false;
  }
}

const plain = (typed: string): string => typed.replace(/[\s\p{Pd}]/gu, "").toLowerCase();

/** The code in a link's fragment, or null; the fragment is never sent to any server. */
export function codeInFragment(fragment: string): string | null {
  const code = /^#(?:card|invite)=(.+)$/.exec(fragment)?.[1];
  if (code === undefined) return null;
  try {
    return decodeURIComponent(code);
  } catch {
    // A stray percent sign: parseCode will say that it is no code.
    return code;
  }
}
