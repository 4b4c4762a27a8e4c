// A notification of the system, where the browser offers it and a person allowed it. It is made by this page on this device: no
// server pushes anything, so a page that is not open, or suspended, makes none.
//
// Source: WHATWG Notifications API.

/** What the browser says: not offered, not asked yet, allowed, refused. */
export type Permission = "none" | "default" | "granted" | "denied";

export const permission = (): Permission => ("Notification" in window ? Notification.permission : "none");

/** From within a touch: ask whether notifications may be shown. */
export async function askToNotify(): Promise<Permission> {
  return "Notification" in window ? Notification.requestPermission() : "none";
}

/** Show one; nothing of who came is in it, since it may lie on a locked screen. */
export async function notify(door: string, words: string): Promise<void> {
  if (permission() !== "granted") return;
  const options = { body: words, tag: "ring", renotify: true, icon: "/assets/icon.svg", requireInteraction: true };
  try {
    const worker = await navigator.serviceWorker.getRegistration();
    if (worker !== undefined) await worker.showNotification(door, options);
    else
      new Notification(door, options).addEventListener("click", () => {
        focus();
      });
  } catch (error) {
    // Android makes one only through a worker, private windows none at all: the page itself rings all the same.
    console.warn("no notification", error);
  }
}
