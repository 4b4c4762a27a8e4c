// Speaking at the door from this page: the microphone, a talk for as long as somebody holds the button, a sentence that was spoken
// before. One thing at a time.

import type { Household } from "../../door/household.ts";
import type { Talking } from "../../door/talking.ts";
import { equal } from "../../format/bytes.ts";
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
  #isHeld = false;
  #isClosed = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(household: Household, told: Told) {
    this.#household = household;
    this.#told = told;
  }

  /** From within a touch: speak until `release`; the first time the browser is asked for the microphone. */
  press(): void {
    this.#isHeld = true;
    if (this.#talking === null) void this.#work(() => this.#speak());
  }

  release(): void {
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
    this.release();
    this.#microphone?.close();
    this.#microphone = null;
  }

  async #speak(): Promise<void> {
    if (this.#microphone === null) {
      this.#told.changed({ kind: "opening" });
      const microphone = await Microphone.open();
      if (this.#isLeft()) {
        microphone.close();
        return;
      }
      this.#microphone = microphone;
      this.#told.changed({ kind: "ready" });
    }
    // A browser that asked had the finger lifted meanwhile.
    if (!this.#isHeld) return;
    const talking = await this.#begun(false, null);
    this.#microphone.hear((number, sound) => {
      talking.spoken(number, sound);
    });
  }

  async #play(sentence: Sentence): Promise<void> {
    this.#told.changed({ kind: "asking" });
    const clock = await Microphone.clock();
    try {
      const talking = await this.#begun(true, sentence.name);
      await new Promise<void>((resolve) => {
        let first: number | null = null;
        clock.hear((number) => {
          first ??= number;
          const sound = momentOf(sentence, number - first);
          if (sound === null || this.#talking !== talking) resolve();
          else talking.spoken(number, sound);
        });
      });
    } finally {
      clock.close();
      await this.#end();
    }
  }

  async #begun(recorded: boolean, sentence: string | null): Promise<Talking> {
    this.#told.changed({ kind: "asking" });
    const talking = this.#household.present.talk();
    this.#talking = talking;
    await talking.begin(recorded);
    if (!talking.isHeard) return talking;
    this.#told.changed({ kind: "heard", sentence });
    this.#timer = setInterval(() => {
      this.#tick(talking);
    }, TICK_MS);
    return talking;
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
    clearInterval(this.#timer);
    this.#microphone?.hear(null);
    this.#told.changed({ kind: this.#microphone === null ? "off" : "ready" });
    await talking.end();
  }

  async #work(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#talking = null;
      clearInterval(this.#timer);
      this.#told.changed({ kind: this.#microphone === null ? "off" : "ready" });
      this.#told.failed(error);
    }
  }

  /** Whether the page was left meanwhile: no compiler can know. */
  #isLeft(): boolean {
    return this.#isClosed;
  }
}
