// A film read to its end and held to its header, its keys and its hashes, whatever it holds: for whoever checks everything.
//
// Source: docs/FORMAT.md, "A clip is genuine if".

import type { Identity } from "age-encryption";
import { sha256 } from "@noble/hashes/sha2.js";

import { type Film, NO_FILM } from "../clips/verdict.ts";
import { type Bytes, EMPTY, bytes } from "../format/bytes.ts";
import { NotForUs, SealBroken } from "../sealing/errors.ts";
import { Opener } from "../sealing/stream.ts";
import type { ClipFacts } from "../trust/facts.ts";
import type { SealedTo } from "../trust/roster.ts";
import { doubtOfKeys } from "./keys.ts";

/** Whose eyes a film is read with. */
export interface Onlooker {
  readonly identity: Identity | string;
  /** Keys of this film that somebody gave. */
  readonly given: readonly Bytes[];
  /** To whom a clip of this roster is sealed. */
  readonly keys: (rosterSeq: number) => SealedTo;
  /** Whether this reader belonged to the household after that line. */
  readonly belongsAt: (seq: number) => boolean;
}

/** What there is to be said of a film. Throws what `sealed` throws. */
export async function inspect(
  sealed: AsyncIterable<Uint8Array>,
  facts: ClipFacts | undefined,
  { identity, given, keys, belongsAt }: Onlooker,
): Promise<Film> {
  const begun: { headerSha256: Bytes; stanzas: number } = { headerSha256: EMPTY, stanzas: 0 };
  const opener = new Opener(identity, (beginning) => Object.assign(begun, beginning), given);
  const [ciphertext, plaintext] = [sha256.create(), sha256.create()];
  let size = 0;
  let error: SealBroken | null = null;
  const open = async (part: Uint8Array): Promise<void> => {
    for await (const chunk of opener.push(part)) plaintext.update(chunk);
  };
  for await (const part of sealed) {
    size += part.length;
    ciphertext.update(part);
    error ??= await broken(open(part));
  }
  const end = { isComplete: false };
  error ??= await broken(
    Promise.resolve().then(() => {
      const { chunk, ending } = opener.end();
      end.isComplete = ending === "complete";
      if (chunk !== null) plaintext.update(chunk);
    }),
  );
  const seen = { ...NO_FILM, size, ciphertextSha256: bytes(ciphertext.digest()) };
  if (begun.stanzas === 0)
    return { ...seen, kind: "damaged", reason: `was changed: ${error?.message ?? "it ends within its header"}` };
  return {
    ...seen,
    kind: "there",
    headerSha256: begun.headerSha256,
    doubt: doubtOf(begun.stanzas, keys, facts) || (opener.isOpen ? "" : doubtOfPlace(error, facts, belongsAt)),
    plaintextSha256: error === null && end.isComplete ? bytes(plaintext.digest()) : null,
    trouble: error === null ? (end.isComplete ? "" : "cut") : error instanceof NotForUs ? "locked" : "changed",
  };
}

const doubtOf = (stanzas: number, keys: Onlooker["keys"], facts: ClipFacts | undefined): string =>
  facts?.begun ? doubtOfKeys(stanzas, facts.begun.left_out, keys(facts.begun.roster_seq)) : "";

/** Why it is not sealed to this reader; empty if it need not be. */
function doubtOfPlace(
  error: SealBroken | null,
  facts: ClipFacts | undefined,
  belongsAt: Onlooker["belongsAt"],
): string {
  if (error === null || !facts?.begun || !belongsAt(facts.begun.roster_seq)) return "";
  return error instanceof NotForUs ? NOT_SEALED_TO_ME : error.message;
}

/** On the roster, and not sealed to: a stranger is in this reader's place. */
export const NOT_SEALED_TO_ME = "it is not sealed to you, who belonged to the household when it began";

async function broken(opening: Promise<void>): Promise<SealBroken | null> {
  try {
    await opening;
    return null;
  } catch (error) {
    if (error instanceof SealBroken) return error;
    throw error;
  }
}
