// Shows a film while it comes in: plaintext chunks into a video element. The edge to the browser's player.
//
// Source: Media Source Extensions; ManagedMediaSource is Safari's on phones.

import type { Bytes } from "../format/bytes.ts";
import type { Verdict } from "./genuine.ts";

/** What was played stays this long, when the browser has no room for what is to come. */
const KEEP_BEHIND_S = 10;

type Source = typeof MediaSource;
const source = (): Source | undefined =>
  (globalThis as { ManagedMediaSource?: Source }).ManagedMediaSource ??
  (globalThis as { MediaSource?: Source }).MediaSource;

/** The browser cannot show this film; `message` says so to a person. */
export class CannotPlay extends Error {
  override readonly name = "CannotPlay";
}

/** Feed a film to `video` until it ends or `stopped` fires; returns its verdict. The caller owns the element. Throws CannotPlay. */
export async function show(
  video: HTMLVideoElement,
  codec: string,
  chunks: AsyncGenerator<Bytes, Verdict>,
  stopped: AbortSignal,
): Promise<Verdict> {
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
  const buffer = stream.addSourceBuffer(type);
  for (;;) {
    const next = await chunks.next();
    if (stopped.aborted) {
      await chunks.return({ kind: "unfinished" });
      return { kind: "unfinished" };
    }
    if (next.done) {
      // A film that breaks off leaves half a fragment behind: drop it, or the player waits for the rest for ever.
      buffer.abort();
      if (stream.readyState === "open") stream.endOfStream();
      return next.value;
    }
    await append(video, buffer, next.value, stopped);
  }
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
async function showWhole(
  video: HTMLVideoElement,
  chunks: AsyncGenerator<Bytes, Verdict>,
  stopped: AbortSignal,
): Promise<Verdict> {
  const all: Bytes[] = [];
  for (;;) {
    const next = await chunks.next();
    if (stopped.aborted) return { kind: "unfinished" };
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
