// Bell mode: a tablet or an old phone on the wall. A calm clock that dims, the picture when it rings, and a sign that nobody
// overlooks when this bell would not ring: it lost the door, it is silent, or its screen will go dark.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { View } from "../../door/view.ts";
import { isOpen } from "../../trust/visits.ts";
import { Icon } from "../parts/icons.tsx";
import { clock } from "../parts/times.ts";
import { useAwake } from "./awake.ts";
import { chime } from "./chime.ts";
import { useChime } from "./here.tsx";
import { rangAt } from "./visits.tsx";

/** So long after the last touch it dims. */
const DIM_MS = 60_000;
const SECOND_MS = 1_000;
const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });

const SILENCE = {
  none: "This browser makes no sound",
  off: "This bell is silent. Touch here, and listen.",
  asleep: "This bell is silent. Touch here, and listen.",
  mute: "This device gives no sound. Is its loudspeaker on?",
} as const;

interface Props {
  readonly view: View;
  readonly leave: () => void;
}

export function Wall({ view, leave }: Props): JSX.Element {
  const now = useNow();
  const isDim = useDimming();
  const sound = useChime();
  const awake = useAwake();
  const fault = faultOf(view);
  const open = view.verified.facts.visits.filter(isOpen).at(-1);
  return (
    <main class={`wall${fault !== null ? " lost" : isDim ? " dim" : ""}`} aria-label="Bell mode">
      {fault !== null ? (
        <div class="wall-sign" role="alert">
          <Icon name="warn" />
          <h1>{fault.title}</h1>
          <p>{fault.sentence}</p>
          <p class="wall-small">{`It is ${clock(now.toISOString())}.`}</p>
        </div>
      ) : (
        // A little elsewhere each minute, so that no picture burns into the screen.
        <div class={`wall-clock at-${now.getMinutes() % 5}`}>
          <h1>
            <time dateTime={now.toISOString()}>{clock(now.toISOString())}</time>
          </h1>
          <p>{DAY.format(now)}</p>
          <p class="wall-small">
            <bdi>{view.verified.chain.roster.label}</bdi>
            {awake === "on" && sound === "on" ? " · this bell is ready" : ""}
          </p>
          {open !== undefined && <p class="wall-visit">{`${rangAt(open)}. Nobody has looked yet.`}</p>}
        </div>
      )}
      {sound !== "on" && (
        <button type="button" class="wall-silent" onClick={() => void chime.enable()}>
          <Icon name="bell" />
          {SILENCE[sound]}
        </button>
      )}
      {(awake === "none" || awake === "refused") && (
        <p class="wall-note" role="note">
          {awake === "none"
            ? "This browser cannot keep the screen on. Set the screen’s time-out to never, or this bell goes to sleep."
            : "The screen may go dark: the browser did not keep it on. Is the battery low?"}
        </p>
      )}
      <div class="wall-tools">
        {sound === "on" && (
          <button type="button" class="action plain" onClick={() => chime.ring(1)}>
            Try the sound
          </button>
        )}
        <button type="button" class="action plain" onClick={leave}>
          Leave bell mode
        </button>
      </div>
    </main>
  );
}

/** Why this bell would not ring, as far as the door is concerned; null if it would. */
function faultOf({ alarm, link }: View): { readonly title: string; readonly sentence: string } | null {
  if (alarm !== null)
    return {
      title: "This bell does not ring",
      sentence: "The door’s record is not the one from before. Open the page.",
    };
  switch (link.kind) {
    case "live":
    case "connecting":
      return null;
    case "unreachable":
      return {
        title: "This bell has lost the door",
        sentence:
          "It does not ring until it has found it again, which it keeps trying. Is the Wi-Fi there, and the door on?",
      };
    case "interfered":
      return { title: "This bell does not ring", sentence: "What answers is not your door." };
    case "stranger":
      return {
        title: "This bell does not ring",
        sentence: "The door no longer recognises this device. The card’s link lets it join again.",
      };
  }
}

function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(new Date());
    }, SECOND_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return now;
}

function useDimming(): boolean {
  const [isDim, setIsDim] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const touched = (): void => {
      setIsDim(false);
      clearTimeout(timer);
      timer = setTimeout(() => {
        setIsDim(true);
      }, DIM_MS);
    };
    touched();
    const ending = new AbortController();
    for (const name of ["pointerdown", "keydown"]) addEventListener(name, touched, { signal: ending.signal });
    return () => {
      ending.abort();
      clearTimeout(timer);
    };
  }, []);
  return isDim;
}
