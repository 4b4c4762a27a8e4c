// From a card or an invite to a member of the household: the code, the name, with an invite somebody’s confirmation, done.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { CardError, type Code, parseCode } from "../format/card.ts";
import { Channel, Unreachable } from "../door/channel.ts";
import { type Meeting, OtherDoor, admit, isMember, meet } from "../door/pairing.ts";
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
  | { readonly kind: "meeting"; readonly code: Code }
  | { readonly kind: "naming"; readonly meeting: Meeting; readonly fault: string | null; readonly busy: boolean }
  | { readonly kind: "waiting"; readonly meeting: Meeting; readonly member: Member; readonly tries: number }
  | { readonly kind: "refused"; readonly sentence: string; readonly again: Code | null };

const ASK_AGAIN_MS = 2_000;
/** An invite lives for 600 s of the door's running time. */
const TRIES = 310;

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
    withChannel(url, (channel) => meet(channel, step.code)).then(
      (meeting) => {
        setStep({ kind: "naming", meeting, fault: null, busy: false });
      },
      (error: unknown) => {
        setStep({ kind: "refused", sentence: sentence(error), again: error instanceof Unreachable ? step.code : null });
      },
    );
  }, [step, url]);

  useEffect(() => {
    if (step.kind !== "waiting") return undefined;
    const { meeting, member, tries } = step;
    const timer = setTimeout(() => {
      withChannel(url, (channel) => isMember(channel, meeting, member.keys)).then(
        (confirmed) => {
          if (confirmed) joined(member, meeting.chain);
          else if (tries > 0) setStep({ ...step, tries: tries - 1 });
          else setStep({ kind: "refused", sentence: UNCONFIRMED, again: null });
        },
        (error: unknown) => {
          // Out of reach for a moment: nothing is lost, the next try asks again.
          if (error instanceof Unreachable && tries > 0) setStep({ ...step, tries: tries - 1 });
          else setStep({ kind: "refused", sentence: sentence(error), again: null });
        },
      );
    }, ASK_AGAIN_MS);
    return () => {
      clearTimeout(timer);
    };
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
      if (meeting.code.kind === "admit") joined(member, meeting.chain);
      else setStep({ kind: "waiting", meeting, member, tries: TRIES });
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
          <p>Checking that this is the door your code belongs to.</p>
        </main>
      );
    case "naming":
      return <Naming step={step} leaves={leaves} submit={(label) => void join(step.meeting, label)} />;
    case "waiting":
      return (
        <main class="panel" aria-busy="true">
          <Icon name="door" />
          <h1>Waiting for a second yes</h1>
          <p>
            Somebody else in the household, not the one who invited you, now has to let “{step.member.label}” in, on
            their own device under “Who can see”. Keep this page open; it goes on by itself.
          </p>
        </main>
      );
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
              setStep(step.again ? { kind: "meeting", code: step.again } : { kind: "typing", fault: null });
            }}
          >
            {step.again ? "Try again" : "Use another code"}
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
      <p>
        Scan the square on the paper card with your camera, or type the letters that stand beside “Admit”. If somebody
        invited you, open their link.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit(field(event.currentTarget, "code"));
        }}
      >
        <label for="code">Letters on the card, or an invitation</label>
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
      <p class="quiet">{`This is the door your ${step.meeting.code.kind === "admit" ? "card" : "invitation"} belongs to:`}</p>
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
          {step.busy ? "Joining…" : step.meeting.code.kind === "admit" ? "Join the household" : "Ask to join"}
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
    return { kind: "meeting", code: parseCode(typed.replace(/^.*#(card|invite)=/s, "")) };
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

const UNCONFIRMED = "Nobody let this device in within ten minutes. Please ask for a new invitation.";

function sentence(error: unknown): string {
  if (error instanceof OtherDoor)
    return "This is not the door the card belongs to. Nothing was sent to it. Check that you opened the address on your own card or invitation.";
  if (error instanceof BrowserTooOld) return error.message;
  if (error instanceof Unreachable) return "The door is not reachable. Are you on the home network?";
  if (error instanceof Refused) {
    if (error.code === "roster_full")
      return "The household is full. Remove a device that is no longer used, then try again.";
    if (error.code === "bad_admission")
      return "The door does not accept this code. Has the card been replaced by a newer one, or the invitation been used or grown old?";
    return `The door did not accept this: ${error.message}.`;
  }
  if (error instanceof TrustError)
    return "The answer was not signed by your door, so it does not count. Somebody may be interfering with the connection.";
  throw error;
}
