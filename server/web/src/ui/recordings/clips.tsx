// The recordings, day by day, newest first.

import type { JSX } from "preact";

import type { Clip } from "../../clips/clips.ts";
import { type Film, hasFilm } from "../../clips/moments.ts";
import { hidesVisits } from "../../door/conditions.ts";
import type { View } from "../../door/view.ts";
import { Icon, type IconName } from "../parts/icons.tsx";
import { Picture } from "../parts/picture.tsx";
import { clock, dateKey, dayName, duration, plural, shortDuration } from "../parts/times.ts";
import { nameOf, occasion } from "../parts/words.ts";
import { type Made, madeAt } from "../../trust/times.ts";

interface Props {
  readonly view: View;
  readonly play: (clip: Film) => void;
  readonly loadEarlier: () => void;
}

export function Clips({ view, play, loadEarlier }: Props): JSX.Element {
  const groups = byDate(view);
  if (groups.length === 0) return view.ready ? <Nobody view={view} /> : <Skeletons />;
  const earlier = view.ready && view.days?.some(({ day }) => !view.loaded.has(day));
  const now = new Date();
  return (
    <>
      {groups.map(([key, clips]) => (
        <section key={key} class="day" aria-labelledby={`day-${key}`}>
          <h2 id={`day-${key}`}>
            {key === UNTIMED ? "Before the door knew the time" : dayName(clips[0]?.at ?? key, now)}{" "}
            <span class="quiet">{plural(clips.length, "recording")}</span>
          </h2>
          <ul class="clips">
            {clips.map(({ clip, at, by }) => (
              <li key={clip.number}>
                <Card clip={clip} at={at} label={labelOf(by, view)} play={play} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      {earlier && (
        <button type="button" class="quiet-button" onClick={loadEarlier}>
          Show earlier days
        </button>
      )}
    </>
  );
}

/** What stands in the list: a clip, or the place of one that is gone. */
type Entry = Clip | { readonly number: number; readonly kind: "missing" };

function Card({
  clip,
  at,
  label,
  play,
}: {
  readonly clip: Entry;
  readonly at: string;
  readonly label: string;
  readonly play: Props["play"];
}): JSX.Element {
  if (clip.kind === "missing")
    return (
      <Closed
        at={at}
        icon="warn"
        title="Missing"
        words="Your door recorded this, and it is gone. It did not give way to newer ones: somebody or something removed it."
        warning
      />
    );
  if (clip.kind === "beginning")
    return <Closed at={at} icon="film" title="Recording now" words="It has this moment begun." />;
  if (clip.kind === "locked")
    return (
      <Closed
        at={at}
        icon="lock"
        title="Sealed before you joined"
        words="Only those who belonged to the household at that time can open it."
      />
    );
  if (clip.kind === "broken")
    return (
      <Closed
        at={at}
        icon="warn"
        title="Not as the door left it"
        words="This recording was changed or damaged, or somebody else put it here. It is not shown as genuine."
        warning
      />
    );
  const { statement } = clip;
  const { kind, words } = occasion(statement);
  const said = [words, at.includes("T") && `at ${clock(at)}`, label, duration(statement.duration_ms), note(clip.kind)]
    .filter(Boolean)
    .join(", ");
  const inside = (
    <>
      <span class="picture">
        <Picture jpeg={statement.thumbnail} />
        {statement.duration_ms > 0 && (
          <span class="length" aria-hidden="true">
            {shortDuration(statement.duration_ms)}
          </span>
        )}
        {clip.kind === "recording" && <span class="length now">Recording</span>}
      </span>
      <span class="about">
        {at.includes("T") && <time dateTime={at}>{clock(at)}</time>}
        <span class={`occasion ${kind}`}>
          <Icon name={kind === "ring" ? "bell" : "motion"} />
          {words}
        </span>
        {statement.duration_ms > 0 && <span class="aloud">{duration(statement.duration_ms)}</span>}
        {note(clip.kind) && <span class="note">{note(clip.kind)}</span>}
        {label !== "" && <span class="note">{label}</span>}
      </span>
    </>
  );
  return hasFilm(clip) ? (
    <button
      type="button"
      class={`clip${clip.kind === "recording" ? " running" : ""}`}
      onClick={() => {
        play(clip);
      }}
    >
      {inside}
    </button>
  ) : (
    <div class="clip still" role="group" aria-label={said}>
      {inside}
    </div>
  );
}

function note(kind: Extract<Clip, { statement: unknown }>["kind"]): string {
  switch (kind) {
    case "recording":
      return "Recording now";
    case "interrupted":
      return "Cut short by a power cut";
    case "unrecorded":
      return "There was no room to record";
    case "earlier":
      return "Began before you joined, so you cannot play it";
    case "sealed":
      return "";
  }
}

interface ClosedProps {
  readonly at: string;
  readonly icon: IconName;
  readonly title: string;
  readonly words: string;
  readonly warning?: boolean;
}

function Closed({ at, icon, title, words, warning = false }: ClosedProps): JSX.Element {
  return (
    <div class={`clip still closed${warning ? " warning" : ""}`} role="group" aria-label={title}>
      <span class="picture">
        <Icon name={icon} />
      </span>
      <span class="about">
        {at.includes("T") && <time dateTime={at}>{clock(at)}</time>}
        <span class="occasion">{title}</span>
        <span class="note">{words}</span>
      </span>
    </div>
  );
}

function Nobody({ view: { link, conditions } }: { readonly view: View }): JSX.Element {
  const isWell =
    link.kind === "live" && conditions !== null && conditions !== "untold" && !conditions.some(hidesVisits);
  return (
    <div class="empty">
      <Icon name="door" />
      <h2>{isWell ? "Nobody has come by yet" : "No recordings yet"}</h2>
      {isWell && <p>When somebody rings or moves at the door, the recording appears here by itself.</p>}
    </div>
  );
}

function Skeletons(): JSX.Element {
  return (
    <div class="day" aria-busy="true" aria-label="Loading recordings">
      <div class="skeleton heading" />
      <div class="clips">
        {[1, 2, 3, 4].map((n) => (
          <div key={n} class="clip still skeleton" />
        ))}
      </div>
    </div>
  );
}

interface Placed {
  readonly clip: Entry;
  /** A moment, or its day; empty if nobody knows. */
  readonly at: string;
  readonly by: Made["by"];
}

/** The group of what nobody can place; it stands first, since it may be the newest. */
const UNTIMED = "untimed";

/** By whose word the time of a recording is, that was made before the door knew it. */
function labelOf(by: Made["by"], { verified, member }: View): string {
  if (by === null) return "";
  if (by === "door") return "Made before the door knew the time, which it learned later";
  const name = nameOf(verified.chain.roster, by, member.keys.sign);
  return `Made before the door knew the time; this is by ${name === "You" ? "your" : `${name}’s`} clock`;
}

/** Clips in groups of one local date, newest first. What cannot be read stands where the record puts it, or at its day. */
function byDate({ clips, missing, verified }: View): [string, Placed[]][] {
  const groups = new Map<string, Placed[]>();
  const gone = [...missing].map(([number, day]) => ({ number, kind: "missing" as const, day }));
  for (const clip of [...clips.values(), ...gone].toSorted((a, b) => b.number - a.number)) {
    const said =
      "statement" in clip
        ? clip.statement.begun_utc
        : (verified.facts.clips.get(clip.number)?.begun?.at_utc ?? clip.day);
    const { at, by } = madeAt(verified.facts.times, clip.number, said);
    const key = at === null ? UNTIMED : at.includes("T") ? dateKey(at) : at;
    groups.set(key, [...(groups.get(key) ?? []), { clip, at: at ?? "", by }]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? 1 : -1));
}
