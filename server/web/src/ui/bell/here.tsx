// This device as a bell: what it can and cannot do, said plainly, and an audible test.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { type Sound, chime } from "./chime.ts";
import { type Permission, askToNotify, permission } from "./notify.ts";

/** Whether this device rings, as it changes. */
export function useChime(): Sound {
  const [sound, setSound] = useState(chime.sound);
  useEffect(() => {
    setSound(chime.sound);
    return chime.subscribe(() => {
      setSound(chime.sound);
    });
  }, []);
  return sound;
}

const RINGS: Readonly<Record<Sound, string>> = {
  none: "This browser makes no sounds for a page. Use another one as a bell.",
  off: "It does not ring yet.",
  asleep: "It will ring once you have touched this page: browsers keep a page silent until then, after each load.",
  mute: "This device gives the page no sound. Is its loudspeaker on?",
  on: "It rings while this page is open and the device is awake.",
};

const NOTIFIES: Readonly<Record<Permission, string>> = {
  none: "This browser shows no notifications for this page.",
  default: "Notifications are not allowed yet.",
  granted: "A notification appears when this page is open and not in sight.",
  denied: "Notifications are refused in this browser’s settings.",
};

interface Props {
  /** Make this device the bell on the wall. */
  readonly hang: () => void;
}

const WALL = {
  can: "This browser can keep its screen on.",
  cannot: "This browser cannot keep its screen on: set the screen’s time-out to never.",
} as const;

export function Here({ hang }: Props): JSX.Element {
  const sound = useChime();
  const [allowed, setAllowed] = useState(permission);
  const awake = "wakeLock" in navigator ? "can" : "cannot";
  const [isTested, setIsTested] = useState(false);
  return (
    <section aria-labelledby="here">
      <h2 id="here">This device as a bell</h2>
      <p>{RINGS[sound]}</p>
      <p>{NOTIFIES[allowed]}</p>
      <p class="quiet">
        A phone that is locked puts its pages to sleep: it does not ring then. No page of your own network can change
        that. The bell to rely on is in the house: the chime, or a tablet on the wall in bell mode.
      </p>
      <div class="tools">
        {(sound === "off" || sound === "asleep" || sound === "mute") && (
          <button
            type="button"
            class="action main"
            onClick={() => {
              setIsTested(true);
              void chime.enable();
            }}
          >
            Ring on this device
          </button>
        )}
        {sound === "on" && (
          <>
            <button
              type="button"
              class="action plain"
              onClick={() => {
                setIsTested(true);
                chime.ring(1);
              }}
            >
              Try the sound
            </button>
            <button
              type="button"
              class="action plain"
              onClick={() => {
                chime.disable();
              }}
            >
              Do not ring here
            </button>
          </>
        )}
        {allowed === "default" && (
          <button
            type="button"
            class="action plain"
            onClick={() => {
              void askToNotify().then(setAllowed);
            }}
          >
            Allow notifications
          </button>
        )}
      </div>
      <p role="status">
        {isTested && sound === "on" && "You should have heard it. If not, turn the volume up and try again."}
      </p>
      <h3>On the wall</h3>
      <p>
        An old tablet or phone that hangs in the house and stays plugged in makes a good bell: a clock that rings, shows
        who is there, and says so when it has lost the door. {WALL[awake]}
      </p>
      <div class="tools">
        <button type="button" class="action plain" onClick={hang}>
          Use this device as the bell
        </button>
      </div>
    </section>
  );
}
