// From a card or an invite to a member of the household: the code, the name, with an invite somebody’s confirmation, done.
//
//     typing → meeting → naming → (waiting) → member;      a page that was cut off: resuming → member, waiting or interrupted
//
// Whatever asks the door where this browser stands, or changes that, is done by one tab at a time.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { EMPTY, equal } from "../../format/bytes.ts";
import { CardError, type Code, parseCode } from "../../format/card.ts";
import { Channel } from "../../door/channel.ts";
import { Unreachable } from "../../format/unreachable.ts";
import { type Meeting, type Standing, admit, meet, prepare, standing } from "../../door/pairing.ts";
import { Refused } from "../../door/session.ts";
import { alone } from "../../keys/alone.ts";
import { type Joining, type Member, NotKept, type Store, type Verified } from "../../keys/store.ts";
import { noFacts } from "../../trust/facts.ts";
import { begin } from "../../trust/ledger.ts";
import { nameFault } from "../../trust/names.ts";
import { Icon } from "../parts/icons.tsx";
import { Another, Fault, type Leaving, Naming, Stay, Typing } from "./panels.tsx";
import { UNCONFIRMED, sentence, turnedAway } from "./sentences.ts";

type Step =
  | { readonly kind: "typing"; readonly fault: string | null }
  | { readonly kind: "meeting"; readonly code: Code }
  | { readonly kind: "naming"; readonly meeting: Meeting; readonly fault: string | null; readonly busy: boolean }
  | { readonly kind: "waiting"; readonly joining: Joining }
  | { readonly kind: "resuming"; readonly joining: Joining; readonly next: Step | null }
  | { readonly kind: "interrupted"; readonly joining: Joining; readonly fault: string | null; readonly busy: boolean }
  | { readonly kind: "refused"; readonly sentence: string; readonly again: Step };

const TYPING: Step = { kind: "typing", fault: null };
const ASK_AGAIN_MS = 2_000;

interface Props extends Leaving {
  readonly code: string | null;
  /** A joining that was begun in this browser, and of which nobody knows how it ended. */
  readonly joining: Joining | null;
  readonly store: Store;
  readonly url: string;
  readonly joined: (member: Member, verified: Verified) => void;
}

export function Pairing({ code, joining: begun, leaves, stay, store, url, joined }: Props): JSX.Element {
  const [step, setStep] = useState<Step>(() => {
    const first = code === null ? TYPING : read(code);
    return begun === null ? first : { kind: "resuming", joining: begun, next: code === null ? null : first };
  });

  /** Written down first; what then goes wrong costs nothing that the next load would not find. */
  const enter = async ({ label, keys, born }: Joining): Promise<void> => {
    const member = { label, keys, born };
    const verified = { chain: begin(born), facts: noFacts() };
    // Where another tab has entered with these keys, what it keeps by now must stay.
    const known = await store.member();
    if (known === null || !equal(known.keys.sign, keys.sign)) await store.join(member, verified);
    else await store.forgetJoining();
    joined(member, verified);
  };

  /** Who another tab of this browser has become at this door meanwhile, if the door still says so. */
  const already = async ({ born }: Meeting): Promise<Joining | null> => {
    const known = await store.member();
    if (known === null || !equal(known.born, born)) return null;
    const same = { ...known, kind: "admit", admission: EMPTY } as const;
    return (await stands(same)) === "inside" ? same : null;
  };

  /** Who another tab asks to be by an invitation to this door: one browser asks once. */
  const asked = async ({ born, code }: Meeting): Promise<Joining | null> => {
    const earlier = await store.joining();
    if (code.kind !== "invite" || earlier?.kind !== "invite" || !equal(earlier.born, born)) return null;
    return (await stands(earlier)) === "waiting" ? earlier : null;
  };

  const stands = (joining: Joining): Promise<Standing> => withChannel(url, (channel) => standing(channel, joining));

  /** Go where the door says that this browser stands, unless somebody went elsewhere meanwhile. */
  const follow = async (
    joining: Joining,
    waiting: Step,
    outside: Step,
    isLeft: () => boolean = () => false,
  ): Promise<void> => {
    const found = await stands(joining);
    if (isLeft()) return;
    if (found === "inside") await enter(joining);
    else if (found === "waiting") setStep(waiting);
    else if (found === "outside") setStep(outside);
    else {
      await store.forgetJoining();
      setStep({ kind: "refused", sentence: turnedAway(found), again: TYPING });
    }
  };

  /** Send what was kept, and go where that leads. */
  const send = async (joining: Joining): Promise<void> => {
    await withChannel(url, (channel) => admit(channel, joining));
    if (joining.kind === "admit") await enter(joining);
    else setStep({ kind: "waiting", joining });
  };

  useEffect(() => {
    if (step.kind !== "meeting") return;
    withChannel(url, (channel) => meet(channel, step.code)).then(
      (meeting) => {
        setStep({ kind: "naming", meeting, fault: null, busy: false });
      },
      (error: unknown) => {
        setStep({ kind: "refused", sentence: sentence(error), again: error instanceof Unreachable ? step : TYPING });
      },
    );
  }, [step, url]);

  useEffect(() => {
    if (step.kind !== "resuming") return;
    const { joining, next } = step;
    const outside = next ?? { kind: "interrupted", joining, fault: null, busy: false };
    // Who waits already gains nothing by another invitation, and everything by the card.
    const waiting: Step = next?.kind === "meeting" && next.code.kind === "admit" ? next : { kind: "waiting", joining };
    alone(() => follow(joining, waiting, outside)).catch((error: unknown) => {
      const again = error instanceof Unreachable || error instanceof NotKept ? step : (next ?? TYPING);
      setStep({ kind: "refused", sentence: sentence(error), again });
    });
  }, [step, url]);

  useEffect(() => {
    if (step.kind !== "waiting") return undefined;
    const outside: Step = { kind: "refused", sentence: UNCONFIRMED, again: TYPING };
    let isLeft = false;
    const timer = setTimeout(() => {
      alone(() => follow(step.joining, { ...step }, outside, () => isLeft)).catch((error: unknown) => {
        if (isLeft) return;
        // Out of reach for a moment: nothing is lost, the next try asks again.
        if (error instanceof Unreachable) setStep({ ...step });
        else setStep({ kind: "refused", sentence: sentence(error), again: error instanceof NotKept ? step : TYPING });
      });
    }, ASK_AGAIN_MS);
    return () => {
      isLeft = true;
      clearTimeout(timer);
    };
  }, [step, url]);

  const join = async (meeting: Meeting, label: string): Promise<void> => {
    const fault = nameFault(label);
    if (fault !== null) {
      setStep({ kind: "naming", meeting, fault, busy: false });
      return;
    }
    setStep({ kind: "naming", meeting, fault: null, busy: true });
    try {
      await alone(async () => {
        const known = await already(meeting);
        if (known !== null) {
          await enter(known);
          return;
        }
        const waits = await asked(meeting);
        if (waits === null) await send(await prepare(store, meeting, label));
        else setStep({ kind: "waiting", joining: waits });
      });
    } catch (error) {
      // These keys belonged to the household once and were removed: the next try makes new ones, or says this again.
      if (error instanceof Refused && error.code === "already_added")
        await store.forgetJoining().catch(() => undefined);
      setStep({ kind: "naming", meeting, fault: sentence(error), busy: false });
    }
  };

  const goOn = async (joining: Joining): Promise<void> => {
    setStep({ kind: "interrupted", joining, fault: null, busy: true });
    try {
      await alone(() => send(joining));
    } catch (error) {
      setStep({ kind: "interrupted", joining, fault: sentence(error), busy: false });
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
            Somebody else in the household, not the one who invited you, now has to let “{step.joining.label}” in, on
            their own device. This page goes on by itself; if it is closed, open it again here within ten minutes.
          </p>
          <Another
            leaves={leaves}
            stay={stay}
            another={() => {
              setStep(TYPING);
            }}
          />
        </main>
      );
    case "resuming":
      return (
        <main class="panel" aria-busy="true">
          <Icon name="door" />
          <h1>Looking for your door…</h1>
          <p>Asking whether it has let this device in.</p>
        </main>
      );
    case "interrupted":
      return (
        <main class="panel">
          <Icon name="door" />
          <h1>Not joined yet</h1>
          <p>
            This page was closed before the door had let “{step.joining.label}” in. Nothing is lost: its keys are here.
          </p>
          <Fault id="again-fault" fault={step.fault} />
          <button type="button" class="main-button" disabled={step.busy} onClick={() => void goOn(step.joining)}>
            {step.busy ? "Joining…" : "Join the household"}
          </button>
          <Another
            leaves={leaves}
            stay={stay}
            another={() => {
              setStep(TYPING);
            }}
          />
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
              setStep(step.again);
            }}
          >
            {step.again.kind === "typing" ? "Use another code" : "Try again"}
          </button>
          {leaves !== null && <Stay label={leaves.label} stay={stay} />}
        </main>
      );
  }
}

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
