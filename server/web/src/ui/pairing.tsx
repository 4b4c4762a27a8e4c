// From a card to a member of the household: the code, the name, done.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { type Card, CardError, parseCard } from "../format/card.ts";
import { Channel, Unreachable } from "../door/channel.ts";
import { type Meeting, OtherDoor, admit, meet } from "../door/pairing.ts";
import { Refused } from "../door/session.ts";
import { BrowserTooOld, type Keys } from "../keys/reader.ts";
import { provenKeys } from "../keys/birth.ts";
import type { Member, Store } from "../keys/store.ts";
import { TrustError } from "../trust/errors.ts";
import { type Chain } from "../trust/ledger.ts";
import { MAX_LABEL_LETTERS, labelFault } from "../trust/roster.ts";
import { Icon } from "./icons.tsx";
import { suggestedName } from "./words.ts";

type Step =
  | { readonly kind: "typing"; readonly fault: string | null }
  | { readonly kind: "meeting"; readonly card: Card }
  | { readonly kind: "naming"; readonly meeting: Meeting; readonly fault: string | null; readonly busy: boolean }
  | { readonly kind: "refused"; readonly sentence: string; readonly again: Card | null };

interface Props {
  readonly code: string | null;
  /** The label of the door that this browser would leave. */
  readonly leaves: string | null;
  readonly store: Store;
  readonly url: string;
  readonly joined: (member: Member, chain: Chain) => void;
}

export function Pairing({ code, leaves, store, url, joined }: Props): JSX.Element {
  const [step, setStep] = useState<Step>(() => (code === null ? { kind: "typing", fault: null } : read(code)));
  const [keys, setKeys] = useState<Keys | null>(null);

  useEffect(() => {
    if (step.kind !== "meeting") return;
    withChannel(url, (channel) => meet(channel, step.card)).then(
      (meeting) => {
        setStep({ kind: "naming", meeting, fault: null, busy: false });
      },
      (error: unknown) => {
        setStep({ kind: "refused", sentence: sentence(error), again: error instanceof Unreachable ? step.card : null });
      },
    );
  }, [step, url]);

  const join = async (meeting: Meeting, label: string): Promise<void> => {
    const fault = labelFault(label);
    if (fault !== null) {
      setStep({ kind: "naming", meeting, fault, busy: false });
      return;
    }
    setStep({ kind: "naming", meeting, fault: null, busy: true });
    try {
      // A second try uses the same keys: the first may have got through without our hearing of it.
      const mine = keys ?? (await provenKeys(store));
      setKeys(mine);
      const member = await withChannel(url, (channel) => admit(channel, meeting, label, mine));
      joined(member, meeting.chain);
    } catch (error) {
      setStep({ kind: "naming", meeting, fault: sentence(error), busy: false });
    }
  };

  switch (step.kind) {
    case "typing":
      return (
        <Typing
          fault={step.fault}
          submit={(typed) => {
            setStep(read(typed));
          }}
        />
      );
    case "meeting":
      return (
        <main class="panel" aria-busy="true">
          <Icon name="door" />
          <h1>Looking for your door…</h1>
          <p>Checking that this is the door your card belongs to.</p>
        </main>
      );
    case "naming":
      return <Naming step={step} leaves={leaves} submit={(label) => void join(step.meeting, label)} />;
    case "refused":
      return (
        <main class="panel">
          <Icon name="warn" />
          <h1>This did not work</h1>
          <p role="alert">{step.sentence}</p>
          <button
            type="button"
            class="main-button"
            onClick={() => {
              setStep(step.again ? { kind: "meeting", card: step.again } : { kind: "typing", fault: null });
            }}
          >
            {step.again ? "Try again" : "Use another card"}
          </button>
        </main>
      );
  }
}

function Typing({
  fault,
  submit,
}: {
  readonly fault: string | null;
  readonly submit: (typed: string) => void;
}): JSX.Element {
  return (
    <main class="panel">
      <Icon name="door" />
      <h1>Welcome to your door</h1>
      <p>Scan the square on the paper card with your camera, or type the letters that stand beside “Admit”.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit(field(event.currentTarget, "code"));
        }}
      >
        <label for="code">Letters on the card</label>
        <textarea
          id="code"
          name="code"
          rows={4}
          required
          autocomplete="off"
          autocapitalize="none"
          autocorrect="off"
          spellcheck={false}
          placeholder="admit1…"
          aria-describedby="code-fault"
          aria-invalid={fault !== null}
        />
        <Fault id="code-fault" fault={fault} />
        <button type="submit" class="main-button">
          Continue
        </button>
      </form>
    </main>
  );
}

interface NamingProps {
  readonly step: Extract<Step, { kind: "naming" }>;
  readonly leaves: string | null;
  readonly submit: (label: string) => void;
}

function Naming({ step, leaves, submit }: NamingProps): JSX.Element {
  return (
    <main class="panel">
      <Icon name="door" />
      <p class="quiet">This is the door your card belongs to:</p>
      <h1>{step.meeting.chain.roster.label}</h1>
      {leaves !== null && (
        <p role="alert">{`It is another one than “${leaves}”. If you go on, this browser forgets “${leaves}” and what it could open there.`}</p>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit(field(event.currentTarget, "label").trim().normalize("NFC"));
        }}
      >
        <label for="label">What should the others call this device?</label>
        <input
          id="label"
          name="label"
          maxLength={MAX_LABEL_LETTERS}
          required
          autocomplete="off"
          defaultValue={suggestedName(navigator.userAgent)}
          aria-describedby="label-fault"
          aria-invalid={step.fault !== null}
        />
        <Fault id="label-fault" fault={step.fault} />
        <button type="submit" class="main-button" disabled={step.busy}>
          {step.busy ? "Joining…" : "Join the household"}
        </button>
      </form>
      <p class="quiet">
        Your keys are made here and stay here. Everybody in the household sees that this device joined.
      </p>
    </main>
  );
}

const Fault = ({ id, fault }: { readonly id: string; readonly fault: string | null }): JSX.Element => (
  <p id={id} class="fault" role="alert">
    {fault}
  </p>
);

const field = (form: HTMLFormElement, name: string): string => {
  const value = new FormData(form).get(name);
  return typeof value === "string" ? value : "";
};

function read(typed: string): Step {
  try {
    // Some paste the whole link.
    return { kind: "meeting", card: parseCard(typed.replace(/^.*#card=/s, "")) };
  } catch (error) {
    if (error instanceof CardError) return { kind: "typing", fault: error.message };
    throw error;
  }
}

async function withChannel<T>(url: string, work: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await Channel.open(url, () => undefined);
  try {
    return await work(channel);
  } finally {
    channel.close();
  }
}

function sentence(error: unknown): string {
  if (error instanceof OtherDoor)
    return "This is not the door the card belongs to. Nothing was sent to it. Check that you opened the address on your own card.";
  if (error instanceof BrowserTooOld) return error.message;
  if (error instanceof Unreachable) return "The door is not reachable. Are you on the home network?";
  if (error instanceof Refused) {
    if (error.code === "roster_full")
      return "The household is full. Remove a device that is no longer used, then try again.";
    return `The door did not accept this: ${error.message}.`;
  }
  if (error instanceof TrustError)
    return "The answer was not signed by your door, so it does not count. Somebody may be interfering with the connection.";
  throw error;
}
