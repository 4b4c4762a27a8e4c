// Speaking at the door from this page: the microphone, a talk for as long as somebody holds the button, a sentence that was spoken
// before. One thing at a time.

import type { Household } from "../../door/household.ts";
import type { Talking } from "../../door/talking.ts";
import { equal } from "../../format/bytes.ts";
import { MOMENT_MS, MOMENT_SAMPLES } from "../../format/talk.ts";
import { Microphone } from "../../speech/microphone.ts";
import { type Sentence, momentOf } from "../../speech/sentences.ts";

export type Speech =
  | { readonly kind: "off" }
  /** The browser asks, or gets ready. */
  | { readonly kind: "opening" }
  | { readonly kind: "ready" }
  | { readonly kind: "asking" }
  /** What is said now is heard at the door; `sentence` is the name of one that was spoken before. */
  | { readonly kind: "heard"; readonly sentence: string | null };

const TICK_MS = 250;
/** The door opens its loudspeaker for as long: what is said meanwhile may be lost, so nobody is told to speak yet. */
const OPENS_MS = 320;
const OPENS_MOMENTS = OPENS_MS / MOMENT_MS;
const SILENCE = new Uint8Array(2 * MOMENT_SAMPLES);

/** What whoever shows it is told. */
interface Told {
  readonly changed: (speech: Speech) => void;
  readonly failed: (error: unknown) => void;
}

export class Speaking {
  readonly #household: Household;
  readonly #told: Told;
  #microphone: Microphone | null = null;
  #talking: Talking | null = null;
  #over = new AbortController();
  #isHeld = false;
  #isClosed = false;

  constructor(household: Household, told: Told) {
    this.#household = household;
    this.#told = told;
  }

  /** From within a touch: speak until `release`; the first time the browser is asked for the microphone. */
  press(): void {
    this.#isHeld = true;
    if (this.#talking === null) void this.#work(() => this.#speak());
  }

  /** Nobody holds the button any more; a sentence that is played goes on. */
  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    void this.#work(() => this.#end());
  }

  /** From within a touch: have a sentence played at the door. */
  play(sentence: Sentence): void {
    if (this.#talking === null) void this.#work(() => this.#play(sentence));
  }

  /** Leave: nothing is heard any more, and the microphone is let go. */
  close(): void {
    this.#isClosed = true;
    this.#isHeld = false;
    void this.#work(() => this.#end());
    this.#microphone?.close();
    this.#microphone = null;
  }

  async #speak(): Promise<void> {
    const microphone = this.#microphone ?? (await this.#opened());
    // A browser that asked had the finger lifted meanwhile.
    if (microphone === null || !this.#isHeld) return;
    await this.#begin(null, (talking) => {
      microphone.hear((number, sound) => {
        talking.spoken(number, sound);
      });
    });
  }

  async #opened(): Promise<Microphone | null> {
    this.#told.changed({ kind: "opening" });
    const microphone = await Microphone.open();
    if (this.#isLeft()) {
      microphone.close();
      return null;
    }
    this.#microphone = microphone;
    this.#told.changed({ kind: "ready" });
    return microphone;
  }

  async #play(sentence: Sentence): Promise<void> {
    this.#told.changed({ kind: "asking" });
    const clock = await Microphone.clock();
    try {
      await this.#begin(
        sentence,
        (talking, over) =>
          new Promise<void>((resolve) => {
            over.addEventListener("abort", () => {
              resolve();
            });
            let first: number | null = null;
            clock.hear((number) => {
              first ??= number + OPENS_MOMENTS;
              const sound = number < first ? SILENCE : momentOf(sentence, number - first);
              if (sound === null) void this.#work(() => this.#end());
              else talking.spoken(number, sound);
            });
          }),
      );
    } finally {
      clock.close();
    }
  }

  /** Ask to be heard, and once one is, say it: `say` may take as long as it lasts, and hears when it is over. */
  async #begin(
    sentence: Sentence | null,
    say: (talking: Talking, over: AbortSignal) => Promise<void> | void,
  ): Promise<void> {
    this.#told.changed({ kind: "asking" });
    const talking = this.#household.present.talk();
    const over = new AbortController();
    [this.#talking, this.#over] = [talking, over];
    try {
      await talking.begin(sentence !== null);
    } catch (error) {
      // One that was let go of meanwhile fails for itself; another may have begun.
      if (this.#talking === talking) this.#talking = null;
      throw error;
    }
    if (over.signal.aborted) return;
    const timer = setInterval(() => {
      this.#tick(talking);
    }, TICK_MS);
    const opened = setTimeout(() => {
      this.#told.changed({ kind: "heard", sentence: sentence?.name ?? null });
    }, OPENS_MS);
    over.signal.addEventListener("abort", () => {
      clearInterval(timer);
      clearTimeout(opened);
    });
    await say(talking, over.signal);
  }

  /** The door, its record, or time may have ended it. */
  #tick(talking: Talking): void {
    const { member, verified } = this.#household.view;
    const { speaking } = verified.facts;
    if (!talking.goesOn(speaking !== null && equal(speaking, member.keys.sign))) void this.#work(() => this.#end());
  }

  async #end(): Promise<void> {
    const talking = this.#talking;
    if (talking === null) return;
    this.#talking = null;
    this.#over.abort();
    this.#microphone?.hear(null);
    this.#rest();
    await talking.end();
  }

  #rest(): void {
    this.#told.changed({ kind: this.#microphone === null ? "off" : "ready" });
  }

  async #work(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.#isLeft()) return;
      if (this.#talking === null) this.#rest();
      this.#told.failed(error);
    }
  }

  /** Whether the page was left meanwhile: no compiler can know. */
  #isLeft(): boolean {
    return this.#isClosed;
  }
}
