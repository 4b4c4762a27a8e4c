// Somebody rings: on top of whatever is open, with the picture of that moment, until it is seen to or put off.

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { Household } from "../../door/household.ts";
import type { Ring } from "../../door/ring.ts";
import type { View } from "../../door/view.ts";
import type { Visit } from "../../trust/visits.ts";
import { Fault, useAction } from "../parts/action.tsx";
import { Icon } from "../parts/icons.tsx";
import { Picture } from "../parts/picture.tsx";
import { clock } from "../parts/times.ts";
import { nameOf } from "../parts/words.ts";
import { chime } from "./chime.ts";
import { notify } from "./notify.ts";

/** So long it lies over the page; then it stands at its head, as long as nobody has looked. */
const OVER_MS = 60_000;
/** So long one reads that somebody else has it. */
const TAKEN_MS = 6_000;

interface Props {
  readonly household: Household;
  readonly view: View;
  /** Show who is there. */
  readonly look: () => void;
  /** On the wall it takes the whole screen. */
  readonly large: boolean;
}

export function Ringing({ household, view, look, large }: Props): JSX.Element | null {
  const { ringing, verified } = view;
  useSound(ringing, verified.chain.roster.label);
  return ringing === null ? null : (
    <Sheet
      key={ringing.seq ?? ringing.at_utc}
      ring={ringing}
      household={household}
      view={view}
      look={look}
      large={large}
    />
  );
}

/** Be heard, and seen where the page is not in sight. */
function useSound(ringing: Ring | null, label: string): void {
  const name = ringing === null ? null : (ringing.seq ?? ringing.at_utc);
  useEffect(() => {
    if (ringing === null) return;
    chime.ring();
    if (document.hidden) void notify(label, `Somebody is at the door · ${clock(ringing.at_utc)}`);
    // A picture that comes a moment later is the same ring.
  }, [name]);
}

function Sheet({ ring, household, view, look, large }: Props & { readonly ring: Ring }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const action = useAction();
  const { facts, chain } = view.verified;
  const visit = visitOf(facts.visits, ring);
  const answered = visit?.answered ?? null;
  useEffect(() => {
    const shown = dialog.current;
    // Beside what one is doing; over a film, which is modal, it has to be modal too to be touched at all.
    if (document.querySelector("dialog:modal") === null) shown?.show();
    else shown?.showModal();
    return () => {
      shown?.close();
    };
  }, []);
  useEffect(() => {
    const timer = setTimeout(
      () => {
        household.hush();
      },
      answered === null ? OVER_MS : TAKEN_MS,
    );
    return () => {
      clearTimeout(timer);
    };
  }, [answered !== null, household]);
  const hush = (): void => {
    household.hush();
  };
  return (
    <dialog
      ref={dialog}
      class={large ? "ringing large" : "ringing"}
      role="alertdialog"
      aria-labelledby="ringing-title"
      onCancel={hush}
      onKeyDown={(event) => {
        if (event.key === "Escape") hush();
      }}
    >
      <div class="ringing-picture">
        <Picture jpeg={ring.picture} alt="What the door saw when it rang" />
      </div>
      <div class="ringing-words">
        <h2 id="ringing-title">
          <Icon name="bell" /> Somebody is at the door
        </h2>
        <p class="quiet">{`It rang at ${clock(ring.at_utc)}.`}</p>
        <p class="has-it" role="status">
          {answered !== null &&
            `${nameOf(chain.roster, answered.reader, view.member.keys.sign)} ${has(answered.reader, view)} it.`}
        </p>
        <div class="tools">
          {answered === null && ring.seq !== null && (
            <button
              type="button"
              class="action main"
              disabled={action.busy}
              onClick={() => {
                action.run(() => household.answer(ring.seq ?? 0));
              }}
            >
              I have it
            </button>
          )}
          <button
            type="button"
            class="action plain"
            onClick={() => {
              hush();
              look();
            }}
          >
            Look
          </button>
          <button type="button" class="action plain" onClick={hush}>
            {answered === null ? "Not now" : "All right"}
          </button>
        </div>
        <Fault action={action} />
      </div>
    </dialog>
  );
}

const has = (reader: Uint8Array, view: View): string =>
  nameOf(view.verified.chain.roster, new Uint8Array(reader), view.member.keys.sign) === "You" ? "have" : "has";

export const visitOf = (visits: readonly Visit[], { seq }: Ring): Visit | undefined =>
  seq === null ? undefined : visits.find((visit) => visit.from <= seq && seq <= visit.seq);
