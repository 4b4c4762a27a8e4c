// Lately: who looked, and what changed in the household.

import type { JSX } from "preact";

import type { View } from "../door/view.ts";
import type { Look } from "../trust/facts.ts";
import { clock, dayName, missed, nameOf, plural, told } from "./words.ts";

const SHOWN = 30;

export function Looks({ view }: { readonly view: View }): JSX.Element {
  const looks = condensed(view.verified.facts.looks).slice(0, SHOWN);
  const now = new Date();
  return (
    <section aria-labelledby="looks">
      <h2 id="looks">Lately</h2>
      {looks.length === 0 ? (
        <p class="quiet">Nobody has looked yet. Whenever somebody does, it is written down here.</p>
      ) : (
        <ol class="rows looks">
          {looks.map((look, i) => (
            <li key={looks.length - i}>
              <span>{sentence(look, view)}</span>
              {look.at_utc !== null && (
                <time
                  class="quiet"
                  dateTime={look.at_utc}
                >{`${dayName(look.at_utc, now)}, ${clock(look.at_utc)}`}</time>
              )}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function sentence(look: Look, view: View): string {
  const { verified, member } = view;
  const { roster } = verified.chain;
  const name = (sign: Uint8Array<ArrayBuffer>): string => nameOf(roster, sign, member.keys.sign);
  switch (look.kind) {
    case "opened":
      return `${name(look.reader)} opened ${recording(look.clip, view)}`;
    case "exported":
      return `${name(look.reader)} saved ${recording(look.clip, view)} as a file`;
    case "listed":
      return `${name(look.reader)} looked through ${dayName(`${look.day}T12:00:00Z`, new Date()).replace("Today", "today").replace("Yesterday", "yesterday")}`;
    case "granted":
      return `${name(look.reader)} gave ${plural(look.clips, "older recording")} to ${name(look.to).replace("You", "you")}`;
    case "watched":
      return `${name(look.reader)} watched live`;
    case "set":
      return `${name(look.reader)} changed settings: ${look.what.join(", ")}`;
    case "drilled":
      return `${name(look.reader)} tried the card: it opens recordings`;
    case "household":
      return told(look.happening, roster, member.keys.sign);
    case "gap":
      return missed(look.reason, Date.parse(look.at_utc) - Date.parse(look.from_utc));
  }
}

function recording(number: number, { verified, clips }: View): string {
  const clip = clips.get(number);
  const begun =
    clip && "statement" in clip ? clip.statement.begun_utc : verified.facts.clips.get(number)?.begun?.at_utc;
  return begun === undefined ? "a recording that is no longer kept" : `the recording of ${clock(begun)}`;
}

/** Newest first; the same person leafing through the same day again and again is one entry, the latest. */
function condensed(looks: readonly Look[]): readonly Look[] {
  const seen = new Set<string>();
  return looks.toReversed().filter((look) => {
    if (look.kind !== "listed") return true;
    const key = `${look.day} ${look.reader.join()}`;
    return !seen.has(key) && seen.add(key);
  });
}
