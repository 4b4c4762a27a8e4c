// Writes a film's length where a player looks for it. A film grows while it is recorded, so its header says none; WebKit then takes
// the first fragment for all of it.
//
// Source: ISO/IEC 14496-12, "mvhd", "mdhd", "tfdt".

import { type Bytes, bytes } from "../format/bytes.ts";
import { type Box, boxes, trackOf, within } from "../format/mp4.ts";

const HEAD = 8;

/** A copy of a film, for playing, whose header says how long it is; the film itself where that cannot be told. */
export function withLength(film: Bytes): Bytes {
  const copy = bytes(film.slice());
  const view = new DataView(copy.buffer);
  const top = [...boxes(view, 0, copy.length)];
  const movie = top.find(({ kind }) => kind === "moov");
  const header = within(view, movie, "mvhd");
  const media = within(view, movie, "trak", "mdia", "mdhd");
  const fragments = top.filter(({ kind }) => kind === "moof");
  const [first] = fragments;
  // The first is the picture's, and so is the film's length; its sound may end a little before.
  const begins = fragments
    .filter((box) => first !== undefined && trackOf(view, box) === trackOf(view, first))
    .map((box) => beginOf(view, within(view, box, "traf", "tfdt")));
  const [last, before] = [begins.at(-1), begins.at(-2)];
  if (!isShort(view, header) || !isShort(view, media) || last === undefined || before === undefined) return film;
  // The last fragment is taken to be as long as the one before it.
  const seconds = (2 * last - before) / view.getUint32(media.at + 20);
  const units = Math.round(seconds * view.getUint32(header.at + 20));
  if (!Number.isFinite(units) || units <= 0 || units > 0xffff_fffe) return film;
  view.setUint32(header.at + 24, units);
  return copy;
}

/** Whether a header is there, whole, and of the 32-bit version that our muxer writes. */
const isShort = (view: DataView, box: Box | undefined): box is Box =>
  box !== undefined && box.end - box.at >= 28 && view.getUint8(box.at + HEAD) === 0;

function beginOf(view: DataView, box: Box | undefined): number {
  if (box === undefined || box.end - box.at < 16) return NaN;
  const isLong = view.getUint8(box.at + HEAD) === 1;
  if (!isLong) return view.getUint32(box.at + 12);
  return box.end - box.at < 20 ? NaN : Number(view.getBigUint64(box.at + 12));
}
