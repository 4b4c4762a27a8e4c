// Whether the door is heard: a signed head is asked for every 10 s, and without one the door counts as out of reach before 15 s are over.

export const HEAD_MS = 10_000;
/** So much later than due, a head counts as missing. */
const GRACE_MS = 4_000;

export class Pulse {
  readonly #missed: () => void;
  #overdue: ReturnType<typeof setTimeout> | undefined;
  #answered = false;

  /** `missed` is called when nothing signed was heard in time. */
  constructor(missed: () => void) {
    this.#missed = missed;
  }

  /** Something signed was heard, or listening begins. */
  expect(): void {
    clearTimeout(this.#overdue);
    this.#overdue = setTimeout(() => {
      // A page out of sight is not allowed to ask in time; it asks when it is back.
      if (!document.hidden) this.#missed();
    }, HEAD_MS + GRACE_MS);
  }

  heard(): void {
    this.#answered = true;
    this.expect();
  }

  /** Whether anything was heard since this was last asked. */
  takeAnswered(): boolean {
    const answered = this.#answered;
    this.#answered = false;
    return answered;
  }

  stop(): void {
    clearTimeout(this.#overdue);
  }
}
