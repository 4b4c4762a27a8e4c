// Shows a film: checked chunks into a video element, as far ahead as the player has room for. The edge to the browser's player.
//
// A player has less memory than a film may need: what was played gives way, and whoever seeks to where nothing is any more, or not yet,
// is served from the nearest keyframe before it. What is in the player is one piece, but for pictures that it lost.
//
// A managed source, all that an iPhone has, takes in only while it is `streaming`, but for what is to be shown now, and lets go whenever
// it likes. A film's length is set at its beginning: Safari takes a source without one to have ended wherever it runs dry.
//
// Source: Media Source Extensions, "Coded Frame Eviction", "Coded Frame Removal", "ManagedMediaSource".

import { type Bytes } from "../format/bytes.ts";
import { PLAIN_BYTES } from "../sealing/stream.ts";
import { behindHole } from "./holes.ts";
import type { Keyframe } from "./keyframes.ts";
import { type Managed, source } from "./media.ts";
import type { Shelf } from "./shelf.ts";
import { PictureAlone } from "./silent.ts";

/** What was played stays this long, when the browser has no room for what is to come. */
const KEEP_BEHIND_S = 10;
const AHEAD_S = 60;
/** Players end a picture's time a little before or after its file does. */
const NEARLY_S = 0.1;
/** So often it is looked whether the player wants more, whatever it says. */
const LOOK_MS = 500;
/** What may change whether the player wants more. */
const STIRS = ["timeupdate", "seeking", "waiting", "ended"] as const;

/** The browser cannot show this film; `message` says so to a person. */
export class CannotPlay extends Error {
  override readonly name = "CannotPlay";
}

/** What is known of a film before its first byte; `lengthS` is 0 where nothing is. */
export interface Kind {
  readonly codec: string;
  readonly lengthS: number;
}

/** Whether a film has sound, and whether this browser can play it. */
export function soundOf(codec: string): "none" | "heard" | "unheard" {
  if (!codec.includes(",")) return "none";
  const media = source();
  return media === undefined || media.isTypeSupported(typeOf(codec)) ? "heard" : "unheard";
}

const typeOf = (codec: string): string => `video/mp4; codecs="${codec}"`;

/**
 * Feed a film to `video` until `stopped` fires; its picture alone in a browser that cannot play its sound. The caller owns the element.
 * Throws CannotPlay, and what `shelf` throws.
 */
export async function show(
  video: HTMLVideoElement,
  { codec, lengthS }: Kind,
  shelf: Shelf,
  stopped: AbortSignal,
): Promise<void> {
  const media = source();
  const alone = soundOf(codec) === "unheard" ? new PictureAlone() : null;
  const type = typeOf(alone === null ? codec : codec.replace(/,.*/, ""));
  if (!media) return showWhole(video, shelf, stopped);
  if (!media.isTypeSupported(type)) throw new CannotPlay("This browser cannot show this kind of film.");
  const stream = new media();
  // Safari's managed source opens only where playing elsewhere is off.
  video.disableRemotePlayback = true;
  const url = URL.createObjectURL(stream);
  stopped.addEventListener("abort", () => {
    URL.revokeObjectURL(url);
  });
  video.src = url;
  await happens([stream], ["sourceopen"], stopped);
  if (stopped.aborted) return;
  stream.duration = lengthS > 0 ? lengthS : Infinity;
  await new Feeder(video, stream, stream.addSourceBuffer(type), shelf, alone, stopped).run();
}

class Feeder {
  readonly #video: HTMLVideoElement;
  readonly #stream: Managed;
  readonly #buffer: SourceBuffer;
  readonly #shelf: Shelf;
  readonly #alone: PictureAlone | null;
  /** What is left of the part that begins there: a player that has no room is offered it again. */
  #left: { readonly offset: number; readonly part: Bytes } | null = null;
  readonly #stopped: AbortSignal;
  /** The film's next byte for the player. */
  #offset = 0;
  #isAtEnd = false;
  /** The film's initialization segment, as the player got it. */
  #init: Bytes | null = null;
  /** Where it was fed from last, out of its order; null before. */
  #gone: number | null = null;
  /** Where the player is, and since when. */
  #stood = { atS: 0, sinceMs: performance.now() };

  constructor(
    video: HTMLVideoElement,
    stream: Managed,
    buffer: SourceBuffer,
    shelf: Shelf,
    alone: PictureAlone | null,
    stopped: AbortSignal,
  ) {
    this.#video = video;
    this.#stream = stream;
    this.#buffer = buffer;
    this.#shelf = shelf;
    this.#alone = alone;
    this.#stopped = stopped;
  }

  async run(): Promise<void> {
    while (!this.#stopped.aborted) await this.#step();
  }

  /** Do the next thing that the player needs, or wait until it may need one. */
  async #step(): Promise<void> {
    this.#overHole();
    // What is to be shown now goes in unasked: WebKit may say nothing after a seek to where it has nothing, and wait for ever.
    const wants = this.#stream.streaming !== false || this.#heldUntil(this.#video.currentTime) === null;
    const elsewhere = wants ? this.#missing() : null;
    if (elsewhere !== null) {
      // A player that was given a place, and does not have it, is given it again in its time.
      if (elsewhere.offset === this.#gone) await this.#stirs();
      await this.#goTo(elsewhere);
    } else if (wants && !this.#isAtEnd && this.#aheadS() < AHEAD_S) await this.#feed();
    else await this.#stirs();
  }

  /** Go on behind pictures that the player lost, once it stands still before them; what it only let go of comes again. */
  #overHole(): void {
    const { seeking, paused, currentTime } = this.#video;
    const nowMs = performance.now();
    if (seeking || paused || currentTime !== this.#stood.atS) this.#stood = { atS: currentTime, sinceMs: nowMs };
    if (nowMs - this.#stood.sinceMs < LOOK_MS) return;
    const next = behindHole(this.#buffer.buffered, currentTime);
    if (next !== null) this.#video.currentTime = Math.min(next, this.#shelf.keyframes.after(currentTime)?.atS ?? next);
  }

  async #feed(): Promise<void> {
    const index = Math.floor(this.#offset / PLAIN_BYTES);
    const chunk = await this.#shelf.take(index);
    if (this.#stopped.aborted) return;
    if (chunk === null) {
      this.#isAtEnd = true;
      if (this.#stream.readyState !== "open") return;
      // A film that breaks off leaves half a fragment behind: drop it, or the player waits for the rest for ever.
      this.#buffer.abort();
      this.#stream.endOfStream();
      return;
    }
    if (this.#offset === 0) {
      const until = this.#shelf.keyframes.after(-1)?.offset ?? chunk.length;
      this.#init = this.#heard(chunk.subarray(0, until));
      if (!(await this.#append(this.#init))) return;
      this.#offset = until;
    }
    const part = this.#heard(chunk.subarray(this.#offset - index * PLAIN_BYTES));
    if (await this.#append(part)) this.#offset = (index + 1) * PLAIN_BYTES;
  }

  #heard(part: Bytes): Bytes {
    if (this.#alone === null) return part;
    if (this.#left?.offset !== this.#offset) this.#left = { offset: this.#offset, part: this.#alone.push(part) };
    return this.#left.part;
  }

  /** Where to go on, if what is to be shown now is neither in the player nor about to come. */
  #missing(): Keyframe | null {
    const now = this.#video.currentTime;
    const { keyframes } = this.#shelf;
    if (this.#video.ended || now > keyframes.endS - NEARLY_S || this.#heldUntil(now) !== null) return null;
    const before = keyframes.before(now);
    const isToCome = before.offset <= this.#offset && this.#offset < (keyframes.after(now)?.offset ?? Infinity);
    const isBeginning = this.#offset === 0 && now === 0;
    return (isToCome && !this.#isAtEnd) || isBeginning ? null : before;
  }

  async #goTo({ offset }: Keyframe): Promise<void> {
    this.#shelf.clear();
    await this.#remove(Infinity);
    if (this.#stopped.aborted) return;
    this.#buffer.abort();
    this.#alone?.moved();
    this.#left = null;
    this.#offset = this.#gone = offset;
    this.#isAtEnd = false;
    // Whoever is broken off forgets it, in WebKitGTK, and takes in nothing without.
    if (offset > 0 && this.#init !== null) await this.#append(this.#init);
  }

  /** Whether the player took a part in; if it did not, another place may be wanted by now. */
  async #append(part: Bytes): Promise<boolean> {
    const [from, index] = [this.#video.currentTime, this.#offset];
    for (;;) {
      try {
        this.#buffer.appendBuffer(part);
        await happens([this.#buffer], ["updateend"], this.#stopped);
        return !this.#stopped.aborted && this.#offset === index;
      } catch (error) {
        if (!(error instanceof DOMException) || error.name !== "QuotaExceededError") throw error;
        if (this.#missing() !== null) return false;
        if (!(await this.#makeRoom())) await this.#stirs();
        if (this.#stopped.aborted || this.#video.currentTime < from) return false;
      }
    }
  }

  /** Let go of what was played; false if there is nothing to let go of. */
  async #makeRoom(): Promise<boolean> {
    const begins = this.#buffer.buffered.length > 0 ? this.#buffer.buffered.start(0) : 0;
    const now = this.#video.currentTime;
    // Whole groups of pictures: what is removed up to the middle of one takes the rest of it along.
    for (const behindS of [KEEP_BEHIND_S, 0]) {
      const { atS } = this.#shelf.keyframes.before(now - behindS);
      if (atS > begins + NEARLY_S) {
        await this.#remove(atS - 0.001);
        return true;
      }
    }
    return false;
  }

  async #remove(untilS: number): Promise<void> {
    this.#buffer.remove(0, untilS);
    await happens([this.#buffer], ["updateend"], this.#stopped);
  }

  /** Until when the player has what is to be shown from a moment on; null if it does not have that. */
  #heldUntil(atS: number): number | null {
    const { buffered } = this.#buffer;
    for (let i = 0; i < buffered.length; i += 1)
      if (buffered.start(i) - NEARLY_S <= atS && atS < buffered.end(i) + NEARLY_S) return buffered.end(i);
    return null;
  }

  #aheadS(): number {
    const until = this.#heldUntil(this.#video.currentTime);
    return until === null ? 0 : until - this.#video.currentTime;
  }

  async #stirs(): Promise<void> {
    // A player that ran dry while a part was under way has said so already, and says it once.
    const clock = new EventTarget();
    const timer = setTimeout(() => clock.dispatchEvent(new Event("tick")), LOOK_MS);
    const events = [...STIRS, "startstreaming", "bufferedchange", "tick"];
    await happens([this.#video, this.#stream, clock], events, this.#stopped);
    clearTimeout(timer);
  }
}

/** Phones without any media source get the film once it is all there. */
async function showWhole(video: HTMLVideoElement, shelf: Shelf, stopped: AbortSignal): Promise<void> {
  const all: Bytes[] = [];
  for (let chunk = await shelf.take(0); chunk !== null; chunk = await shelf.take(all.length)) {
    if (stopped.aborted) return;
    all.push(chunk);
  }
  const url = URL.createObjectURL(new Blob(all, { type: "video/mp4" }));
  stopped.addEventListener("abort", () => {
    URL.revokeObjectURL(url);
  });
  if (all.length > 0) video.src = url;
}

/** Resolves at the first of these events, or when the whole thing is stopped. */
function happens(targets: readonly EventTarget[], events: readonly string[], stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const done = (): void => {
      over.abort();
      resolve();
    };
    if (stopped.aborted) {
      done();
      return;
    }
    for (const target of targets)
      for (const event of events) target.addEventListener(event, done, { signal: over.signal });
    stopped.addEventListener("abort", done, { signal: over.signal });
  });
}
