// "Check everything": the same work as `doorward verify`, done from here.
//
//     the record, from its first line on, must pass through the head that this browser remembers
//     every event opens, is the door's, and fits the record; every clip of the record is there
//     every film has the header, the keys and the hash that the record tells of
//
// Each day and each film that is asked for is a line in the record, as always.
//
// Source: docs/FORMAT.md, "A clip is genuine if".

import { equal } from "../format/bytes.ts";
import { type Verdict, film } from "../play/genuine.ts";
import { streamed } from "../play/streamed.ts";
import type { ClipFacts } from "../trust/facts.ts";
import { type Clip, doubtBefore } from "./clips.ts";
import type { Household } from "./household.ts";
import { Refused } from "./session.ts";

export interface Finding {
  readonly clip: number;
  /** The words of `doorward verify`. */
  readonly verdict: "genuine" | "interrupted" | "unrecorded" | "recording" | "locked" | "doubtful";
  readonly reason: string;
}

/** What is known of a clip before its film is read; null if only the film can tell. */
export function judgeEvent(number: number, clip: Clip | undefined, facts: ClipFacts | undefined): Finding | null {
  const finding = (verdict: Finding["verdict"], reason = ""): Finding => ({ clip: number, verdict, reason });
  if (clip === undefined) return finding("doubtful", "the record knows it, and it is not there");
  switch (clip.kind) {
    case "broken":
      return finding("doubtful", clip.reason);
    case "locked":
    case "earlier":
      return finding("locked");
    case "unrecorded":
      return facts?.sealed?.state === "unrecorded"
        ? finding("unrecorded")
        : finding("doubtful", "the record does not know it");
    case "recording":
    case "sealed":
    case "interrupted": {
      const doubt = doubtBefore(clip.statement, facts) ?? (clip.kind === "recording" ? null : doubtAtEnd(clip, facts));
      if (doubt !== null) return finding("doubtful", doubt);
      return clip.kind === "recording" ? finding("recording") : null;
    }
  }
}

function doubtAtEnd({ statement }: Extract<Clip, { statement: unknown }>, facts: ClipFacts | undefined): string | null {
  const sealed = facts?.sealed?.ciphertext_sha256;
  if (!sealed) return "the record does not know that it was finished";
  return statement.ciphertext_sha256 !== null && equal(sealed, statement.ciphertext_sha256)
    ? null
    : "the record tells of another end of this film";
}

/** The finding of a film that was read whole. */
export function judgeFilm(clip: number, verdict: Verdict): Finding {
  switch (verdict.kind) {
    case "verified":
      return { clip, verdict: "genuine", reason: "" };
    case "verified_part":
      return { clip, verdict: "interrupted", reason: "" };
    case "not_for_us":
      return { clip, verdict: "locked", reason: "" };
    case "unfinished":
      return { clip, verdict: "doubtful", reason: "not all of it arrived" };
    case "not_genuine":
    case "damaged":
      return { clip, verdict: "doubtful", reason: verdict.reason };
  }
}

export interface Step {
  readonly finding: Finding | null;
  readonly done: number;
  readonly of: number;
}

/** Checks the record, then clip by clip, until `stopped`. Throws RecordBroken, Refused, TrustError, Unreachable. */
export async function* checkEverything(household: Household, stopped: AbortSignal): AsyncGenerator<Step, void> {
  await household.reread();
  const { clips, verified } = household.view;
  const numbers = [...new Set([...clips.keys(), ...verified.facts.clips.keys()])].sort((a, b) => a - b);
  yield { finding: null, done: 0, of: numbers.length };
  for (const [done, number] of numbers.entries()) {
    if (stopped.aborted) return;
    const clip = clips.get(number);
    const finding =
      judgeEvent(number, clip, verified.facts.clips.get(number)) ?? (await readFilm(household, number, stopped));
    yield { finding, done: done + 1, of: numbers.length };
  }
}

async function readFilm(household: Household, number: number, stopped: AbortSignal): Promise<Finding> {
  const clip = household.view.clips.get(number);
  if (clip === undefined || !("statement" in clip)) throw new Error("only a clip with a statement has a film");
  try {
    const response = await household.fetchClip(number, stopped);
    const reading = film(streamed(response), household.identity, household.expected(clip));
    for (;;) {
      const next = await reading.next();
      if (next.done === true) return judgeFilm(number, next.value);
    }
  } catch (error) {
    if (error instanceof Refused && error.code === "no_such_clip")
      return { clip: number, verdict: "doubtful", reason: "its film is missing" };
    throw error;
  }
}
