// Shows a film while it comes in: plaintext chunks into a video element. The edge to the browser's player.
//
// A managed source, all that an iPhone has, takes in only while it is `streaming`; meanwhile the film is checked on, and what is good
// waits, but for its beginning. Its length is set at the beginning: Safari takes a source without one to have ended wherever it runs dry.
//
// Source: Media Source Extensions, "ManagedMediaSource".

import { type Bytes, concat } from "../format/bytes.ts";
import type { Verdict } from "./genuine.ts";

/** What was played stays this long, when the browser has no room for what is to come. */
const KEEP_BEHIND_S = 10;

interface Managed extends MediaSource {
  /** False while a managed source wants no more; undefined in a plain one. */
  readonly streaming?: boolean;
}
interface Source {
  new (): Managed;
  isTypeSupported(type: string): boolean;
}
const source = (): Source | undefined =>
  (globalThis as { ManagedMediaSource?: Source }).ManagedMediaSource ??
  (globalThis as { MediaSource?: Source }).MediaSource;

type Unfinished = Extract<Verdict, { kind: "unfinished" }>;
const UNFINISHED: Unfinished = { kind: "unfinished" };

/** The browser cannot show this film; `message` says so to a person. */
export class CannotPlay extends Error {
  override readonly name = "CannotPlay";
}

/** What is known of a film before its first byte; `lengthS` is 0 where nothing is. */
export interface Kind {
  readonly codec: string;
  readonly lengthS: number;
}

/** Feed a film to `video` until it ends or `stopped` fires; returns its verdict. The caller owns the element. Throws CannotPlay. */
export async function show<Said>(
  video: HTMLVideoElement,
  { codec, lengthS }: Kind,
  chunks: AsyncGenerator<Bytes, Said>,
  stopped: AbortSignal,
): Promise<Said | Unfinished> {
  const media = source();
  const type = `video/mp4; codecs="${codec}"`;
  if (!media) return showWhole(video, chunks, stopped);
  if (!media.isTypeSupported(type)) throw new CannotPlay("This browser cannot show this kind of film.");
  const stream = new media();
  // Safari's managed source opens only where playing elsewhere is off.
  video.disableRemotePlayback = true;
  const url = URL.createObjectURL(stream);
  stopped.addEventListener("abort", () => {
    URL.revokeObjectURL(url);
  });
  video.src = url;
  await happens(stream, "sourceopen", stopped);
  stream.duration = lengthS > 0 ? lengthS : Infinity;
  const buffer = stream.addSourceBuffer(type);
  let waiting: Bytes[] = [];
  let begun = false;
  for (;;) {
    const next = await chunks.next();
    if (stopped.aborted) {
      await chunks.return(undefined as Said);
      return UNFINISHED;
    }
    if (next.done) {
      // The verdict need not wait until the player wants the rest.
      finish(video, stream, buffer, waiting, stopped).catch((error: unknown) => {
        if (!stopped.aborted) console.error(error);
      });
      return next.value;
    }
    waiting.push(next.value);
    // The beginning goes in unasked: without it there is nothing to press play on.
    if (stream.streaming === false && begun) continue;
    begun = true;
    await append(video, buffer, concat(...waiting), stopped);
    waiting = [];
  }
}

async function finish(
  video: HTMLVideoElement,
  stream: Managed,
  buffer: SourceBuffer,
  waiting: readonly Bytes[],
  stopped: AbortSignal,
): Promise<void> {
  if (waiting.length > 0) {
    while (stream.streaming === false && !stopped.aborted) await happens(stream, "startstreaming", stopped);
    if (stopped.aborted) return;
    await append(video, buffer, concat(...waiting), stopped);
  }
  if (stopped.aborted || stream.readyState !== "open") return;
  // A film that breaks off leaves half a fragment behind: drop it, or the player waits for the rest for ever.
  buffer.abort();
  stream.endOfStream();
}

async function append(
  video: HTMLVideoElement,
  buffer: SourceBuffer,
  chunk: Bytes,
  stopped: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      buffer.appendBuffer(chunk);
      await happens(buffer, "updateend", stopped);
      return;
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "QuotaExceededError") throw error;
      await happens(video, "timeupdate", stopped);
      if (stopped.aborted) return;
      const until = video.currentTime - KEEP_BEHIND_S;
      if (until > 0) {
        buffer.remove(0, until);
        await happens(buffer, "updateend", stopped);
      }
    }
  }
}

/** Phones without any media source get the film once it is all there. */
async function showWhole<Said>(
  video: HTMLVideoElement,
  chunks: AsyncGenerator<Bytes, Said>,
  stopped: AbortSignal,
): Promise<Said | Unfinished> {
  const all: Bytes[] = [];
  for (;;) {
    const next = await chunks.next();
    if (stopped.aborted) return UNFINISHED;
    if (!next.done) {
      all.push(next.value);
      continue;
    }
    const url = URL.createObjectURL(new Blob(all, { type: "video/mp4" }));
    stopped.addEventListener("abort", () => {
      URL.revokeObjectURL(url);
    });
    if (all.length > 0) video.src = url;
    return next.value;
  }
}

/** Resolves at the event, or when the whole thing is stopped. */
function happens(target: EventTarget, event: string, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stopped.aborted) {
      resolve();
      return;
    }
    const done = () => {
      target.removeEventListener(event, done);
      stopped.removeEventListener("abort", done);
      resolve();
    };
    target.addEventListener(event, done);
    stopped.addEventListener("abort", done);
  });
}
