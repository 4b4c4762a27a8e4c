// What is in the door's way, as people say it: a few words for the header, a title, and a sentence with since when and by whom.

import type { Bytes } from "../../format/bytes.ts";
import type { Condition } from "../../format/conditions.ts";
import type { Verified } from "../../keys/store.ts";
import { lastSet } from "../../trust/noted.ts";
import { clock, dateKey, dayName } from "../parts/times.ts";
import { nameOf } from "../parts/words.ts";

export interface Told {
  /** Whether something is broken, and not merely as the household wants it. */
  readonly isBad: boolean;
  readonly short: string;
  readonly title: string;
  readonly sentence: string;
}

const WEEKDAY = new Intl.DateTimeFormat("en-GB", { weekday: "long" });

/** Nothing is in the way, as far as the door says it. */
export const WELL = "Door is well";

export const UNTOLD: Told = {
  isBad: true,
  short: "Not known how it is",
  title: "The door does not say how it is",
  sentence: "It answers, but whether it sees and records is not known to this device.",
};

export function toldCondition({ kind, since_utc, until_utc, by }: Condition, verified: Verified, me: Bytes): Told {
  const now = new Date();
  const since = since_utc === null ? "" : ` since ${when(since_utc, now)}`;
  const until = until_utc === null ? "" : ` until ${when(until_utc, now)}`;
  switch (kind) {
    case "camera":
      return bad(
        "Camera is gone",
        `Nothing is seen or recorded${since}. The door keeps trying to open its camera. A ring is still written down.`,
      );
    case "settings":
      return bad(
        "Settings are lost",
        `They are damaged or gone, so nothing is seen${since}, until somebody sets them again. A ring is still written down.`,
      );
    case "disk":
      return bad("Cannot record", `The door’s disk has refused recordings${since}. It may be full or broken.`);
    case "stuck":
      return bad("Picture stands still", `The camera shows the same picture again and again${since}.`);
    case "blind":
      return bad("Camera sees nothing", `It is covered, or it is black dark${since === "" ? "" : `,${since}`}.`);
    case "self_test":
      return bad(
        "Self-test failed",
        `The door tries each day whether it would see, record and seal a visitor, and it would not${since}. Health, below The door, says where it fails.`,
      );
    case "button":
      return bad(
        "Button is out of order",
        `Its line cannot be read or believed${since}: a press may not ring. The door’s journal says why, and it tries again by itself.`,
      );
    case "chime":
      return bad(
        "Chime is out of order",
        `It was not heard, or not all of it${since}. Who rings is recorded, and every page rings.`,
      );
    case "loudspeaker":
      return bad(
        "Loudspeaker is out of order",
        `Nobody can be heard at the door${since}. The door’s journal says why, and it tries again by itself.`,
      );
    case "microphone":
      return bad(
        "Microphone is out of order",
        `The door does not hear${since}: films and live have no sound. Pictures and rings go on. The door’s journal says why, and it tries again by itself.`,
      );
    case "power":
      return bad(
        "Power is too weak",
        `The voltage falls too low${since}, which can stop the door at any moment. It needs the power supply made for it, and a short, thick cable.`,
      );
    case "heat":
      return bad(
        "Door is too hot",
        `Its computer is slowed down by its heat${since}, so films may have fewer pictures. It needs shade or air.`,
      );
    case "clock":
      return bad(
        "Clock is wrong",
        "The door does not know what time it is: times beside its recordings are wrong until it hears a time server. Their order is right, and none is deleted for it.",
      );
    case "privacy":
      return {
        isBad: false,
        short: "Privacy is on",
        title: "Privacy is on",
        sentence: `Nothing is seen. A ring is written down, without a picture. ${onWordOf("privacy")}`.trim(),
      };
    case "snoozed":
      return {
        isBad: false,
        short: `Snoozed${shortUntil(until_utc)}`,
        title: `Snoozed${until}`,
        sentence: `Who rings is recorded, who merely passes is not. ${onWordOf("snoozed_until_utc")}`.trim(),
      };
    case "quiet":
      return {
        isBad: false,
        short: `Quiet hours${shortUntil(until_utc)}`,
        title: `Quiet hours${until}`,
        sentence: `Who rings is recorded, who merely passes is not${since}.`,
      };
    case "hushed":
      return {
        isBad: false,
        short: `Chime is silent${shortUntil(until_utc)}`,
        title: `The chime is silent${until}`,
        sentence: `Who rings is recorded, and every page rings. ${onWordOf("hush")}`.trim(),
      };
    case "hush":
      return {
        isBad: false,
        short: `Chime is silent${shortUntil(until_utc)}`,
        title: `The chime is silent${until}`,
        sentence: `These are its quiet hours${since}. Who rings is recorded, and every page rings.`,
      };
  }

  /** The door knows who it was since its start alone; before that the record does, for those who belonged. */
  function onWordOf(part: string): string {
    const recorded = lastSet(verified.facts.changes, part);
    const who = by ?? recorded?.reader ?? null;
    const at = since_utc ?? recorded?.at_utc ?? null;
    if (who === null) return "It has been so since before this device belonged here.";
    return `${nameOf(verified.chain.roster, who, me)} set it${at === null ? "" : `, ${when(at, now)}`}.`;
  }
}

/** For the header: the time, or the day if that is another. */
function shortUntil(utc: string | null): string {
  if (utc === null) return "";
  return ` until ${dateKey(utc) === dateKey(new Date().toISOString()) ? clock(utc) : WEEKDAY.format(new Date(utc))}`;
}

const bad = (title: string, sentence: string): Told => ({ isBad: true, short: title, title, sentence });

/** “14:03”, and the day before it if that is another. */
function when(utc: string, now: Date): string {
  if (dateKey(utc) === dateKey(now.toISOString())) return clock(utc);
  const day = dayName(utc, now);
  return `${day === "Yesterday" ? "yesterday" : day}, ${clock(utc)}`;
}
