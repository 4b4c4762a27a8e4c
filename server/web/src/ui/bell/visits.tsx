// Who rang and nobody has looked: at the head of the page, on every device, until somebody has. And who has it.

import type { JSX } from "preact";

import type { Household } from "../../door/household.ts";
import type { View } from "../../door/view.ts";
import { type Visit, isOpen } from "../../trust/visits.ts";
import { Fault, useAction } from "../parts/action.tsx";
import { Icon } from "../parts/icons.tsx";
import { Picture } from "../parts/picture.tsx";
import { clock, dateKey, dayName, plural } from "../parts/times.ts";
import { nameOf } from "../parts/words.ts";

/** So many are shown; the others are counted. */
const FEW = 3;
/** So long it is worth saying who has it. */
const LATELY_MS = 15 * 60_000;

interface Props {
  readonly household: Household;
  readonly view: View;
  readonly look: (visit: Visit) => (() => void) | null;
}

export function Visits({ household, view, look }: Props): JSX.Element | null {
  const { visits } = view.verified.facts;
  const open = visits.filter(isOpen).toReversed();
  return (
    <>
      <Taken view={view} visit={visits.at(-1)} />
      {open.slice(0, FEW).map((visit) => (
        <Waiting key={visit.from} visit={visit} household={household} view={view} look={look} />
      ))}
      {open.length > FEW && (
        <p
          class="unfinished"
          role="note"
        >{`And ${plural(open.length - FEW, "earlier visit")} that nobody looked at.`}</p>
      )}
    </>
  );
}

function Waiting({ visit, household, view, look }: Props & { readonly visit: Visit }): JSX.Element {
  const action = useAction();
  const show = look(visit);
  const clip = view.clips.get(visit.clip);
  return (
    <section class="banner visit" aria-label={rangAt(visit)}>
      <div class="picture">
        {clip !== undefined && "statement" in clip ? <Picture jpeg={clip.statement.thumbnail} /> : <Icon name="bell" />}
      </div>
      <div>
        <h2>{rangAt(visit)}</h2>
        <p>Nobody has looked yet.</p>
        <div class="tools">
          {show !== null && (
            <button type="button" class="action main" onClick={show}>
              Look
            </button>
          )}
          <button
            type="button"
            class="action plain"
            disabled={action.busy}
            onClick={() => {
              action.run(() => household.answer(visit.seq));
            }}
          >
            I have it
          </button>
        </div>
        <Fault action={action} />
      </div>
    </section>
  );
}

/** Who sees to the last visit, for a while. */
function Taken({ visit, view }: { readonly visit: Visit | undefined; readonly view: View }): JSX.Element | null {
  const answered = visit?.answered ?? null;
  if (visit === undefined || answered === null || Date.now() - Date.parse(answered.at_utc) > LATELY_MS) return null;
  const name = nameOf(view.verified.chain.roster, answered.reader, view.member.keys.sign);
  return (
    <p class="taken" role="status">
      <Icon name="check" />
      {`${rangAt(visit)}: ${name === "You" ? "you have" : `${name} has`} it.`}
    </p>
  );
}

/** “Rang at 14:03”, “Rang 3 times from 14:03 to 14:05”, with the day if that is another. */
export function rangAt({ first_utc, last_utc, times }: Visit): string {
  const now = new Date();
  const day =
    dateKey(first_utc) === dateKey(now.toISOString())
      ? ""
      : ` on ${dayName(first_utc, now)}`.replace("on Yesterday", "yesterday");
  if (times === 1) return `Rang${day} at ${clock(first_utc)}`;
  const often = times === 2 ? "twice" : `${times} times`;
  if (clock(first_utc) === clock(last_utc)) return `Rang ${often}${day} at ${clock(first_utc)}`;
  return `Rang ${often}${day} from ${clock(first_utc)} to ${clock(last_utc)}`;
}
