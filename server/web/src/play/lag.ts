// How far behind the newest picture to show: as far as pictures come late, by what was measured, and no farther.
//
// The spread of arrivals, that is by how much each came later than the quickest did, in a histogram that forgets. Its 95th percentile and
// one frame is the lag: it rises at once, and falls by at most a frame a second. Pure: times in, milliseconds out.

const BIN_MS = 10;
const BINS = 101;
const FORGETS = 0.99;
const SHARE = 0.95;
/** The quickest way is forgotten as slowly as clocks drift. */
const DRIFT = 0.0002;

export class Lag {
  readonly #bins = new Float64Array(BINS);
  #quickestMs: number | null = null;
  #lastMs = 0;
  #lagMs = 0;
  #spreadMs = 0;

  /** A picture that was captured at `atMs` of the camera's clock came at `nowMs` of this page's. */
  arrived(atMs: number, nowMs: number, frameMs: number): void {
    const way = nowMs - atMs;
    const passedMs = Math.max(0, nowMs - this.#lastMs);
    this.#quickestMs = Math.min(way, this.#quickestMs === null ? way : this.#quickestMs + passedMs * DRIFT);
    this.#spreadMs = way - this.#quickestMs;
    const bin = Math.min(BINS - 1, Math.floor(this.#spreadMs / BIN_MS));
    this.#bins.forEach((weight, i) => (this.#bins[i] = weight * FORGETS));
    this.#bins[bin] = (this.#bins[bin] ?? 0) + 1;
    const wanted = this.#percentile() + frameMs;
    this.#lagMs = Math.max(wanted, this.#lagMs - (frameMs * passedMs) / 1000);
    this.#lastMs = nowMs;
  }

  /** How far behind to show. */
  get lagMs(): number {
    return this.#lagMs;
  }

  /** By how much the newest picture came later than the quickest. */
  get spreadMs(): number {
    return this.#spreadMs;
  }

  #percentile(): number {
    const all = this.#bins.reduce((sum, weight) => sum + weight, 0);
    let below = 0;
    for (let bin = 0; bin < BINS; bin += 1) {
      below += this.#bins[bin] ?? 0;
      if (below >= all * SHARE) return (bin + 1) * BIN_MS;
    }
    return BINS * BIN_MS;
  }
}
