// Inviting somebody, and letting in who was invited: two voices of the household, never one.

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";

import type { Household } from "../../door/household.ts";
import { confirm, invite, remove } from "../../door/statements.ts";
import type { View } from "../../door/view.ts";
import { equal, sha256 } from "../../format/bytes.ts";
import { type Application, FEW_READERS } from "../../trust/roster.ts";
import { ActionButton, Fault, useAction } from "../parts/action.tsx";
import { nameOf } from "../parts/words.ts";

interface Props {
  readonly household: Household;
  readonly view: View;
}

export function Inviting({ household, view }: Props): JSX.Element {
  const action = useAction();
  const [link, setLink] = useState<string | null>(null);
  const text = useRef<HTMLTextAreaElement>(null);
  const [copied, setCopied] = useState<boolean | null>(null);
  const { readers } = view.verified.chain.roster;
  return (
    <section aria-labelledby="inviting">
      <h2 id="inviting">Add a device</h2>
      <p>
        The quickest way is the card: open its link on the new device.{" "}
        {readers.length < FEW_READERS
          ? "Once two devices belong to the household, one can also invite and the other let in."
          : "Without it, make an invitation here; somebody else in the household then lets the new device in."}
      </p>
      {readers.length >= FEW_READERS && link === null && (
        <ActionButton
          action={action}
          act={async () => {
            const { change, code } = await invite(household.voice, sha256(view.member.born));
            await household.change(change);
            setLink(`${location.origin}/#invite=${code.toUpperCase()}`);
          }}
        >
          Make an invitation
        </ActionButton>
      )}
      {link !== null && (
        <div class="sheet">
          <label>
            Open this link on the new device, within ten minutes:
            <textarea
              ref={text}
              class="code"
              readOnly
              rows={4}
              value={link}
              onFocus={(event) => {
                event.currentTarget.select();
              }}
            />
          </label>
          {copied === false && (
            <p role="alert">This browser does not let the page copy. The link is marked: copy it yourself.</p>
          )}
          <p class="quiet">It works once. Whoever has it can only ask to join: somebody else has to say yes.</p>
          <button
            type="button"
            class="action main"
            onClick={() => {
              void copy(link, text.current).then(setCopied);
            }}
          >
            {copied ? "Copied" : "Copy the link"}
          </button>{" "}
          <button
            type="button"
            class="action plain"
            onClick={() => {
              setLink(null);
            }}
          >
            Done
          </button>
        </div>
      )}
      <Fault action={action} />
    </section>
  );
}

/** Copy a text that stands in a field; where the browser refuses, the field is marked. Never throws. */
async function copy(text: string, field: HTMLTextAreaElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    field?.focus();
    field?.select();
    return false;
  }
}

/** Who asks to join, for everybody to see at once; the one who invited cannot answer. */
export function Applications({ household, view }: Props): JSX.Element {
  return (
    <>
      {view.verified.chain.roster.applications.map((application) => (
        <Asking key={application.seq} household={household} view={view} application={application} />
      ))}
    </>
  );
}

function Asking({ household, view, application }: Props & { readonly application: Application }): JSX.Element {
  const action = useAction();
  const me = view.member.keys.sign;
  const { label } = application.reader;
  const inviter = nameOf(view.verified.chain.roster, application.inviter, me);
  return (
    <div class="banner news" role="status">
      <div>
        <h2>{`“${label}” asks to join`}</h2>
        {equal(application.inviter, me) ? (
          <p>You invited it. Somebody else in the household now has to let it in, on their own device.</p>
        ) : (
          <>
            <p>{`${inviter} invited it. Once it is in, it sees everything that is recorded. Let it in only if you know whose device it is.`}</p>
            <ActionButton
              action={action}
              kind="main"
              act={async () => {
                await household.change(await confirm(household.voice, application));
              }}
            >
              {`Let “${label}” in`}
            </ActionButton>
            <p class="quiet">If you do nothing, it stays outside.</p>
          </>
        )}
        <ActionButton
          action={action}
          act={async () => {
            await household.change(await remove(household.voice, application.reader.sign));
          }}
        >
          {`Turn “${label}” away`}
        </ActionButton>
        <Fault action={action} />
      </div>
    </div>
  );
}
