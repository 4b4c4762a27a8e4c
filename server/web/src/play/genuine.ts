// A clip's film, verified while it downloads.
//
//     header and nonce hashed = statement's and "clip begun" line's   → before the first picture
//     each 64 KiB chunk authenticates                                 → before it is shown
//     whole file hashed = statement's and "clip sealed" line's        → at the end
//
// Source: docs/FORMAT.md, "A clip is genuine if".

import type { Identity } from "age-encryption";

import { type Bytes, EMPTY, equal } from "../format/bytes.ts";
import type { Statement } from "../format/statement.ts";
import { NotForUs, SealBroken } from "../sealing/errors.ts";
import { Opener } from "../sealing/stream.ts";
import type { ClipFacts } from "../trust/facts.ts";
import type { SealedTo } from "../trust/roster.ts";
import { doubtBefore } from "../door/clips.ts";

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
  | { readonly kind: "not_for_us" };

/** What has to hold for one clip. */
export interface Expected {
  readonly statement: Statement;
  readonly facts: ClipFacts | undefined;
  /** To whom a clip of this roster is sealed. */
  readonly keys: (rosterSeq: number) => SealedTo;
  /** Keys of this film that somebody gave. */
  readonly given: readonly Bytes[];
}

class NotGenuine extends Error {
  override readonly name = "NotGenuine";
}

/** Yields good plaintext chunks as they come; returns the verdict. Never throws for what the sealed bytes hold. */
export async function* film(
  sealed: AsyncIterable<Uint8Array>,
  identity: Identity | string,
  expected: Expected,
): AsyncGenerator<Bytes, Verdict> {
  const { statement, facts } = expected;
  const doubt = doubtBefore(statement, facts);
  if (doubt !== null) return { kind: "not_genuine", reason: doubt };
  const opener = new Opener(
    identity,
    ({ headerSha256, stanzas }) => {
      if (statement.header_sha256 === null || !equal(headerSha256, statement.header_sha256))
        throw new NotGenuine("the film is not the one that the door recorded");
      // The statement of an interrupted recording is made later, perhaps by a larger household.
      const { count, leftOut } = expected.keys(facts?.begun?.roster_seq ?? statement.roster_seq);
      // The door's word for it is not enough: whom it left out nobody can seal to.
      if (facts?.begun && !sameKeys(facts.begun.left_out, leftOut))
        throw new NotGenuine("the film leaves out members of the household to whom it could have been sealed");
      if (stanzas !== count) throw new NotGenuine("the film is sealed to more or fewer keys than the household had");
    },
    expected.given,
  );
  let shown = 0;
  try {
    try {
      for await (const part of sealed) {
        for await (const chunk of opener.push(part)) {
          shown += 1;
          yield chunk;
        }
      }
    } catch (error) {
      if (error instanceof SealBroken || error instanceof NotGenuine) throw error;
      return { kind: "unfinished" };
    }
    if (opener.size < statement.ciphertext_bytes) return { kind: "unfinished" };
    const { chunk, ending, ciphertextSha256 } = opener.end();
    const reason = doubtAfter(ciphertextSha256, expected);
    if (reason !== null) return { kind: "damaged", reason };
    if (chunk !== null) yield chunk;
    if (statement.state === "interrupted") return { kind: "verified_part" };
    return ending === "complete" ? { kind: "verified" } : { kind: "damaged", reason: "the film ends before its end" };
  } catch (error) {
    if (error instanceof NotForUs) return { kind: "not_for_us" };
    if (error instanceof NotGenuine) return { kind: "not_genuine", reason: error.message };
    if (error instanceof SealBroken)
      return shown === 0 ? { kind: "not_genuine", reason: error.message } : { kind: "damaged", reason: error.message };
    throw error;
  }
}

const sameKeys = (a: readonly Bytes[], b: readonly Bytes[]): boolean =>
  a.length === b.length && a.every((key, i) => equal(key, b[i] ?? EMPTY));

function doubtAfter(ciphertextSha256: Bytes, { statement, facts }: Expected): string | null {
  if (statement.ciphertext_sha256 === null || !equal(ciphertextSha256, statement.ciphertext_sha256))
    return "the film is not the one that the door finished";
  const sealed = facts?.sealed?.ciphertext_sha256;
  if (!sealed || !equal(sealed, ciphertextSha256)) return "the door’s record tells of another film";
  return null;
}
