// Times as people say them, in this browser's zone: calendar days, and which of the two where an hour comes twice.

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const ZONE = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", timeZoneName: "short" });
const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });
const DAY_AND_YEAR = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });
/** By how much clocks are set back, anywhere. */
const SET_BACK_MS = [3_600_000, 1_800_000];

/** “14:03”; with its zone in an hour that comes twice, when clocks are set back. */
export function clock(utc: string): string {
  const date = new Date(utc);
  const said = CLOCK.format(date);
  const isTwice = SET_BACK_MS.some((ms) => isSaidAlike(date, ms) || isSaidAlike(date, -ms));
  return isTwice ? `${said} ${zoneOf(date)}` : said;
}

/** Whether a local clock shows the same so much later. */
function isSaidAlike(date: Date, ms: number): boolean {
  const other = new Date(date.getTime() + ms);
  return other.getHours() === date.getHours() && other.getMinutes() === date.getMinutes();
}

const zoneOf = (date: Date): string =>
  ZONE.formatToParts(date).find(({ type }) => type === "timeZoneName")?.value ?? offsetOf(date);

/** “+0100”. */
function offsetOf(date: Date): string {
  const east = -date.getTimezoneOffset();
  const minutes = Math.abs(east);
  return `${east < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
}

const two = (number: number): string => String(number).padStart(2, "0");

/** The local date as a sortable key. */
export function dateKey(utc: string): string {
  return keyOf(new Date(utc));
}

const keyOf = (date: Date): string => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

/** “Today”, “Yesterday” or the date: days of the calendar, of which some have 23 hours and some 25. */
export function dayName(utc: string, now: Date): string {
  const key = dateKey(utc);
  if (key === keyOf(now)) return "Today";
  if (key === keyOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1, 12))) return "Yesterday";
  const date = new Date(utc);
  return date.getFullYear() === now.getFullYear() ? DAY.format(date) : DAY_AND_YEAR.format(date);
}

/** For what is read on another day too: “26 November 2026, 14:03”. */
export const dayAndClock = (utc: string): string => `${DAY_AND_YEAR.format(new Date(utc))}, ${clock(utc)}`;

/** For whoever has to be exact: “26 November 2026, 14:03:07 +0100”. */
export function exactTime(utc: string): string {
  const date = new Date(utc);
  return `${DAY_AND_YEAR.format(date)}, ${CLOCK.format(date)}:${two(date.getSeconds())} ${offsetOf(date)}`;
}

/** The same for the name of a file, with letters that every file system takes: “2026-11-26 14-03-07 +0100”. */
export function fileTime(utc: string): string {
  const date = new Date(utc);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join("-");
  return `${keyOf(date)} ${time} ${offsetOf(date)}`;
}

/** “14 seconds”, “1 minute 5 seconds”; nothing for nothing. */
export function duration(ms: number): string {
  if (ms === 0) return "";
  const seconds = Math.max(1, Math.round(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const parts = [minutes > 0 ? plural(minutes, "minute") : "", seconds % 60 > 0 ? plural(seconds % 60, "second") : ""];
  return parts.filter(Boolean).join(" ");
}

/** “0:14”, for the eye. */
export function shortDuration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
