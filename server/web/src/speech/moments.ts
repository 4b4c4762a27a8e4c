// A voice, cut into moments as the door plays them: 16,000 samples a second, 16 bits, 40 ms each, whatever rate the microphone has.
//
// What lies above half of the new rate is taken away, or it would come back as another tone: a windowed sinc, read off a table at
// as many places between two samples as ears can tell. Pure.
//
// Source: J. O. Smith, “Digital Audio Resampling”, section “Implementation”.

import { MOMENT_SAMPLES, RATE_HZ } from "../format/talk.ts";

/** So much of half the new rate passes. */
const PASSES = 0.9;
/** Zero crossings of the sinc on each side. */
const CROSSINGS = 12;
/** Places between two crossings. */
const STEPS = 256;

/** The sinc's right half, under a Hann window, `STEPS` values for each crossing. */
const TABLE = Float32Array.from({ length: CROSSINGS * STEPS + 2 }, (_, i) => {
  const x = i / STEPS;
  if (x >= CROSSINGS) return 0;
  const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  return sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / CROSSINGS));
});

export class Moments {
  readonly #step: number;
  readonly #narrow: number;
  readonly #reach: number;
  #held: Float32Array;
  /** Where the next sample of ours lies, in samples that are held. */
  #at: number;
  #moment = new Int16Array(MOMENT_SAMPLES);
  #filled = 0;

  /** `rate` of what comes, samples a second. */
  constructor(rate: number) {
    this.#step = rate / RATE_HZ;
    this.#narrow = Math.min(1, PASSES / this.#step);
    this.#reach = Math.ceil(CROSSINGS / this.#narrow);
    // Silence before the first sample, so that it is treated as any other.
    this.#held = new Float32Array(this.#reach);
    this.#at = this.#reach;
  }

  /** The moments that are whole with these samples. */
  take(samples: Float32Array): Int16Array<ArrayBuffer>[] {
    const held = new Float32Array(this.#held.length + samples.length);
    held.set(this.#held);
    held.set(samples, this.#held.length);
    const whole: Int16Array<ArrayBuffer>[] = [];
    for (; this.#at + this.#reach < held.length; this.#at += this.#step) {
      this.#moment[this.#filled++] = sample(this.#between(held));
      if (this.#filled < MOMENT_SAMPLES) continue;
      whole.push(this.#moment);
      this.#moment = new Int16Array(MOMENT_SAMPLES);
      this.#filled = 0;
    }
    const past = Math.max(0, Math.floor(this.#at) - this.#reach);
    this.#held = held.slice(past);
    this.#at -= past;
    return whole;
  }

  #between(held: Float32Array): number {
    const first = Math.max(0, Math.ceil(this.#at - this.#reach));
    let sum = 0;
    for (let i = first; i <= this.#at + this.#reach; i += 1) {
      const place = Math.abs(i - this.#at) * this.#narrow * STEPS;
      const below = Math.floor(place);
      const low = TABLE[below] ?? 0;
      sum += (held[i] ?? 0) * (low + ((TABLE[below + 1] ?? 0) - low) * (place - below));
    }
    return sum * this.#narrow;
  }
}

const sample = (value: number): number => Math.max(-32_768, Math.min(32_767, Math.round(value * 32_767)));
