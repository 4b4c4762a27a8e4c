// MP4's boxes, as far as a page reads them.
//
// Source: ISO/IEC 14496-12, 4.2.

const HEAD = 8;

export interface Box {
  readonly kind: string;
  readonly at: number;
  readonly end: number;
}

/** The boxes that stand one behind another. */
export function* boxes(view: DataView, from: number, to: number): Generator<Box, void> {
  for (let at = from; at + HEAD <= to;) {
    const size = view.getUint32(at);
    const end = at + size;
    // A box to the end of the file, one of 64 bits, or one that is cut: none of ours, and nothing behind it counts.
    if (size < HEAD || end > to) return;
    yield { kind: kindAt(view, at), at, end };
    at = end;
  }
}

/** The first box at a path of kinds below another. */
export function within(view: DataView, outer: Box | undefined, ...path: readonly string[]): Box | undefined {
  let found = outer;
  for (const kind of path) {
    if (found === undefined) return undefined;
    found = [...boxes(view, found.at + HEAD, found.end)].find((box) => box.kind === kind);
  }
  return found;
}

/** Four letters of a box's head. */
export const kindAt = (view: DataView, at: number): string =>
  String.fromCharCode(...[4, 5, 6, 7].map((i) => view.getUint8(at + i)));

/** The track that a fragment is of; 0 if it does not say. */
export function trackOf(view: DataView, moof: Box): number {
  const header = within(view, moof, "traf", "tfhd");
  return header === undefined || header.end - header.at < 16 ? 0 : view.getUint32(header.at + 12);
}
