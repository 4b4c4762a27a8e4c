// The panels of pairing: what a person types, and what is said meanwhile. pairing.tsx has the order in which they come.

import type { JSX } from "preact";

import type { Meeting } from "../../door/pairing.ts";
import { type Bytes, equal } from "../../format/bytes.ts";
import { MAX_LABEL_LETTERS } from "../../trust/names.ts";
import type { Roster } from "../../trust/roster.ts";
import { Icon } from "../parts/icons.tsx";
import { suggestedName } from "../parts/words.ts";

/** The door as this browser belongs to it, whose keys it would forget, or null; and how not to. */
export interface Leaving {
  readonly leaves: Pick<Roster, "door" | "label"> | null;
  readonly stay: () => void;
}

export function Another({ leaves, stay, another }: Leaving & { readonly another: () => void }): JSX.Element {
  if (leaves !== null) return <Stay label={leaves.label} stay={stay} />;
  return (
    <p>
      <button type="button" class="action plain" onClick={another}>
        Use another code
      </button>
    </p>
  );
}

export const Stay = ({ label, stay }: { readonly label: string; readonly stay: () => void }): JSX.Element => (
  <p>
    <button type="button" class="action plain" onClick={stay}>{`Stay with “${label}”`}</button>
  </p>
);

export function Typing({
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
  readonly step: { readonly meeting: Meeting; readonly fault: string | null; readonly busy: boolean };
  readonly leaves: Leaving["leaves"];
  readonly submit: (label: string) => void;
}

export function Naming({ step, leaves, submit }: NamingProps): JSX.Element {
  return (
    <main class="panel">
      <Icon name="door" />
      <p class="quiet">{`This is the door your ${step.meeting.code.kind === "admit" ? "card" : "invitation"} belongs to:`}</p>
      <h1>
        <bdi>{step.meeting.chain.roster.label}</bdi>
      </h1>
      {leaves !== null && <p role="alert">{forgets(leaves, step.meeting.chain.roster.door)}</p>}
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
        Your keys are made here and stay here. Everybody in the household sees that this device joined. In a private
        window, keys last only until it is closed: join in an ordinary one.
      </p>
    </main>
  );
}

function forgets({ door, label }: Pick<Roster, "door" | "label">, next: Bytes): string {
  return equal(door, next)
    ? "This browser belonged to it before. If you go on, it makes new keys and forgets the old ones, and what they could open."
    : `It is another one than “${label}”. If you go on, this browser forgets “${label}” and what it could open there.`;
}

export const Fault = ({ id, fault }: { readonly id: string; readonly fault: string | null }): JSX.Element => (
  <p id={id} class="fault" role="alert">
    {fault}
  </p>
);

const field = (form: HTMLFormElement, name: string): string => {
  const value = new FormData(form).get(name);
  return typeof value === "string" ? value : "";
};
