// The door at this moment: the picture first, edge to edge, with how it is, who looks, and where its delay arises for whoever asks.

import type { JSX } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { type Moment, momentAgo } from "../../clips/moments.ts";
import type { Household } from "../../door/household.ts";
import type { View } from "../../door/view.ts";
import type { Liveness } from "../../door/watching.ts";
import { Hearing } from "../../play/hearing.ts";
import { type Delay, LiveStage, canShowLive } from "../../play/stage.ts";
import { equal, toBase64 } from "../../format/bytes.ts";
import { refusedInWords } from "../parts/foreign.ts";
import { Listen } from "./listen.tsx";
import { Talk } from "./talk.tsx";

const DELAY_MS = 500;
const AGO_MS = 60_000;

interface Props {
  readonly household: Household;
  readonly view: View;
  /** Leads to what was recorded a minute ago, or what comes nearest to it. */
  readonly past: (moment: Moment) => void;
  /** Where leaving leads, in words. */
  readonly before: string;
  readonly leave: () => void;
}

export function Live({ household, view, past, before, leave }: Props): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const stage = useRef<LiveStage | null>(null);
  const [state, setState] = useState<Liveness>({ kind: "connecting" });
  const [asks, setAsks] = useState(false);
  const [hearing] = useState(() => new Hearing());
  const [isNothing, setNothing] = useState(false);
  const goBack = (): void => {
    const moment = momentAgo(view.clips.values(), household.doorMs ?? Date.now(), AGO_MS);
    setNothing(moment === null);
    if (moment !== null) past(moment);
  };
  useEffect(() => {
    if (place.current === null || !canShowLive()) return;
    const shown = new LiveStage(place.current, "The door, live");
    stage.current = shown;
    const stop = household.present.watch({
      picture: (picture) => shown.add(picture),
      sound: (sound) => {
        hearing.add(sound);
      },
      state: setState,
    });
    return () => {
      stop();
      shown.close();
      hearing.close();
      stage.current = null;
    };
  }, [household]);
  const mute = useCallback(
    (on: boolean): void => {
      hearing.mute(on);
    },
    [hearing],
  );
  const { tone, words } = canShowLive() ? told(state, view) : UNABLE;
  return (
    <section class="live" aria-label="Live">
      <div class={`live-picture ${tone}`}>
        <div ref={place} />
        <p class={`sign ${tone}`} role="status">
          {words}
        </p>
      </div>
      <p class="looking">{lookingNow(view)}</p>
      <Listen hearing={hearing} view={view} />
      <Talk household={household} view={view} mute={mute} />
      <div class="tools">
        <button type="button" class="action plain" disabled={!view.ready} onClick={goBack}>
          A minute ago
        </button>
        <button type="button" class="action plain" onClick={leave}>
          {before}
        </button>
        <button
          type="button"
          class="text-button"
          aria-expanded={asks}
          onClick={() => {
            setAsks(!asks);
          }}
        >
          How late is this?
        </button>
      </div>
      <p role="status">{isNothing && "Nothing was recorded yet that you can open: there is no minute ago to show."}</p>
      {asks && <Delayed stage={stage.current} />}
      <p class="quiet">Your household can see that you watch. The light at the door is on for as long.</p>
    </section>
  );
}

function Delayed({ stage }: { readonly stage: LiveStage | null }): JSX.Element {
  const [delay, setDelay] = useState<Delay | null>(null);
  useEffect(() => {
    const timer = setInterval(() => {
      setDelay(stage?.delay ?? null);
    }, DELAY_MS);
    return () => {
      clearInterval(timer);
    };
  }, [stage]);
  if (delay === null) return <p class="quiet">Nothing was measured yet.</p>;
  const ms = (value: number | null): string => (value === null ? "not known" : `${Math.round(value)} ms`);
  return (
    <dl class="delay">
      <dt>In the door</dt>
      <dd>{ms(delay.cameraMs)}</dd>
      <dt>On the way, beyond the quickest picture</dt>
      <dd>{ms(delay.networkMs)}</dd>
      <dt>Kept here, so that it runs evenly</dt>
      <dd>{ms(delay.bufferMs)}</dd>
    </dl>
  );
}

interface Sign {
  readonly tone: "good" | "bad" | "waiting" | "off";
  readonly words: string;
}
const UNABLE: Sign = { tone: "bad", words: "This browser cannot show live pictures." };

function told(state: Liveness, view: View): Sign {
  if (view.link.kind === "unreachable") return { tone: "bad", words: "Out of reach: this is not what happens now." };
  const { conditions } = view;
  if (conditions !== null && conditions !== "untold") {
    if (conditions.some(({ kind }) => kind === "privacy"))
      return { tone: "off", words: "Privacy is on: nothing is shown." };
    if (conditions.some(({ kind }) => kind === "camera")) return { tone: "bad", words: "The camera does not answer." };
  }
  switch (state.kind) {
    case "connecting":
      return { tone: "waiting", words: "Connecting…" };
    case "live":
      return { tone: "good", words: "Live" };
    case "late":
      return { tone: "bad", words: `Delayed by ${state.seconds} s` };
    case "still":
      return { tone: "bad", words: "No picture comes just now. Trying again…" };
    case "interfered":
      return { tone: "bad", words: "What came is not from your door, so it is not shown." };
    case "refused":
      return { tone: "bad", words: refusedInWords(state.sentence, true) };
  }
}

/** Who watches live at this moment, by the record; empty if nobody does. */
export function lookingNow({ verified, member }: View): string {
  const { watching } = verified.facts;
  const names = verified.chain.roster.readers
    .filter(({ sign }) => watching.has(toBase64(sign)))
    .map(({ sign, label }) => (equal(sign, member.keys.sign) ? "you" : label));
  return names.length === 0 ? "" : `Watching live now: ${names.join(", ")}.`;
}
