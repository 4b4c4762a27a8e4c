// One screening of a recording: fetched, checked and shown, and what is to be said of it meanwhile and at its end.

import type { Household } from "../../door/household.ts";
import { pause } from "../../door/patience.ts";
import { Refused } from "../../door/session.ts";
import { Unreachable } from "../../format/unreachable.ts";
import { type Verdict, film, openerOf } from "../../play/genuine.ts";
import { orMuted, resume } from "../../play/resuming.ts";
import { CannotPlay, show } from "../../play/screen.ts";
import { Changed, Shelf } from "../../play/shelf.ts";
import { CutShort, streamed } from "../../play/streamed.ts";
import { SealBroken } from "../../sealing/errors.ts";
import { TrustError } from "../../trust/errors.ts";
import type { Playable } from "./clips.tsx";

/** From one attempt to fetch a part to the next. */
const AGAIN_MS = 2_000;

export type Screening =
  | { readonly kind: "opening" }
  | { readonly kind: "checking" }
  | Verdict
  /** What was checked came again, and was another. */
  | { readonly kind: "changed" }
  | { readonly kind: "failed"; readonly sentence: string };

/** What is told of a screening while it goes on. */
export interface Audience {
  readonly judged: (screening: Screening) => void;
  /** Whether a part that is wanted again does not come. */
  readonly isLate: (late: boolean) => void;
}

/** Show a clip in `video` until `stopped` fires. */
export function screen(
  video: HTMLVideoElement,
  clip: Playable,
  household: Household,
  stopped: AbortSignal,
  audience: Audience,
): void {
  const judge = (screening: Screening): void => {
    if (!stopped.aborted) audience.judged(screening);
  };
  const fail = (error: unknown): void => {
    if (!stopped.aborted) void faultOf(error, clip, household).then(judge);
  };
  begin(video, clip, household, stopped, { ...audience, judged: judge }, fail).catch(fail);
}

async function begin(
  video: HTMLVideoElement,
  clip: Playable,
  household: Household,
  stopped: AbortSignal,
  { judged, isLate }: Audience,
  fail: (error: unknown) => void,
): Promise<void> {
  const handed = await household.fetchClip(clip.number, stopped);
  judged({ kind: "checking" });
  const expected = household.viewer.expected(clip, handed.size);
  const opener = openerOf(household.viewer.identity, expected);
  const shelf = new Shelf(async (first, past) => {
    const part = await patiently(() => handed.part(opener.where(first, past)), stopped, isLate);
    return opener.again(first, part);
  });
  const { codec, duration_ms } = clip.statement;
  resume(video, stopped);
  orMuted(video, stopped);
  const seen = { failed: false };
  // It goes on until the dialog closes; what is known at the end of the film need not wait for it.
  show(video, { codec, lengthS: duration_ms / 1000 }, shelf, stopped).catch((error: unknown) => {
    seen.failed = true;
    fail(error);
  });
  const said = await shelf.fill(film(streamed(handed.response), opener, expected), stopped);
  if (said !== null && !seen.failed) judged(said);
}

/** What `fetch` gives, however often the door is out of reach. */
async function patiently<T>(
  fetch: () => Promise<T>,
  stopped: AbortSignal,
  isLate: (late: boolean) => void,
): Promise<T> {
  for (;;)
    try {
      const got = await fetch();
      isLate(false);
      return got;
    } catch (error) {
      if (!(error instanceof Unreachable) || error instanceof CutShort || stopped.aborted) throw error;
      isLate(true);
      await pause(AGAIN_MS, stopped);
    }
}

async function faultOf(error: unknown, clip: Playable, household: Household): Promise<Screening> {
  const failed = (sentence: string): Screening => ({ kind: "failed", sentence });
  if (error instanceof Changed || error instanceof SealBroken) return { kind: "changed" };
  if (error instanceof CannotPlay) return failed(error.message);
  if (error instanceof Refused && error.code === "no_such_clip") return failed(await goneOrMissing(clip, household));
  if (error instanceof Refused && error.code === "not_ready")
    return failed("This recording is still being made. Please try again in a moment.");
  if (error instanceof CutShort)
    return failed(
      "Not all of this recording came: the connection broke, or it gave way to newer ones. Please try again.",
    );
  if (error instanceof Unreachable || error instanceof Refused)
    return failed("The door is not reachable just now. Please try again in a moment.");
  if (error instanceof TrustError) return failed("The answer was not signed by your door, so nothing is shown.");
  console.error(error);
  return failed("This browser could not play the recording. Please try again, or use another browser.");
}

/** What gave way has its line before it goes; what has none was removed. */
async function goneOrMissing(clip: Playable, household: Household): Promise<string> {
  await household.catchUp().catch(() => undefined);
  return household.view.verified.facts.clips.has(clip.number)
    ? "This recording is missing. It did not give way to newer ones: somebody or something removed it."
    : "This recording is no longer kept: it gave way to newer ones.";
}
