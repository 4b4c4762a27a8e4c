// Who may speak at the door: everybody, but for those of whom the others said otherwise. Signed by whoever says so, and on record.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Household } from "../../door/household.ts";
import { changeSettings } from "../../door/settings.ts";
import type { View } from "../../door/view.ts";
import { equal } from "../../format/bytes.ts";
import { type Reader, readerOf } from "../../trust/roster.ts";
import { lastSet } from "../../trust/noted.ts";
import { Fault, useAction } from "../parts/action.tsx";

interface Props {
  readonly household: Household;
  readonly view: View;
}

type Keys = readonly Uint8Array[];

export function Voices({ household, view }: Props): JSX.Element | null {
  const [silent, setSilent] = useState<Keys | null>(null);
  const { roster } = view.verified.chain;
  // Said anew by whoever sets them: what this page knows is then old.
  const changed = lastSet(view.verified.facts.changes, "silent")?.seq ?? null;
  useEffect(() => {
    household.ask({ type: "settings" }).then(
      ({ body }) => {
        setSilent(body.settings.silent);
      },
      () => {
        setSilent(null);
      },
    );
  }, [household, changed, view.link.kind]);
  if (!view.speaks || silent === null) return null;
  return (
    <section aria-labelledby="voices">
      <h2 id="voices">Who may speak at the door</h2>
      <ul class="rows">
        {roster.readers.map((reader) => (
          <Voice key={reader.seq} household={household} view={view} reader={reader} silent={silent} />
        ))}
      </ul>
    </section>
  );
}

function Voice({
  household,
  view,
  reader,
  silent,
}: Props & { readonly reader: Reader; readonly silent: Keys }): JSX.Element {
  const action = useAction();
  const isMe = equal(reader.sign, view.member.keys.sign);
  const isSilent = silent.some((key) => equal(key, reader.sign));
  const { roster } = view.verified.chain;
  const set = (): Promise<void> =>
    changeSettings(household, (held) => {
      // Whoever left the household needs no entry, and must not take the place of others.
      const others = held.silent.filter((key) => readerOf(roster, key) !== undefined && !equal(key, reader.sign));
      return { ...held, silent: isSilent ? others : [...others, reader.sign] };
    });
  return (
    <li>
      <span class="grow">
        <bdi>{reader.label}</bdi>
        <span class="quiet">{isSilent ? "may not speak at the door" : "may speak at the door"}</span>
      </span>
      {isMe ? (
        <span class="tag">This one</span>
      ) : (
        <button
          type="button"
          class="action plain"
          aria-label={`${isSilent ? "Let it speak" : "Do not let it speak"}: ${reader.label}`}
          disabled={action.busy}
          onClick={() => {
            action.run(set);
          }}
        >
          {isSilent ? "Let it speak" : "Do not let it speak"}
        </button>
      )}
      <Fault action={action} />
    </li>
  );
}
