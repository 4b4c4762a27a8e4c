// Something that a person asks of the door: a button that is busy, and a sentence when it did not work.

import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";

import { Unreachable } from "../../format/unreachable.ts";
import { Refused } from "../../door/session.ts";
import { CardError } from "../../format/card.ts";
import type { Code } from "../../format/messages.ts";
import { SealBroken } from "../../sealing/errors.ts";
import { NoMicrophone } from "../../speech/microphone.ts";
import { TrustError } from "../../trust/errors.ts";
import { refusedInWords } from "./foreign.ts";

export interface Action {
  readonly busy: boolean;
  /** Why it did not work; null if nothing went wrong. */
  readonly fault: string | null;
  readonly run: (work: () => Promise<void>) => void;
}

export function useAction(): Action {
  const [state, setState] = useState<Pick<Action, "busy" | "fault">>({ busy: false, fault: null });
  const run = (work: () => Promise<void>): void => {
    setState({ busy: true, fault: null });
    work().then(
      () => {
        setState({ busy: false, fault: null });
      },
      (error: unknown) => {
        setState({ busy: false, fault: inWords(error) });
      },
    );
  };
  return { ...state, run };
}

interface Props {
  readonly action: Action;
  readonly kind?: "main" | "plain" | "grave";
  readonly act: () => Promise<void>;
  readonly children: ComponentChildren;
}

export function ActionButton({ action, kind = "plain", act, children }: Props): JSX.Element {
  return (
    <button
      type="button"
      class={`action ${kind}`}
      disabled={action.busy}
      onClick={() => {
        action.run(act);
      }}
    >
      {children}
    </button>
  );
}

export const Fault = ({ action }: { readonly action: Action }): JSX.Element => (
  <p class="fault" role="alert">
    {action.fault}
  </p>
);

const SENTENCES: Partial<Record<Code, string>> = {
  roster_full: "The household is full. Remove a device that is no longer used first.",
  second_reader: "This takes somebody else: one voice alone is not enough.",
  invite_dead: "The invitation is too old. Please make a new one.",
  no_such_reader: "This is no longer there: somebody was quicker.",
  no_such_subject: "This is no longer there: somebody was quicker.",
  bad_change: "The door does not take this. A card that was asked for once cannot be asked for again: make a new one.",
  allowance_spent: "As much was written down today as a day allows. Some of it comes back every hour.",
  busy: "Somebody else speaks at the door just now.",
  storage: "The door has no room to write this down just now.",
};

export const UNFORESEEN = "This did not work, for a reason that nobody foresaw. Please try again.";

/** Why something did not work, as people say it. */
export function inWords(error: unknown): string {
  if (error instanceof NoMicrophone) return error.message;
  if (error instanceof CardError) return error.message;
  if (error instanceof Unreachable) return "The door is not reachable just now. Please try again in a moment.";
  if (error instanceof TrustError || error instanceof SealBroken)
    return "The answer was not signed by your door, so it does not count.";
  if (error instanceof Refused) return SENTENCES[error.code] ?? refusedInWords(error.message, error.signed);
  // Said where it happened: what nobody foresaw in one action must not take the page from whoever did it.
  reportError(error);
  return UNFORESEEN;
}
