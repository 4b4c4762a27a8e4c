// What the door sees and whether its chime sounds, in one tap each: privacy, a snooze and a silence with their ends. Each is signed by this reader, stands in the record, and
// is shown to everybody at the head of their page.

import type { JSX } from "preact";

import type { Household } from "../../door/household.ts";
import { changeSettings } from "../../door/settings.ts";
import type { View } from "../../door/view.ts";
import type { Settings } from "../../format/messages.ts";
import { ActionButton, Fault, useAction } from "../parts/action.tsx";
import { clock, dateKey, dayName } from "../parts/times.ts";

const HOUR_MS = 3_600_000;
const MORNING_H = 7;

interface Props {
  readonly household: Household;
  readonly view: View;
}

export function Control({ household, view }: Props): JSX.Element {
  return (
    <>
      <Privacy household={household} view={view} />
      <Pause household={household} view={view} of={SNOOZE} />
      <Pause household={household} view={view} of={HUSH} />
    </>
  );
}

function Privacy({ household, view }: Props): JSX.Element {
  const action = useAction();
  const state = isOn(view, "privacy");
  const set = (privacy: boolean) => (): Promise<void> => changeSettings(household, (held) => ({ ...held, privacy }));
  return (
    <section aria-labelledby="privacy">
      <h2 id="privacy">Privacy</h2>
      <p>
        {state === "on"
          ? "Privacy is on: nothing is seen. A ring is written down and told, without a picture."
          : "In privacy nothing is seen or recorded, by anybody. A ring is written down and told, without a picture."}
      </p>
      <div class="tools">
        {state !== "on" && (
          <ActionButton action={action} act={set(true)}>
            Turn privacy on
          </ActionButton>
        )}
        {state !== "off" && (
          <ActionButton action={action} kind={state === "on" ? "main" : "plain"} act={set(false)}>
            Turn privacy off
          </ActionButton>
        )}
      </div>
      <Fault action={action} />
    </section>
  );
}

interface Pausing {
  readonly kind: "snoozed" | "hushed";
  readonly title: string;
  readonly words: (until: string | null) => string;
  readonly hour: string;
  readonly morning: string;
  readonly end: string;
  readonly put: (held: Settings, until: string | null) => Settings;
}

const SNOOZE: Pausing = {
  kind: "snoozed",
  title: "Snooze",
  words: (until) =>
    until === null
      ? "For when you are in the garden: who merely passes is not recorded for a while. Who rings always is."
      : `Snoozed until ${when(until)}. Who rings is recorded all the same.`,
  hour: "For an hour",
  morning: "Until tomorrow morning",
  end: "End the snooze",
  put: (held, snoozed_until_utc) => ({ ...held, snoozed_until_utc }),
};

const HUSH: Pausing = {
  kind: "hushed",
  title: "Chime",
  words: (until) =>
    until === null
      ? "For when somebody sleeps: a chime at the door stays silent for a while. Every page rings all the same."
      : `The chime is silent until ${when(until)}. Who rings is recorded, and every page rings.`,
  hour: "Silent for an hour",
  morning: "Silent until tomorrow morning",
  end: "Let it sound again",
  put: (held, until_utc) => ({ ...held, hush: { ...held.hush, until_utc } }),
};

/** Something that ends by itself. */
function Pause({ household, view, of }: Props & { readonly of: Pausing }): JSX.Element {
  const action = useAction();
  const until = untilOf(view, of.kind);
  const set = (until: Date | null) => (): Promise<void> =>
    changeSettings(household, (held) => of.put(held, until && wire(until)));
  return (
    <section aria-labelledby={of.kind}>
      <h2 id={of.kind}>{of.title}</h2>
      <p>{of.words(until)}</p>
      <div class="tools">
        <ActionButton action={action} act={() => set(new Date(Date.now() + HOUR_MS))()}>
          {of.hour}
        </ActionButton>
        <ActionButton action={action} act={() => set(nextMorning(new Date()))()}>
          {of.morning}
        </ActionButton>
        {until !== null && (
          <ActionButton action={action} kind="main" act={set(null)}>
            {of.end}
          </ActionButton>
        )}
      </div>
      <Fault action={action} />
    </section>
  );
}

/** By the door’s last word; "unknown" before it, and while it does not say. */
function isOn({ conditions }: View, kind: "privacy"): "on" | "off" | "unknown" {
  if (conditions === null || conditions === "untold") return "unknown";
  return conditions.some((condition) => condition.kind === kind) ? "on" : "off";
}

function untilOf({ conditions }: View, kind: Pausing["kind"]): string | null {
  if (conditions === null || conditions === "untold") return null;
  return conditions.find((condition) => condition.kind === kind)?.until_utc ?? null;
}

function when(utc: string): string {
  const now = new Date();
  return dateKey(utc) === dateKey(now.toISOString()) ? clock(utc) : `${dayName(utc, now)}, ${clock(utc)}`;
}

/** Seven o’clock of the next calendar day, by this device’s clock. */
const nextMorning = (now: Date): Date => new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, MORNING_H);

/** A moment as the door writes it, without a fraction. */
const wire = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
