// Names and happenings as people say them.

import { type Bytes, equal } from "../../format/bytes.ts";
import type { Statement } from "../../format/statement.ts";
import type { Keys } from "../../keys/reader.ts";
import type { Happening } from "../../trust/happening.ts";
import type { Gap, Noted } from "../../trust/noted.ts";
import { type Roster, everReaderOf } from "../../trust/roster.ts";
import { clock, dayName, duration, plural } from "./times.ts";

/** What was not seen or kept, and for how long as far as that is known. */
export function missed(reason: Gap["reason"], ms: number): string {
  const span = duration(Math.max(0, ms));
  return span === "" ? MISSED[reason] : `${MISSED[reason]}, for ${span}`;
}

const MISSED: Readonly<Record<Gap["reason"], string>> = {
  camera: "The camera was gone",
  overload: "Pictures were lost: there was too much to do",
  disk: "The door’s disk refused a recording",
  stuck: "The camera showed the same picture again and again",
  blind: "The camera saw nothing: it was covered, or it was black dark",
  clock: "The camera’s time jumped: what happened in between is not known",
  picture: "The camera’s picture had another form: what happened in between is not known",
  unfit: "Recordings are sealed without somebody whose key does not work: look at “Who can see”",
  settings: "The door’s settings are damaged or lost: it sees nothing until somebody sets them again",
};

/** What happened, as a heading: a ring counts more than what moved. */
export function occasion({ triggers, more_rings }: Statement): {
  readonly kind: "ring" | "motion";
  readonly words: string;
} {
  const rings = triggers.filter(({ kind }) => kind === "ring").length + more_rings;
  if (rings > 1) return { kind: "ring", words: `Rang ${rings === 2 ? "twice" : `${rings} times`}` };
  return rings === 1 ? { kind: "ring", words: "Rang the bell" } : { kind: "motion", words: "Movement" };
}

export function nameOf(roster: Roster, sign: Bytes, me: Bytes): string {
  if (equal(sign, me)) return "You";
  return everReaderOf(roster, sign)?.label ?? "Someone who is no longer here";
}

/** One sentence for a change of the household. */
export function told(happening: Happening, roster: Roster, me: Bytes): string {
  const name = (sign: Bytes | null): string => (sign === null ? "the card" : midSentence(nameOf(roster, sign, me)));
  const start = (sign: Bytes | null): string => (sign === null ? "The card" : nameOf(roster, sign, me));
  switch (happening.what) {
    case "joined": {
      const joined = start(happening.reader);
      const was = joined === "You" ? "were" : "was";
      if (happening.by === null) return `${joined} ${was} added with the card`;
      return `${joined} ${was} let in by ${name(happening.by)}, invited by ${name(happening.inviter)}`;
    }
    case "invited":
      return `${start(happening.by)} made an invitation`;
    case "applied":
      return `“${happening.label}” asked to join, invited by ${name(happening.inviter)}`;
    case "removed": {
      const gone = start(happening.reader);
      return `${gone} ${gone === "You" ? "were" : "was"} removed by ${name(happening.by)}`;
    }
    case "turned_away":
      return `“${happening.label}” was turned away by ${name(happening.by)}`;
    case "renamed":
      return `${start(happening.by)} gave “${happening.from}” the name “${happening.to}”`;
    case "card_proposed":
      return `${start(happening.by)} asked for a new card in place of the old one`;
    case "card_objected":
      return `${start(happening.by)} objected to the new card`;
    case "card_replaced":
      return happening.by === null
        ? "The card was replaced, with the old one"
        : `The card was replaced by ${name(happening.by)} and ${name(happening.agreed)}`;
  }
}

/** One sentence for what a household has to notice. */
export function toldNoted(noted: Noted, roster: Roster, me: Bytes): string {
  const name = (sign: Bytes): string => nameOf(roster, sign, me);
  switch (noted.kind) {
    case "household":
      return told(noted.happening, roster, me);
    case "set":
      return `${name(noted.reader)} ${toldSetting(noted)}`;
    case "granted":
      return `${name(noted.reader)} gave ${plural(noted.clips, "older recording")} to ${midSentence(name(noted.to))}`;
    case "drilled":
      return `${name(noted.reader)} tried the card: it opens recordings`;
    case "spent": {
      const who =
        noted.reader === null ? "All together" : equal(noted.reader, roster.admit) ? "The card" : name(noted.reader);
      return `${who} had as much written down as a day allows`;
    }
    case "gap":
      return missed(noted.reason, Date.parse(noted.at_utc) - Date.parse(noted.from_utc));
  }
}

/** What somebody did who set what the door sees. */
function toldSetting({ what, privacy, snoozed_until_utc }: Extract<Noted, { kind: "set" }>): string {
  const others = what.filter((part) => !["privacy", "snoozed_until_utc", "hush", "silent"].includes(part));
  const done = [
    what.includes("privacy") ? `turned privacy ${privacy ? "on" : "off"}` : "",
    what.includes("snoozed_until_utc") ? toldSnooze(snoozed_until_utc) : "",
    what.includes("hush") ? "changed when the chime is silent" : "",
    what.includes("silent") ? "changed who may speak at the door" : "",
    others.length > 0 ? `changed what the door sees: ${others.map((part) => PARTS[part] ?? part).join(", ")}` : "",
  ].filter(Boolean);
  return done.length > 0 ? done.join(", and ") : "set the same again";
}

const toldSnooze = (until: string | null): string =>
  until === null
    ? "ended the snooze"
    : `snoozed the door until ${dayName(until, new Date()).replace("Today", "today").replace("Yesterday", "yesterday")}, ${clock(until)}`;

const PARTS: Readonly<Record<string, string>> = {
  zones: "zones",
  masks: "masks",
  quiet: "quiet hours",
};

/** How often, where that is more than what is shown. */
export const often = (times: number): string => (times === 0 ? "" : ` · ${times.toLocaleString("en-GB")} times in all`);

const midSentence = (name: string): string => (name === "You" ? "you" : name);

/** A name to begin with; people know their device by its kind. */
export function suggestedName(agent: string): string {
  if (/iPad|Tablet/i.test(agent)) return "This tablet";
  if (/Mobi|iPhone|Android/i.test(agent)) return "This phone";
  return "This computer";
}

/** Which kind of keys opens recordings here, and which of the two halves script cannot read. */
export const keysInWords = (keys: Keys): string =>
  `opens with ML-KEM-768 and ${"p256" in keys ? "P-256" : "X25519"}, ${
    keys.mlkem.kind === "native" ? "both" : "the second"
  } out of any script’s reach`;
