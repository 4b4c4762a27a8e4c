// The readers of the household, and what one can do for each: name, give, remove.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { give } from "../../door/grants.ts";
import type { Household } from "../../door/household.ts";
import { remove, rename } from "../../door/statements.ts";
import type { View } from "../../door/view.ts";
import { equal } from "../../format/bytes.ts";
import { isFit } from "../../sealing/fitness.ts";
import { MAX_LABEL_LETTERS, nameFault } from "../../trust/names.ts";
import { FEW_READERS, type Reader } from "../../trust/roster.ts";
import { ActionButton, Fault, useAction } from "../parts/action.tsx";
import { plural } from "../parts/times.ts";
import { keysInWords } from "../parts/words.ts";

interface Props {
  readonly household: Household;
  readonly view: View;
}

export function Readers({ household, view }: Props): JSX.Element {
  const { readers, open } = view.verified.chain.roster;
  return (
    <section aria-labelledby="readers">
      <h2 id="readers">Who can see</h2>
      <ul class="rows">
        {readers.map((reader) => (
          <Row
            key={reader.seq}
            household={household}
            view={view}
            reader={reader}
            isMe={equal(reader.sign, view.member.keys.sign)}
          />
        ))}
        <li>
          <span class="initial" aria-hidden="true">
            ✶
          </span>
          <span>The paper card</span>
          {isFit(open) ? <span class="quiet">opens everything, so keep it safe</span> : <Unfit />}
        </li>
      </ul>
    </section>
  );
}

const Unfit = (): JSX.Element => (
  <span class="quiet">gets no recordings: its key does not work. Remove it, and add it anew</span>
);

type Opened = "rename" | "give" | "remove" | null;

function Row({
  household,
  view,
  reader,
  isMe,
}: Props & { readonly reader: Reader; readonly isMe: boolean }): JSX.Element {
  const [opened, setOpened] = useState<Opened>(null);
  const tool = (name: Exclude<Opened, null>, words: string): JSX.Element => (
    <button
      type="button"
      class="action plain"
      aria-expanded={opened === name}
      aria-label={`${words}: ${reader.label}`}
      onClick={() => {
        setOpened(opened === name ? null : name);
      }}
    >
      {words}
    </button>
  );
  const close = (): void => {
    setOpened(null);
  };
  return (
    <li>
      <span class="initial" aria-hidden="true">
        {Array.from(reader.label)[0]?.toUpperCase()}
      </span>
      <span class="grow">
        <bdi>{reader.label}</bdi>
        {isMe && <span class="quiet">{keysInWords(view.member.keys)}</span>}
      </span>
      {isMe && <span class="tag">This one</span>}
      {!isFit(reader.recipient) && <Unfit />}
      <span class="tools">
        {tool("rename", "Rename")}
        {!isMe && tool("give", "Give older recordings")}
        {tool("remove", "Remove")}
      </span>
      {opened === "rename" && <Renaming household={household} reader={reader} done={close} />}
      {opened === "give" && <Giving household={household} view={view} reader={reader} />}
      {opened === "remove" && <Removing household={household} reader={reader} isMe={isMe} close={close} />}
    </li>
  );
}

function Renaming({
  household,
  reader,
  done,
}: {
  readonly household: Household;
  readonly reader: Reader;
  readonly done: () => void;
}): JSX.Element {
  const action = useAction();
  const [label, setLabel] = useState(reader.label);
  const { readers } = household.view.verified.chain.roster;
  const others = readers.filter(({ sign }) => !equal(sign, reader.sign)).map((other) => other.label);
  const fault = nameFault(label, others);
  return (
    <form
      class="unfolded"
      onSubmit={(event) => {
        event.preventDefault();
        if (fault !== null) return;
        action.run(async () => {
          await household.change(await rename(household.voice, reader.sign, label));
          done();
        });
      }}
    >
      <label>
        Name
        <input
          name="label"
          value={label}
          maxLength={MAX_LABEL_LETTERS}
          autocomplete="off"
          onInput={(event) => {
            setLabel(event.currentTarget.value.normalize("NFC"));
          }}
        />
      </label>
      <p class="fault" role="alert">
        {label === reader.label ? null : fault}
      </p>
      <button type="submit" class="action main" disabled={action.busy || fault !== null || label === reader.label}>
        Save the name
      </button>
      <Fault action={action} />
    </form>
  );
}

function Removing({
  household,
  reader,
  isMe,
  close,
}: {
  readonly household: Household;
  readonly reader: Reader;
  readonly isMe: boolean;
  readonly close: () => void;
}): JSX.Element {
  const action = useAction();
  return (
    <div class="unfolded">
      <p>
        {isMe
          ? "This device leaves the household, at once. It cannot see what is recorded from now on, and needs the card or an invitation to come back."
          : `“${reader.label}” leaves the household, at once: it can ask for nothing any more, and nothing that is recorded from now on opens for it.`}
      </p>
      <p class="quiet">
        What it has opened or saved before, it may still have. Nobody can take that back. If the device was lost, it
        could open those recordings for as long as somebody can unlock it.
      </p>
      {household.view.verified.chain.roster.readers.length <= FEW_READERS && (
        <p>
          Only the card can add a device after that, and nothing can replace the card without it. Keep the device if the
          card is lost.
        </p>
      )}
      <ActionButton
        action={action}
        kind="grave"
        act={async () => {
          await household.change(await remove(household.voice, reader.sign));
        }}
      >
        {`Remove ${isMe ? "this device" : `“${reader.label}”`}`}
      </ActionButton>{" "}
      <button type="button" class="action plain" onClick={close}>
        Keep it
      </button>
      <Fault action={action} />
    </div>
  );
}

function Giving({ household, view, reader }: Props & { readonly reader: Reader }): JSX.Element {
  const action = useAction();
  const [done, setDone] = useState<{ readonly given: number; readonly of: number } | null>(null);
  const older = [...view.verified.facts.clips].filter(
    ([, { begun, sealed }]) => begun !== null && begun.roster_seq < reader.seq && sealed?.state !== "unrecorded",
  );
  if (older.length === 0)
    return <p class="unfolded quiet">There is no recording from before “{reader.label}” joined.</p>;
  const act = async (): Promise<void> => {
    const before = await household.store.given(reader.sign);
    const given = new Set(before);
    const clips = older.filter(([clip]) => !before.has(clip));
    setDone({ given: older.length - clips.length, of: older.length });
    const { door } = view.verified.chain.roster;
    for await (const part of give(household.ask, { door, to: reader, clips }, household.viewer.giver)) {
      for (const clip of part) given.add(clip);
      await household.store.keepGiven(reader.sign, given);
      setDone({ given: given.size, of: older.length });
    }
  };
  return (
    <div class="unfolded">
      <p>
        {`“${reader.label}” cannot open what was recorded before it joined. You can give it the keys of ${plural(older.length, "older recording")}. The others see that you did.`}
      </p>
      {done !== null && <progress value={done.given} max={done.of} aria-label="Given" />}
      {done !== null && (
        <p role="status" class="quiet">
          {`${done.given} of ${done.of} given`}
          {!action.busy && done.given < done.of && action.fault === null
            ? "; the others cannot be opened by this device either"
            : ""}
        </p>
      )}
      <ActionButton action={action} kind="main" act={act}>
        {action.busy ? "Giving…" : action.fault === null ? "Give them" : "Go on"}
      </ActionButton>
      <Fault action={action} />
    </div>
  );
}
