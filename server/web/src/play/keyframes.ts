// Where in a film a player can begin: the fragments that stand by themselves, found while the film passes by.
//
// Source: ISO/IEC 14496-12, "moof", "tfdt", "trun"; docs/FORMAT.md, "Clip".

import { type Bytes, EMPTY, concat } from "../format/bytes.ts";

/** As the door's own clips have it; a film that tells time otherwise is played from its beginning only. */
const TIMESCALE = 90_000;
/** A fragment's head has about a hundred bytes. */
const MAX_HEAD_BYTES = 4096;
const NOT_SYNC = 0x0001_0000;

export interface Keyframe {
  /** Bytes from the film's first to the fragment's first. */
  readonly offset: number;
  readonly atS: number;
}

export class Keyframes {
  readonly #found: Keyframe[] = [];
  #rest: Bytes = EMPTY;
  #at = 0;
  #skip = 0;
  #endS = 0;
  #isReadable = true;

  /** How much of the film has passed by, in seconds. */
  get endS(): number {
    return this.#endS;
  }

  /** Look at the next bytes. */
  push(chunk: Bytes): void {
    if (!this.#isReadable) return;
    this.#rest = concat(this.#rest, chunk);
    while (this.#step());
  }

  /** The last one at or before a moment, or the film's beginning. */
  before(atS: number): Keyframe {
    return this.#found.findLast((keyframe) => keyframe.atS <= atS) ?? { offset: 0, atS: 0 };
  }

  /** The first one after a moment; null where none is known. */
  after(atS: number): Keyframe | null {
    return this.#found.find((keyframe) => keyframe.atS > atS) ?? null;
  }

  /** Pass over one box, or what there is of it; false if more bytes are needed. */
  #step(): boolean {
    if (this.#skip > 0) {
      const passed = Math.min(this.#skip, this.#rest.length);
      this.#skip -= passed;
      this.#pass(passed);
      return this.#skip === 0;
    }
    if (!this.#isReadable || this.#rest.length < 8) return false;
    const view = viewOf(this.#rest);
    const size = view.getUint32(0);
    if (size < 8) return (this.#isReadable = false);
    if (kind(view, 0) !== "moof" || size > MAX_HEAD_BYTES) {
      this.#skip = size;
      return true;
    }
    if (this.#rest.length < size) return false;
    this.#note(new DataView(view.buffer, view.byteOffset, size));
    this.#pass(size);
    return true;
  }

  #pass(count: number): void {
    this.#rest = this.#rest.slice(count);
    this.#at += count;
  }

  #note(moof: DataView<ArrayBuffer>): void {
    const traf = boxes(moof, 8).get("traf");
    const inside = traf && boxes(traf, 8);
    const [tfdt, trun] = [inside?.get("tfdt"), inside?.get("trun")];
    if (tfdt?.byteLength !== 20 || trun?.byteLength !== 32) return;
    const begun = Number(tfdt.getBigUint64(12));
    this.#endS = (begun + trun.getUint32(20)) / TIMESCALE;
    if ((trun.getUint32(28) & NOT_SYNC) === 0) this.#found.push({ offset: this.#at, atS: begun / TIMESCALE });
  }
}

const viewOf = (data: Bytes): DataView<ArrayBuffer> => new DataView(data.buffer, data.byteOffset, data.length);
const kind = (view: DataView, at: number): string =>
  String.fromCharCode(...[4, 5, 6, 7].map((i) => view.getUint8(at + i)));

/** The boxes that stand one behind another, by kind; the last of a kind counts. */
function boxes(view: DataView<ArrayBuffer>, start: number): Map<string, DataView<ArrayBuffer>> {
  const found = new Map<string, DataView<ArrayBuffer>>();
  for (let at = start; at + 8 <= view.byteLength;) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > view.byteLength) break;
    found.set(kind(view, at), new DataView(view.buffer, view.byteOffset + at, size));
    at += size;
  }
  return found;
}
