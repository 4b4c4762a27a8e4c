// Whether this device hangs on the wall as a bell: kept across loads, since whoever restarts a tablet wants the bell back.

const ON_THE_WALL = "doorward-bell-mode";

export function isOnTheWall(): boolean {
  try {
    return localStorage.getItem(ON_THE_WALL) !== null;
  } catch {
    return false;
  }
}

export function hang(isHung: boolean): void {
  try {
    if (isHung) localStorage.setItem(ON_THE_WALL, "1");
    else localStorage.removeItem(ON_THE_WALL);
  } catch {
    // It then lasts as long as the page is open.
  }
}

/** The whole screen, where the browser gives it; bell mode works without. */
export async function takeScreen(): Promise<void> {
  try {
    const { documentElement } = document as { documentElement: Partial<Element> };
    await documentElement.requestFullscreen?.call(document.documentElement);
  } catch (error) {
    console.warn("not the whole screen", error);
  }
}

export async function giveScreen(): Promise<void> {
  // Older engines lack it, whatever TypeScript’s lists say.
  const { fullscreenElement } = document as { fullscreenElement?: Element | null };
  if (fullscreenElement) await document.exitFullscreen();
}
