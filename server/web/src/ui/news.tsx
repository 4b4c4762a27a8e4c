// What everybody in the household has to notice: who came, who went, what is not finished yet.

import type { JSX } from "preact";

import type { Household } from "../door/household.ts";
import type { View } from "../door/view.ts";
import { equal } from "../format/bytes.ts";
import type { Look } from "../trust/facts.ts";
import type { Happening } from "../trust/happening.ts";
import { FEW_READERS, readerOf } from "../trust/roster.ts";
import { clock, dayName, told } from "./words.ts";

interface Props {
  readonly household: Household;
  readonly view: View;
}

/** Changes of the household since a person last said that they have seen them. Their own need no telling. */
export function HouseholdNews({ household, view }: Props): JSX.Element | null {
  const { chain, facts } = view.verified;
  const me = view.member.keys.sign;
  const since = Math.max(view.seen, readerOf(chain.roster, me)?.seq ?? 0);
  const news = facts.looks.filter(
    (look): look is Extract<Look, { kind: "household" }> =>
      look.kind === "household" && look.seq > since && !isMine(look.happening, me),
  );
  if (news.length === 0) return null;
  return (
    <div class="banner news" role="status">
      <div>
        <h2>Your household changed</h2>
        <ul>
          {news.map(({ seq, happening, at_utc }) => (
            <li key={seq}>
              {told(happening, chain.roster, me)}
              {at_utc !== null && <span class="quiet">{` · ${dayName(at_utc, new Date())}, ${clock(at_utc)}`}</span>}
            </li>
          ))}
        </ul>
        <p class="quiet">If you do not know why, remove the device under “Who can see”, and ask the others.</p>
        <button type="button" class="deed main" onClick={() => void household.acknowledge()}>
          I have seen this
        </button>
      </div>
    </div>
  );
}

function isMine(happening: Happening, me: Uint8Array): boolean {
  if (happening.what === "applied") return equal(happening.inviter, me);
  return happening.by !== null && equal(happening.by, me);
}

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
