// The paper card: whether it was tried, and another in its place.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import type { Household } from "../../door/household.ts";
import { agreeToCard, objectToCard, proposeCard } from "../../door/statements.ts";
import type { View } from "../../door/view.ts";
import { equal } from "../../format/bytes.ts";
import { CardError, parseNewCard } from "../../format/card.ts";
import { filmWordsOf } from "../../format/words.ts";
import { FEW_READERS, type Proposal } from "../../trust/roster.ts";
import type { Film } from "../../clips/moments.ts";
import { ActionButton, Fault, useAction } from "../parts/action.tsx";
import { save } from "../parts/save.ts";
import { nameOf } from "../parts/words.ts";

interface Props {
  readonly household: Household;
  readonly view: View;
}

export function CardSection({ household, view }: Props): JSX.Element {
  const action = useAction();
  const [replacing, setReplacing] = useState(false);
  const [text, setText] = useState("");
  const isAlone = view.verified.chain.roster.readers.length < FEW_READERS;
  return (
    <section aria-labelledby="card">
      <h2 id="card">The card</h2>
      <Drill household={household} view={view} />
      <p>
        If the card is lost, or somebody may have seen it, put a new one in its place: with the old card, or here,
        together with a second device. Nothing else replaces it.
      </p>
      {isAlone ? (
        <p>
          This is the only device, so have the card add a second one while you have it. If it is gone already, it can
          neither be replaced nor add anybody: save here what you want to keep, film by film, each with its proof; then
          make the door forget everything with “doorward reset”, and begin again with a new card.
        </p>
      ) : (
        <button
          type="button"
          class="action plain"
          aria-expanded={replacing}
          onClick={() => {
            setReplacing(!replacing);
          }}
        >
          Replace the card
        </button>
      )}
      {!isAlone && replacing && (
        <form
          class="sheet"
          onSubmit={(event) => {
            event.preventDefault();
            action.run(async () => {
              await household.change(await proposeCard(household.voice, parseNewCard(text)));
              setReplacing(false);
              setText("");
            });
          }}
        >
          <label>
            Make a new card on a computer with “doorward new-card”, and put the text that it writes here:
            <textarea
              class="code"
              name="newcard"
              rows={4}
              required
              spellcheck={false}
              autocomplete="off"
              placeholder="newcard1…"
              value={text}
              onInput={(event) => {
                setText(event.currentTarget.value);
              }}
            />
          </label>
          <button type="submit" class="action main" disabled={action.busy}>
            Ask for the new card
          </button>
          <Fault action={action} />
        </form>
      )}
    </section>
  );
}

/** Another card that waits: everybody sees it, anybody can stop it. */
export function ProposedCard({ household, view }: Props): JSX.Element | null {
  const { proposal } = view.verified.chain.roster;
  return proposal === null ? null : <Proposed household={household} view={view} proposal={proposal} />;
}

function Proposed({ household, view, proposal }: Props & { readonly proposal: Proposal }): JSX.Element {
  const action = useAction();
  const me = view.member.keys.sign;
  const isMine = equal(proposal.replacement.by, me);
  return (
    <div class="banner news" role="status">
      <div>
        <h2>A new card is asked for</h2>
        <p>
          {`${nameOf(view.verified.chain.roster, proposal.replacement.by, me)} asked for it. Whoever holds it could open everything that is recorded from then on, and add devices.`}{" "}
          {isMine
            ? "It waits until somebody else agrees, on another device of the household."
            : "Agree only if you know that the card in your home is to be replaced."}
        </p>
        {!isMine && (
          <ActionButton
            action={action}
            kind="main"
            act={async () => {
              await household.change(await agreeToCard(household.voice, proposal));
            }}
          >
            Agree to the new card
          </ActionButton>
        )}{" "}
        <ActionButton
          action={action}
          kind="grave"
          act={async () => {
            await household.change(await objectToCard(household.voice, proposal));
          }}
        >
          {isMine ? "Take it back" : "Object"}
        </ActionButton>
        <Fault action={action} />
      </div>
    </div>
  );
}

function Drill({ household, view }: Props): JSX.Element {
  const action = useAction();
  const [typed, setTyped] = useState("");
  const newest = [...view.clips.values()]
    .filter((clip): clip is Film => clip.kind === "sealed")
    .reduce<Film | null>((last, clip) => (last === null || clip.number > last.number ? clip : last), null);
  // The list grows meanwhile; the words are those of the recording that was saved.
  const [saved, setSaved] = useState<Film | null>(null);
  if (view.verified.facts.drilled) return <p>The card was tried: it opens recordings.</p>;
  if (newest === null) return <p>Once something is recorded, try here whether the card opens it.</p>;
  return (
    <div class="sheet">
      <h3>Try the card</h3>
      <ol class="steps">
        <li>
          <ActionButton
            action={action}
            act={async () => {
              const { response } = await household.fetchClip(newest.number, new AbortController().signal);
              save(await response.blob(), sealedName(newest));
              setSaved(newest);
            }}
          >
            Save a sealed recording
          </ActionButton>
        </li>
        <li>
          Take it to a computer that has doorward; it needs no network. There, <code>doorward page -o open.html</code>{" "}
          makes a page: open it, choose the recording, and type the letters of the card’s lower half. Or write those
          letters into a file card.txt, and run{" "}
          <code>{`doorward clips open ${sealedName(saved ?? newest)} -i card.txt -o film.mp4`}</code>. Never type that
          half into the page that you are reading.
        </li>
        <li>
          <form
            class="unfolded"
            onSubmit={(event) => {
              event.preventDefault();
              action.run(() => drilled(household, saved, typed));
            }}
          >
            <label>
              Either says “Words of this film”. Which two?
              <input
                name="words"
                value={typed}
                autocomplete="off"
                autocapitalize="none"
                spellcheck={false}
                disabled={saved === null}
                onInput={(event) => {
                  setTyped(event.currentTarget.value);
                }}
              />
            </label>
            <button type="submit" class="action main" disabled={action.busy || saved === null}>
              The film opened
            </button>
          </form>
        </li>
      </ol>
      <Fault action={action} />
    </div>
  );
}

const sealedName = ({ number }: Film): string => `recording-${number}.mp4.age`;

/** Nobody knows a film's words who has not opened it, so they show that the card's half does. */
async function drilled(household: Household, saved: Film | null, typed: string): Promise<void> {
  const digest = saved?.statement.plaintext_sha256;
  if (
    !digest ||
    typed
      .trim()
      .toLowerCase()
      .split(/[\s-]+/)
      .join(" ") !== filmWordsOf(digest)
  )
    throw new CardError("These are not the words of the recording that you saved.");
  await household.ask({ type: "drilled" });
}
