// What everybody in the household has to notice: who came, who went, what is not finished yet.

import type { JSX } from "preact";

import type { Household } from "../../door/household.ts";
import type { View } from "../../door/view.ts";
import { newsOf } from "../../trust/noted.ts";
import { FEW_READERS, readerOf } from "../../trust/roster.ts";
import { clock, dayName, plural } from "../parts/times.ts";
import { often, toldNoted } from "../parts/words.ts";

interface Props {
  readonly household: Household;
  readonly view: View;
}

/** What changed since a person last said that they have seen it. Their own doing needs no telling. */
export function HouseholdNews({ household, view }: Props): JSX.Element | null {
  const { chain, facts } = view.verified;
  const me = view.member.keys.sign;
  const since = Math.max(view.seen, readerOf(chain.roster, me)?.seq ?? 0);
  const { rows, passersBy } = newsOf(facts.changes, chain.roster, me, since);
  if (rows.length === 0) return null;
  const isPeople = rows.some(({ noted }) => noted.kind !== "gap");
  return (
    <div class="banner news" role="status">
      <div>
        <h2>{isPeople ? "Your household changed" : "Your door did not see everything"}</h2>
        <ul>
          {rows.map(({ noted, times }) => (
            <li key={noted.seq}>
              {toldNoted(noted, chain.roster, me)}
              <span class="quiet">{when(noted.at_utc) + often(times)}</span>
            </li>
          ))}
          {passersBy > 0 && <li>{`${plural(passersBy, "more device")} came and went again`}</li>}
        </ul>
        {isPeople && (
          <p class="quiet">If you do not know why, remove the device under “Who can see”, and ask the others.</p>
        )}
        <button type="button" class="action main" onClick={() => void household.acknowledge(chain.head.seq)}>
          I have seen this
        </button>
      </div>
    </div>
  );
}

const when = (utc: string | null): string => (utc === null ? "" : ` · ${dayName(utc, new Date())}, ${clock(utc)}`);

/** What is still to do before the door can be relied on. */
export function Unfinished({ view, show }: { readonly view: View; readonly show: () => void }): JSX.Element | null {
  const { chain, facts } = view.verified;
  const alone = chain.roster.readers.length < FEW_READERS;
  if (!view.ready || (!alone && facts.drilled)) return null;
  const todo = [
    alone
      ? "add a second device while you have the card, because one device alone can never replace a lost card"
      : null,
    facts.drilled ? null : "try once whether the card opens a recording",
  ].filter((words) => words !== null);
  return (
    <p class="unfinished" role="note">
      {`Still to do: ${todo.join("; ")}.`}{" "}
      <button type="button" class="text-button" onClick={show}>
        Show me
      </button>
    </p>
  );
}
