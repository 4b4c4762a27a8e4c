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
  const [isOn, setOn] = useState(false);
  useEffect(() => {
    if (!view.listens) setOn(false);
  }, [view.listens]);
  if (!view.listens) return null;
  if (!canHearLive()) return <p class="quiet">The door listens. This browser cannot play what it hears.</p>;
  return (
    <section class="listen" aria-label="Sound">
      <button
        type="button"
        class="action plain"
        aria-pressed={isOn}
        onClick={() => {
          hearing.turn(!isOn);
          setOn(!isOn);
        }}
      >
        {isOn ? "Sound is on" : "Sound"}
      </button>
      <p class="quiet">{LISTENS}</p>
    </section>
  );
}

export const LISTENS =
  "The door listens: what is said in front of it is recorded with its films, and can be heard live. Tell whoever lives here, and whoever comes.";
