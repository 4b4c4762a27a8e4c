// Lately: what changed, and who looked, each person by themselves; on request all of it.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import type { View } from "../../door/view.ts";
import { toBase64 } from "../../format/bytes.ts";
import { type Row as LookRow, rowsOf } from "../../trust/looks.ts";
import { changesOf, latelyOf } from "../../trust/noted.ts";
import { clock, dayName, duration, plural } from "../parts/times.ts";
import { nameOf, often, toldNoted } from "../parts/words.ts";

/** How many looks of each person are shown at first: whoever looks a lot hides nobody else. */
const FEW = 8;

interface Row {
  readonly seq: number;
  readonly at_utc: string | null;
  readonly words: string;
}

export function Looks({ view }: { readonly view: View }): JSX.Element {
  const [isWhole, setIsWhole] = useState(false);
  const { chain, facts } = view.verified;
  const looks = rowsOf(facts.looks);
  const shown = isWhole ? looks : fewOfEach(looks);
  const changes = changesOf(facts.changes);
  const lately = isWhole ? changes : latelyOf(facts.changes, chain.roster).rows;
  const rows: readonly Row[] = [
    ...lately.map(({ noted, times }) => ({
      seq: noted.seq,
      at_utc: noted.at_utc,
      words: toldNoted(noted, chain.roster, view.member.keys.sign) + often(times),
    })),
    ...shown.map((row) => ({
      seq: row.look.seq,
      at_utc: row.look.at_utc,
      words: sentence(row, view) + often(row.times > row.recordings ? row.times : 0),
    })),
    ...facts.visits.flatMap(({ seq, answered, first_utc }) =>
      answered === null
        ? []
        : [
            {
              seq,
              at_utc: answered.at_utc,
              words: `${nameOf(chain.roster, answered.reader, view.member.keys.sign)} saw to who rang at ${clock(first_utc)}`,
            },
          ],
    ),
  ].toSorted((a, b) => b.seq - a.seq);
  const more = looks.length - shown.length + changes.length - lately.length;
  const now = new Date();
  return (
    <section aria-labelledby="looks">
      <h2 id="looks">Lately</h2>
      {rows.length === 0 ? (
        <p class="quiet">Nobody has looked yet. Whenever somebody does, it is written down here.</p>
      ) : (
        <ol class="rows looks">
          {rows.map(({ seq, at_utc, words }) => (
            <li key={seq}>
              <span>{words}</span>
              {at_utc !== null && (
                <time class="quiet" dateTime={at_utc}>{`${dayName(at_utc, now)}, ${clock(at_utc)}`}</time>
              )}
            </li>
          ))}
        </ol>
      )}
      {more > 0 && (
        <button
          type="button"
          class="action plain"
          onClick={() => {
            setIsWhole(true);
          }}
        >
          {`Show ${more} more`}
        </button>
      )}
    </section>
  );
}

function fewOfEach(looks: readonly LookRow[]): readonly LookRow[] {
  const shown = new Map<string, number>();
  return looks.filter(({ look }) => {
    const who = toBase64(look.reader);
    const count = (shown.get(who) ?? 0) + 1;
    shown.set(who, count);
    return count <= FEW;
  });
}

function sentence({ look, recordings }: LookRow, view: View): string {
  const { verified, member } = view;
  const name = nameOf(verified.chain.roster, look.reader, member.keys.sign);
  switch (look.kind) {
    case "opened":
      if (recordings > 1) return `${name} opened ${plural(recordings, "recording")}, one after the other`;
      return `${name} opened ${recording(look.clip, view)}`;
    case "exported":
      return `${name} fetched ${recording(look.clip, view)} as a file`;
    case "listed":
      return `${name} looked through ${day(look.day)}`;
    case "talked":
      return look.seconds === 0
        ? `${name} spoke at the door`
        : `${name} spoke at the door, for ${duration(look.seconds * 1000)}`;
    case "watched":
      return look.seconds === 0 ? `${name} watched live` : `${name} watched live, for ${duration(look.seconds * 1000)}`;
  }
}

const day = (utc: string | null): string =>
  utc === null
    ? "other days"
    : dayName(`${utc}T12:00:00Z`, new Date()).replace("Today", "today").replace("Yesterday", "yesterday");

function recording(number: number | null, { verified, clips }: View): string {
  const clip = number === null ? undefined : clips.get(number);
  const known = number === null ? undefined : verified.facts.clips.get(number);
  const begun = clip && "statement" in clip ? clip.statement.begun_utc : known?.begun?.at_utc;
  return begun === undefined ? "a recording that is no longer kept" : `the recording of ${clock(begun)}`;
}
