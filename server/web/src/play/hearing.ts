// What is heard at the door, live, from this device's loudspeaker: beside the picture, never in its player, where a hole in the sound would
// stall it. Silent until somebody asks for it by a touch, and while they speak themselves. An edge.
//
// Source: Web Audio API 1.1; docs/FORMAT.md, "Live".

import { type LiveSound, SOUND_RATE } from "../format/live.ts";
import { Jitter } from "./jitter.ts";

/** After somebody spoke, their own voice still comes back from the door for so long. */
const DECAY_MS = 200;

export const canHearLive = (): boolean => "AudioContext" in globalThis;

/** "waiting": it was asked for, and the browser, or this device, does not let it sound. */
export type Heard = "off" | "waiting" | "on";

export class Hearing {
  /** Told whenever `heard` may be another. */
  changed: () => void = () => undefined;
  #context: AudioContext | null = null;
  #gain: GainNode | null = null;
  #jitter = new Jitter();
  #isMuted = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  get heard(): Heard {
    if (this.#context === null) return "off";
    return this.#context.state === "running" ? "on" : "waiting";
  }

  /** From within a touch: let it be heard from now on, or no longer. */
  turn(on: boolean): void {
    if (!on) {
      this.close();
      return;
    }
    if (this.#context !== null) return;
    const context = new AudioContext({ latencyHint: "interactive" });
    this.#context = context;
    this.#gain = context.createGain();
    this.#gain.gain.value = Number(!this.#isMuted);
    this.#gain.connect(context.destination);
    this.#jitter = new Jitter();
    context.addEventListener("statechange", () => {
      this.changed();
    });
    void context.resume();
    this.changed();
  }

  /** Silent for as long as somebody speaks here, and a moment longer. */
  mute(on: boolean): void {
    clearTimeout(this.#timer);
    if (on) this.#set(true);
    else if (this.#isMuted)
      this.#timer = setTimeout(() => {
        this.#set(false);
      }, DECAY_MS);
  }

  /** Play a moment that came just now, if it is not too late. */
  add({ pcm }: LiveSound): void {
    const context = this.#context;
    if (context?.state !== "running" || this.#gain === null) return;
    const length = pcm.length / SOUND_RATE;
    const begin = this.#jitter.place(context.currentTime, length);
    if (begin === null) return;
    const buffer = context.createBuffer(1, pcm.length, SOUND_RATE);
    buffer.copyToChannel(
      Float32Array.from(pcm, (sample) => sample / 32_768),
      0,
    );
    const node = context.createBufferSource();
    node.buffer = buffer;
    node.connect(this.#gain);
    node.start(begin);
  }

  close(): void {
    void this.#context?.close();
    this.#context = null;
    this.#gain = null;
    this.changed();
  }

  #set(muted: boolean): void {
    this.#isMuted = muted;
    if (this.#gain !== null) this.#gain.gain.value = Number(!muted);
  }
}
