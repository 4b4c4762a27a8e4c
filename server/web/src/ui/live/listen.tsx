// Whether the door listens, and what it hears at this moment, for whoever asks by a touch.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { View } from "../../door/view.ts";
import { type Hearing, canHearLive } from "../../play/hearing.ts";

interface Props {
  readonly hearing: Hearing;
  readonly view: View;
}

export function Listen({ hearing, view }: Props): JSX.Element | null {
  const [heard, setHeard] = useState(hearing.heard);
  useEffect(() => {
    hearing.changed = () => {
      setHeard(hearing.heard);
    };
    return () => {
      hearing.changed = () => undefined;
    };
  }, [hearing]);
  useEffect(() => {
    if (!view.listens) hearing.turn(false);
  }, [view.listens]);
  if (!view.listens) return null;
  if (!canHearLive()) return <p class="quiet">The door listens. This browser cannot play what it hears.</p>;
  return (
    <section class="listen" aria-label="Sound">
      <button
        type="button"
        class="action plain"
        aria-pressed={heard !== "off"}
        onClick={() => {
          hearing.turn(heard === "off");
        }}
      >
        {heard === "on" ? "Sound is on" : "Sound"}
      </button>
      {heard === "waiting" && <p role="status">This device gives the page no sound just now.</p>}
      <p class="quiet">{LISTENS}</p>
    </section>
  );
}

export const LISTENS =
  "The door listens: what is said in front of it is recorded with its films, and can be heard live. Tell whoever lives here, and whoever comes.";
