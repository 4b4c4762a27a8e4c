// Who can see: the readers of the household, and who looked lately.

import type { JSX } from "preact";

import { equal } from "../format/bytes.ts";
import type { View } from "../door/household.ts";
import type { Look } from "../trust/facts.ts";
import { clock, dayName, duration, nameOf } from "./words.ts";

const SHOWN = 30;

export function People({ view }: { readonly view: View }): JSX.Element {
  const { roster } = view.verified.chain;
  const me = view.member.keys.sign;
  return (
    <>
      <section aria-labelledby="readers">
        <h2 id="readers">Who can see</h2>
        <ul class="rows">
          {roster.readers.map((reader) => (
            <li key={reader.seq}>
              <span class="initial" aria-hidden="true">
                {Array.from(reader.label)[0]?.toUpperCase()}
              </span>
              <span>{reader.label}</span>
              {equal(reader.sign, me) && <span class="tag">This one</span>}
            </li>
          ))}
          <li>
            <span class="initial" aria-hidden="true">
              ✶
            </span>
            <span>The paper card</span>
            <span class="quiet">opens everything, so keep it safe</span>
          </li>
        </ul>
      </section>
      <Looks view={view} />
    </>
  );
}

function Looks({ view }: { readonly view: View }): JSX.Element {
  const looks = condensed(view.verified.facts.looks).slice(0, SHOWN);
  const now = new Date();
  return (
    <section aria-labelledby="looks">
      <h2 id="looks">Lately</h2>
      {looks.length === 0 ? (
        <p class="quiet">Nobody has looked yet. Whenever somebody does, it is written down here.</p>
      ) : (
        <ol class="rows looks">
          {looks.map((look) => (
            <li key={`${look.at_utc}-${look.kind}`}>
              <span>{sentence(look, view)}</span>
              <time class="quiet" dateTime={look.at_utc}>{`${dayName(look.at_utc, now)}, ${clock(look.at_utc)}`}</time>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function sentence(look: Look, { verified, member, clips }: View): string {
  const { roster } = verified.chain;
  switch (look.kind) {
    case "opened": {
      const clip = clips.get(look.clip);
      const begun =
        clip && "statement" in clip ? clip.statement.begun_utc : verified.facts.clips.get(look.clip)?.begun?.at_utc;
      return `${nameOf(roster, look.reader, member.keys.sign)} opened ${begun === undefined ? "a recording that is no longer kept" : `the recording of ${clock(begun)}`}`;
    }
    case "listed":
      return `${nameOf(roster, look.reader, member.keys.sign)} looked through ${dayName(`${look.day}T12:00:00Z`, new Date()).replace("Today", "today").replace("Yesterday", "yesterday")}`;
    case "joined":
      return `${roster.readers.find((reader) => reader.seq === look.seq)?.label ?? "A reader"} joined, with the card`;
    case "gap":
      return `The door did not see anything for ${duration(Date.parse(look.at_utc) - Date.parse(look.from_utc))}`;
  }
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
