// A clip's film, verified while it downloads.
//
//     header and nonce hashed = statement's and "clip begun" line's   → before the first picture
//     each 64 KiB chunk authenticates                                 → before it is shown
//     whole file hashed = statement's and "clip sealed" line's        → at the end
//
// A clip that is still being recorded has the first two from its beginning on, and the third once it is finished.
//
// Source: docs/FORMAT.md, "A clip is genuine if".

import type { Identity } from "age-encryption";
import { sha256 } from "@noble/hashes/sha2.js";

import { type Bytes, bytes, equal } from "../format/bytes.ts";
import type { Statement } from "../format/statement.ts";
import { Unreachable } from "../format/unreachable.ts";
import { NotForUs, SealBroken } from "../sealing/errors.ts";
import { Opener } from "../sealing/stream.ts";
import type { ClipFacts } from "../trust/facts.ts";
import type { SealedTo } from "../trust/roster.ts";
import { doubtBefore } from "../clips/clips.ts";
import { doubtOfKeys } from "./keys.ts";

export type Verdict =
  /** All of it is what the door recorded. */
  | { readonly kind: "verified" }
  /** What there is of an interrupted recording is what the door recorded. */
  | { readonly kind: "verified_part" }
  /** Nothing was shown: this is not what the door recorded. */
  | { readonly kind: "not_genuine"; readonly reason: string }
  /** Good so far, then changed or damaged. */
  | { readonly kind: "damaged"; readonly reason: string }
  /** The download stopped; what came was good. */
  | { readonly kind: "unfinished" }
  /** Sealed before this reader joined. */
  | { readonly kind: "not_for_us" }
  /** This reader belonged when it began, and it is not sealed to it: a stranger may be in its place. */
  | { readonly kind: "withheld" };

/** What has to hold for one clip. */
export interface Expected {
  readonly statement: Statement;
  readonly facts: ClipFacts | undefined;
  /** How many bytes the door said that it hands out. */
  readonly size: number;
  /** To whom a clip of this roster is sealed. */
  readonly keys: (rosterSeq: number) => SealedTo;
  /** Whether this reader belonged to the household after that line. */
  readonly belongsAt: (seq: number) => boolean;
  /** Keys of this film that somebody gave. */
  readonly given: readonly Bytes[];
}

class NotGenuine extends Error {
  override readonly name = "NotGenuine";
}

/** What opens a film, if its header is the one that the door recorded. */
export function openerOf(identity: Identity | string, expected: Expected): Opener {
  const { statement, facts } = expected;
  return new Opener(
    identity,
    ({ headerSha256, stanzas }) => {
      if (statement.header_sha256 === null || !equal(headerSha256, statement.header_sha256))
        throw new NotGenuine("the film is not the one that the door recorded");
      // The statement of an interrupted recording is made later, perhaps by a larger household.
      const known = expected.keys(facts?.begun?.roster_seq ?? statement.roster_seq);
      const doubt = doubtOfKeys(stanzas, facts?.begun?.left_out ?? known.leftOut, known);
      if (doubt !== "") throw new NotGenuine(doubt);
    },
    expected.given,
  );
}

/**
 * Yields good plaintext chunks as they come; returns the verdict. Never throws for what the sealed bytes hold. `atEnd` is what has to
 * hold by the time the last byte is here; null if the door's word on that cannot be believed.
 */
export async function* film(
  sealed: AsyncIterable<Uint8Array>,
  opener: Opener,
  expected: Expected,
  atEnd: () => Expected | null = () => expected,
): AsyncGenerator<Bytes, Verdict> {
  const { facts } = expected;
  const doubt = doubtBefore(expected.statement, facts);
  if (doubt !== null) return { kind: "not_genuine", reason: doubt };
  const plaintext = sha256.create();
  let shown = 0;
  try {
    try {
      for await (const part of sealed) {
        for await (const chunk of opener.push(part)) {
          shown += 1;
          plaintext.update(chunk);
          yield chunk;
        }
      }
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      return { kind: "unfinished" };
    }
    const finished = atEnd();
    if (finished === null) return { kind: "damaged", reason: "the door’s word on its end was changed" };
    const { statement } = finished;
    // What a power cut took of it was seen all the same: nothing can be said of that.
    const isMore = statement.state === "interrupted" && opener.size > statement.ciphertext_bytes;
    if (statement.state === "recording" || isMore) return { kind: "unfinished" };
    if (opener.size < statement.ciphertext_bytes)
      return opener.size < finished.size
        ? { kind: "unfinished" }
        : { kind: "damaged", reason: "the film is shorter than it was when it was finished" };
    const { chunk, ending, ciphertextSha256 } = opener.end();
    const reason = doubtBefore(statement, finished.facts) ?? doubtAfter(ciphertextSha256, finished);
    if (reason !== null) return { kind: "damaged", reason };
    if (chunk !== null) {
      plaintext.update(chunk);
      yield chunk;
    }
    if (statement.state === "interrupted") return { kind: "verified_part" };
    if (ending !== "complete") return { kind: "damaged", reason: "the film ends before its end" };
    return statement.plaintext_sha256 !== null && equal(bytes(plaintext.digest()), statement.plaintext_sha256)
      ? { kind: "verified" }
      : { kind: "damaged", reason: "what it holds is not what the door’s statement tells of" };
  } catch (error) {
    if (error instanceof NotForUs)
      return { kind: facts?.begun && expected.belongsAt(facts.begun.roster_seq) ? "withheld" : "not_for_us" };
    if (error instanceof NotGenuine) return { kind: "not_genuine", reason: error.message };
    if (error instanceof SealBroken)
      return shown === 0 ? { kind: "not_genuine", reason: error.message } : { kind: "damaged", reason: error.message };
    throw error;
  }
}

function doubtAfter(ciphertextSha256: Bytes, { statement, facts }: Expected): string | null {
  if (statement.ciphertext_sha256 === null || !equal(ciphertextSha256, statement.ciphertext_sha256))
    return "the film is not the one that the door finished";
  const sealed = facts?.sealed?.ciphertext_sha256;
  if (!sealed || !equal(sealed, ciphertextSha256)) return "the door’s record tells of another film";
  return null;
}
