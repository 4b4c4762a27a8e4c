// Keys as words that can be said on the telephone and compared: eight words, 128 bits of a hash.
//
// A word is consonant (4 bits), vowel (2), consonant (4), vowel (2), consonant (4).
//
// Source: Wilkerson, "A Proposal for Proquints", arXiv 0901.4016; docs/FORMAT.md, "Words".

import { type Bytes, sha256 } from "./bytes.ts";

const CONSONANTS = "bdfghjklmnprstvz";
const VOWELS = "aiou";
const WORDS = 8;

/** The words of a device's public key. */
export const wordsOf = (deviceKey: Bytes): string => proquints(sha256(deviceKey).slice(0, 2 * WORDS));

/** Two words by which a person tells that a film opened, from the SHA-256 of the film. */
export const filmWordsOf = (plaintextSha256: Bytes): string => proquints(plaintextSha256.slice(0, 4));

/** Two bytes a word. */
function proquints(data: Uint8Array): string {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: Math.floor(data.length / 2) }, (_, i) => proquint(view.getUint16(2 * i))).join(" ");
}

function proquint(value: number): string {
  const letter = (letters: string, shift: number): string => letters[(value >> shift) & (letters.length - 1)] ?? "";
  return (
    letter(CONSONANTS, 12) + letter(VOWELS, 10) + letter(CONSONANTS, 6) + letter(VOWELS, 4) + letter(CONSONANTS, 0)
  );
}
