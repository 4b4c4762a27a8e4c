// When a moment of sound that came just now is to be heard: so soon that it is no later than a person minds, and so late that the next
// one is here in time. What would be later is left out: live sound drops, and never lags. Pure: times in, times out, all in seconds.

/** After silence, and after each hole: most moments come within so long of their time. */
const LAG_S = 0.08;
const MOST_S = 0.24;

export class Jitter {
  #endS = -Infinity;

  /** When a moment of `lengthS` begins that came at `nowS`; null: not at all. */
  place(nowS: number, lengthS: number): number | null {
    if (this.#endS - nowS > MOST_S) return null;
    const beginS = this.#endS < nowS ? nowS + LAG_S : this.#endS;
    this.#endS = beginS + lengthS;
    return beginS;
  }
}
