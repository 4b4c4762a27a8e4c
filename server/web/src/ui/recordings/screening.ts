// One screening of a recording: fetched, checked and shown, and what is to be said of it meanwhile and at its end.

import type { Film } from "../../clips/moments.ts";
import { AGAIN_MS, coming } from "../../door/coming.ts";
import type { HandedOut } from "../../door/handed_out.ts";
import type { Household } from "../../door/household.ts";
import { pause } from "../../door/patience.ts";
import { Refused } from "../../door/session.ts";
import { Unreachable } from "../../format/unreachable.ts";
import { type Expected, type Verdict, film, openerOf } from "../../play/genuine.ts";
import { resume, start } from "../../play/resuming.ts";
import { CannotPlay, show } from "../../play/screen.ts";
import { Changed, Shelf } from "../../play/shelf.ts";
import { CutShort } from "../../play/streamed.ts";
import { SealBroken } from "../../sealing/errors.ts";
import { TrustError } from "../../trust/errors.ts";

export type Screening =
  | { readonly kind: "opening" }
  | { readonly kind: "checking" }
  /** It goes on at this moment; there is a verdict once it has ended. */
  | { readonly kind: "recording" }
  | Verdict
  /** What was checked came again, and was another. */
  | { readonly kind: "changed" }
  | { readonly kind: "failed"; readonly sentence: string };

/** What is told of a screening while it goes on. */
export interface Audience {
  readonly judged: (screening: Screening) => void;
  /** Whether a part that is wanted does not come. */
  readonly isLate: (late: boolean) => void;
}

/** Show a clip in `video` until `stopped` fires, from a moment of it on; one that is being recorded, as it grows. */
export function screen(
  video: HTMLVideoElement,
  clip: Film,
  fromS: number,
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
  if (fromS > 0)
    video.addEventListener("loadedmetadata", () => (video.currentTime = fromS), { once: true, signal: stopped });
  begin(video, clip, household, stopped, { ...audience, judged: judge }, fail).catch(fail);
}

async function begin(
  video: HTMLVideoElement,
  clip: Film,
  household: Household,
  stopped: AbortSignal,
  { judged, isLate }: Audience,
  fail: (error: unknown) => void,
): Promise<void> {
  const handed = await household.fetchClip(clip.number, stopped);
  judged({ kind: clip.kind === "recording" ? "recording" : "checking" });
  const expected = household.viewer.expected(clip, handed.size);
  const opener = openerOf(household.viewer.identity, expected);
  const shelf = new Shelf(async (first, past) => {
    const part = await patiently(() => handed.part(opener.where(first, past)), stopped, isLate);
    return opener.again(first, part);
  });
  const { codec, duration_ms } = clip.statement;
  resume(video, stopped);
  start(video, stopped);
  const seen = { failed: false };
  // It goes on until the dialog closes; what is known at the end of the film need not wait for it.
  show(video, { codec, lengthS: duration_ms / 1000 }, shelf, stopped).catch((error: unknown) => {
    seen.failed = true;
    fail(error);
  });
  const sealed = coming(handed, { whole: () => wholeOf(clip.number, household), isLate, stopped });
  const atEnd = (): Expected | null => expectedAtEnd(clip, handed, household);
  const said = await shelf.fill(film(sealed, opener, expected, atEnd), stopped);
  if (said !== null && !seen.failed) judged(said);
}

/** How many bytes a clip has by the door's word on its end; null before there is one. */
function wholeOf(number: number, { view }: Household): number | null {
  const clip = view.clips.get(number);
  if (clip?.kind === "broken") return 0;
  return clip?.kind === "sealed" || clip?.kind === "interrupted" ? clip.statement.ciphertext_bytes : null;
}

/** What a clip is held to once all of it came; null if the door's word on its end does not hold. */
function expectedAtEnd(clip: Film, { size }: HandedOut, { view, viewer }: Household): Expected | null {
  const now = view.clips.get(clip.number) ?? clip;
  return "statement" in now ? viewer.expected(now, size) : null;
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

async function faultOf(error: unknown, clip: Film, household: Household): Promise<Screening> {
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
async function goneOrMissing(clip: Film, household: Household): Promise<string> {
  await household.catchUp().catch(() => undefined);
  return household.view.verified.facts.clips.has(clip.number)
    ? "This recording is missing. It did not give way to newer ones: somebody or something removed it."
    : "This recording is no longer kept: it gave way to newer ones.";
}
