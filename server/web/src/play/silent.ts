// A film's picture without its sound, for a browser that knows H.264 and no AAC: the sound's track is taken out while the film passes by.
//
// Source: ISO/IEC 14496-12, "trak", "hdlr", "trex", "moof"; docs/FORMAT.md, "Clip".

import { type Bytes, EMPTY, bigEndian64, concat, utf8 } from "../format/bytes.ts";
import { type Box, boxes, kindAt, trackOf, within } from "../format/mp4.ts";

const HEAD = 8;

export class PictureAlone {
  #rest: Bytes = EMPTY;
  #sound: number | null = null;
  #isOfSound = false;

  /** What is left of the next bytes, box by box. */
  push(part: Bytes): Bytes {
    const all = concat(this.#rest, part);
    const view = new DataView(all.buffer, all.byteOffset, all.length);
    const kept: Bytes[] = [];
    let at = 0;
    while (at + HEAD <= all.length) {
      const end = at + view.getUint32(at);
      if (end > all.length || end < at + HEAD) break;
      kept.push(this.#kept(all, view, { kind: kindAt(view, at), at, end }));
      at = end;
    }
    this.#rest = all.slice(at);
    return concat(...kept);
  }

  /** It goes on elsewhere in the film, with a whole box. */
  moved(): void {
    this.#rest = EMPTY;
    this.#isOfSound = false;
  }

  #kept(all: Bytes, view: DataView, box: Box): Bytes {
    const whole = all.subarray(box.at, box.end);
    if (box.kind === "moov") return this.#header(all, view, box);
    if (box.kind === "moof") this.#isOfSound = this.#sound !== null && trackOf(view, box) === this.#sound;
    return this.#isOfSound ? EMPTY : whole;
  }

  #header(all: Bytes, view: DataView, movie: Box): Bytes {
    const kept: Bytes[] = [];
    for (const box of boxes(view, movie.at + HEAD, movie.end)) {
      if (box.kind === "trak" && isSound(view, box)) {
        const head = within(view, box, "tkhd");
        this.#sound = head === undefined ? null : view.getUint32(head.at + 20);
      } else if (box.kind === "mvex") kept.push(this.#extends(all, view, box));
      else kept.push(all.subarray(box.at, box.end));
    }
    return boxOf("moov", kept);
  }

  #extends(all: Bytes, view: DataView, box: Box): Bytes {
    const others = [...boxes(view, box.at + HEAD, box.end)].filter(
      ({ kind, at }) => kind !== "trex" || view.getUint32(at + 12) !== this.#sound,
    );
    return boxOf(
      "mvex",
      others.map(({ at, end }) => all.subarray(at, end)),
    );
  }
}

function isSound(view: DataView, track: Box): boolean {
  const handler = within(view, track, "mdia", "hdlr");
  return handler !== undefined && kindAt(view, handler.at + 12) === "soun";
}

function boxOf(kind: string, parts: readonly Bytes[]): Bytes {
  const size = parts.reduce((sum, part) => sum + part.length, HEAD);
  return concat(bigEndian64(BigInt(size)).slice(4), utf8(kind), ...parts);
}
