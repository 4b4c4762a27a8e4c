// Shows live pictures in a place of the page. The edge to the browser's player.
//
// Each stream has a video element and a source of its own: another size on the same element wedges Chrome. Pictures that wait go in together;
// what was shown gives way; whoever falls far behind, or stands still at a hole, jumps, and a player that begins late hurries until it is
// where it ought to be (`pace.ts`). A managed source, all that an iPhone has, takes in only while it is `streaming`, and Safari stops a muted
// film on its own: it is set going again. With another speed WebKit shows half of the pictures, and it is near enough without: it jumps alone.
//
// Source: Media Source Extensions; docs/FORMAT.md, "Live".

import { type Bytes, concat } from "../format/bytes.ts";
import { type LivePicture, codecOf } from "../format/live.ts";
import { Lag } from "./lag.ts";
import { type Managed, isManaged, source } from "./media.ts";
import { type Pace, paceOf } from "./pace.ts";
import { isKey } from "./pictures.ts";

const KEEP_S = 10;
const MOST_WAITING = 250;
/** Nobody sees that a picture moves so much faster, and 100 ms are caught up with in a second. */
const HURRY = 1.1;

export const canShowLive = (): boolean => source() !== undefined;

/** Where a picture's delay arose. */
export interface Delay {
  /** In the door, from capture to seal; null if it does not say. */
  readonly cameraMs: number | null;
  /** On the way, more than the quickest picture took. */
  readonly networkMs: number;
  /** Waiting here, so that late ones are in time. */
  readonly bufferMs: number;
}

export class LiveStage {
  readonly #place: HTMLElement;
  readonly #label: string;
  #lag = new Lag();
  #cameraMs: number | null = null;
  #lastAtMs = 0;
  #frameMs = 40;
  #pace: Pace = "steady";
  #stream = -1;
  #video: HTMLVideoElement | null = null;
  #media: Managed | null = null;
  #buffer: SourceBuffer | null = null;
  #waiting: Bytes[] = [];
  #over = new AbortController();

  constructor(place: HTMLElement, label: string) {
    this.#place = place;
    this.#label = label;
  }

  /** Show the next picture; false if the player lost what came before, and needs a keyframe. */
  add(picture: LivePicture): boolean {
    const { stream, init, fragment, atMs, cameraMs } = picture;
    const nowMs = performance.now();
    if (stream !== this.#stream || this.#isBroken()) {
      if (!isKey(picture)) return false;
      this.#begin(init);
      this.#stream = stream;
    } else if (atMs > this.#lastAtMs) this.#frameMs += (Math.min(200, atMs - this.#lastAtMs) - this.#frameMs) / 16;
    this.#lastAtMs = atMs;
    this.#lag.arrived(atMs, nowMs, this.#frameMs);
    this.#cameraMs = cameraMs;
    if (this.#waiting.length >= MOST_WAITING) {
      this.#waiting = [];
      return false;
    }
    this.#waiting.push(fragment);
    this.#feed();
    return true;
  }

  /** Where the delay of the picture that is shown arose; null before the first. */
  get delay(): Delay | null {
    const video = this.#video;
    const edge = this.#edgeS();
    if (video === null || edge === null) return null;
    return {
      cameraMs: this.#cameraMs,
      networkMs: this.#lag.spreadMs,
      bufferMs: Math.max(0, (edge - video.currentTime) * 1000),
    };
  }

  close(): void {
    this.#over.abort();
    this.#video?.remove();
    this.#video = null;
    this.#buffer = null;
    this.#waiting = [];
    this.#stream = -1;
  }

  #isBroken(): boolean {
    const { readyState } = this.#media ?? {};
    const isClosed = this.#buffer !== null && readyState === "closed";
    return this.#video === null || this.#video.error !== null || readyState === "ended" || isClosed;
  }

  #begin(init: Bytes): void {
    const kind = source();
    if (kind === undefined) return;
    this.close();
    this.#lag = new Lag();
    this.#pace = "steady";
    const over = (this.#over = new AbortController());
    const video = document.createElement("video");
    video.muted = true;
    video.autoplay = true;
    video.playsInline = true;
    video.disableRemotePlayback = true;
    video.setAttribute("aria-label", this.#label);
    const media = new kind();
    const url = URL.createObjectURL(media);
    over.signal.addEventListener("abort", () => {
      video.removeAttribute("src");
      URL.revokeObjectURL(url);
    });
    const type = `video/mp4; codecs="${codecOf(init)}"`;
    const on = { signal: over.signal };
    this.#waiting = [init];
    media.addEventListener(
      "sourceopen",
      () => {
        // Without an end, or Safari takes it to have ended wherever it runs dry.
        media.duration = Infinity;
        this.#buffer = media.addSourceBuffer(type);
        this.#buffer.addEventListener("updateend", () => {
          this.#keepUp();
          this.#feed();
        });
        this.#feed();
      },
      { ...on, once: true },
    );
    media.addEventListener(
      "startstreaming",
      () => {
        this.#feed();
      },
      on,
    );
    const goOn = (): void => {
      if (video.paused && !document.hidden) video.play().catch(() => undefined);
      this.#keepUp();
    };
    for (const event of ["pause", "canplay"]) video.addEventListener(event, goOn, on);
    document.addEventListener("visibilitychange", goOn, on);
    addEventListener("pageshow", goOn, on);
    video.src = url;
    this.#video = video;
    this.#media = media;
    this.#place.replaceChildren(video);
  }

  #feed(): void {
    const buffer = this.#buffer;
    const isShut = this.#media?.readyState !== "open" || this.#media.streaming === false;
    if (buffer === null || buffer.updating || isShut || this.#waiting.length === 0) return;
    const part = concat(...this.#waiting);
    this.#waiting = [];
    try {
      buffer.appendBuffer(part);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      // No room, or the decoder gave up: begin anew with the next keyframe.
      this.close();
    }
  }

  /** Go where the picture ought to be, and let go of what was shown. */
  #keepUp(): void {
    const [video, buffer, edge] = [this.#video, this.#buffer, this.#edgeS()];
    if (video === null || buffer === null || edge === null) return;
    const behindMs = (edge - video.currentTime) * 1000;
    const last = buffer.buffered.length - 1;
    const begins = buffer.buffered.start(last);
    const isOutside = video.currentTime < begins || behindMs < 0;
    this.#pace = paceOf(behindMs - this.#lag.lagMs, this.#pace);
    if (isOutside || this.#pace === "jump") video.currentTime = Math.max(begins, edge - this.#lag.lagMs / 1000);
    if (!isManaged()) video.playbackRate = this.#pace === "hurry" ? HURRY : 1;
    if (
      !buffer.updating &&
      this.#media?.readyState === "open" &&
      buffer.buffered.start(0) < video.currentTime - 2 * KEEP_S
    )
      buffer.remove(0, video.currentTime - KEEP_S);
  }

  #edgeS(): number | null {
    // A source that a browser closed by itself has no buffers that could be asked.
    if (this.#media?.readyState === "closed") return null;
    const { buffered } = this.#buffer ?? {};
    return buffered === undefined || buffered.length === 0 ? null : buffered.end(buffered.length - 1);
  }
}
